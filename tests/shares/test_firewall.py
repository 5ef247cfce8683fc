"""The rules in force, in a network of their own: what another machine reaches, and what it does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.endurance.child_process import dies_with_us
from tests.shares.rig import require_programs
from tests.shares.variants import FOLDER

OWN, STRANGERS = "10.41.0.1", "203.0.113.1"
OPEN_PORTS = (21, 22, 80, 445, 631, 5900, 8000, 40000, 40009, 40010)
_LISTEN = """
import selectors, socket, sys
selector = selectors.DefaultSelector()
for port in sys.argv[1:]:
    listening = socket.create_server(("", int(port)))
    selector.register(listening, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        key.fileobj.accept()[0].close()
"""
# All at once: what is dropped is known only by waiting.
_KNOCK = """
import concurrent.futures, socket, sys
def knock(port):
    try:
        socket.create_connection((sys.argv[1], port), 1).close()
    except OSError as error:
        return None
    return port
ports = [int(word) for word in sys.argv[2:]]
with concurrent.futures.ThreadPoolExecutor(len(ports)) as pool:
    print(*[port for port in pool.map(knock, ports) if port])
"""


class Net:
    """A dashcam and a phone, with a cable between them."""

    def __init__(self, dashcam: int, phone: int) -> None:
        self._pids = {"dashcam": dashcam, "phone": phone}

    def words(self, who: str, *words: str) -> list[str]:
        return ["nsenter", f"--net=/proc/{self._pids[who]}/ns/net", *words]

    def run(self, who: str, *words: str) -> str:
        done = subprocess.run(self.words(who, *words), capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def reached(self, address: str, by: str = "phone") -> list[int]:
        """Ports of this address on which there is an answer."""
        ports = [str(port) for port in OPEN_PORTS]
        return [int(word) for word in self.run(by, sys.executable, "-c", _KNOCK, address, *ports).split()]


@contextmanager
def own_network() -> Iterator[int]:
    """The process that holds it."""
    script = ["sh", "-c", "echo ready; exec sleep infinity"]
    with subprocess.Popen(dies_with_us(["unshare", "--net", *script]), stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        try:
            yield holder.pid
        finally:
            holder.kill()


@pytest.fixture(scope="module")
def net() -> Iterator[Net]:
    require_programs()
    with own_network() as dashcam, own_network() as phone:
        made = Net(dashcam, phone)
        made.run("dashcam", "ip", "link", "add", "wlan0", "type", "veth", "peer", "name", "phone0", "netns", str(phone))
        for who, device, number in (("dashcam", "wlan0", 1), ("phone", "phone0", 2)):
            made.run(who, "ip", "link", "set", "lo", "up")
            made.run(who, "ip", "link", "set", device, "up")
            made.run(who, "ip", "address", "add", f"10.41.0.{number}/24", "dev", device)
            made.run(who, "ip", "address", "add", f"203.0.113.{number}/24", "dev", device)
        with listeners(made, "dashcam"), listeners(made, "phone"):
            yield made


@contextmanager
def listeners(net: Net, who: str) -> Iterator[None]:
    """Somebody answers on all ports."""
    ports = [str(port) for port in OPEN_PORTS]
    command = dies_with_us(net.words(who, sys.executable, "-c", _LISTEN, *ports))
    with subprocess.Popen(command, stdout=subprocess.PIPE) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            listening.kill()


@pytest.mark.parametrize(
    ("rules", "near", "far"),
    [
        ("firewall-page.nft", [80, 8000], []),
        ("firewall-no-password-yet.nft", [22, 80, 8000], [22]),
        ("firewall-drive.nft", [80, 445, 8000], []),
        ("firewall-all.nft", [21, 22, 80, 445, 8000, 40000, 40009], [22]),
    ],
)
def test_another_machine_reaches_what_is_on_and_a_stranger_from_afar_nothing(
    net: Net, rules: str, near: list[int], far: list[int]
) -> None:
    # One after the other: each takes the place of the one before, as a whole.
    net.run("dashcam", "nft", "--file", str(FOLDER / rules))
    assert net.reached(OWN) == near
    assert net.reached(STRANGERS) == far
    assert net.run("dashcam", "nft", "list", "tables") == "table inet dashcam\n"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.41.0.2"])
def test_the_machine_itself_reaches_itself_and_everybody(net: Net, address: str) -> None:
    net.run("dashcam", "nft", "--file", str(FOLDER / "firewall-page.nft"))
    assert net.reached(address, by="dashcam") == list(OPEN_PORTS)


def test_what_was_there_before_stays(net: Net, tmp_path: Path) -> None:
    of_others = tmp_path / "of-others.nft"
    of_others.write_text("table ip nm-shared-wlan0 { chain a { } \n}\n")
    net.run("dashcam", "nft", "--file", str(of_others))
    net.run("dashcam", "nft", "--file", str(FOLDER / "firewall-drive.nft"))
    assert set(net.run("dashcam", "nft", "list", "tables").splitlines()) == {
        "table inet dashcam",
        "table ip nm-shared-wlan0",
    }
    net.run("dashcam", "nft", "delete", "table", "ip", "nm-shared-wlan0")
