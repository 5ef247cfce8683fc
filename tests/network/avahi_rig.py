"""Two real avahi-daemons in networks of their own that know nobody but each other; the machine's is not touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import skip_unless_in_ci
from tests.endurance.child_process import dies_with_us
from tests.shares.rig import until
from tests.system.stand_in_logind import private_bus

_CONFIG = """[server]
host-name={name}
use-ipv6=no
enable-dbus=yes
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
"""
_RUN = "mount -t tmpfs none /run && mkdir /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot -f {}"
_LIMIT_SECONDS = 60.0


class Host:
    """A machine in a network of its own, with a bus and an avahi-daemon on it."""

    def __init__(self, folder: Path, address: str, name: str) -> None:
        self.folder = folder
        self.address = address
        self._config = folder / "avahi.conf"
        self._config.write_text(_CONFIG.format(name=name))
        # Its network lives as long as it does.
        self._holder = subprocess.Popen(dies_with_us(["unshare", "--net", "sleep", "infinity"]))
        until(lambda: _network_of(self.pid) != _network_of(os.getpid()), "a network of its own")
        self._avahi: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._holder.pid

    def ip(self, *words: str) -> None:
        """Sets up the network, which says nothing if all is well."""
        assert self.run("ip", *words) == ""

    def run(self, *words: str) -> str:
        """A program in this network, with this bus; what it prints, however it ends."""
        command = ["nsenter", f"--net=/proc/{self.pid}/ns/net", *words]
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.address}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LIMIT_SECONDS, env=environment, check=False
        )
        return done.stdout or done.stderr

    def start_avahi(self) -> None:
        command = ["nsenter", f"--net=/proc/{self.pid}/ns/net", "unshare", "--mount", "--propagation", "private"]
        command += ["sh", "-c", _RUN.format(self._config)]
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.address}
        with open(self.folder / "avahi.log", "ab") as log:
            self._avahi = subprocess.Popen(dies_with_us(command), env=environment, stdout=log, stderr=log)

    def stop_avahi(self) -> None:
        if self._avahi is not None:
            self._avahi.kill()
            self._avahi.wait()
            self._avahi = None

    def close(self) -> None:
        self.stop_avahi()
        self._holder.kill()
        self._holder.wait()


def _network_of(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


@contextmanager
def two_hosts(folder: Path, patch: pytest.MonkeyPatch, other_name: str) -> Iterator[tuple[Host, Host]]:
    """The dashcam's, and another one which is called `other_name`; avahi runs on the other one alone."""
    if os.geteuid() != 0:
        skip_unless_in_ci("needs root: networks of their own")
    if missing := [name for name in ("avahi-daemon", "avahi-browse", "ip", "nsenter") if shutil.which(name) is None]:
        skip_unless_in_ci(f"not installed: {', '.join(missing)}")
    for name in ("own", "other"):
        (folder / name).mkdir()
    with private_bus(folder / "other", patch) as other_bus, private_bus(folder / "own", patch) as own_bus:
        own, other = Host(folder / "own", own_bus, "from-the-system"), Host(folder / "other", other_bus, other_name)
        try:
            own.ip("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", str(other.pid))
            for host, address in ((own, "10.41.0.1/24"), (other, "10.41.0.2/24")):
                host.ip("address", "add", address, "dev", "cable")
                host.ip("link", "set", "lo", "up")
                host.ip("link", "set", "cable", "up", "multicast", "on")
            other.start_avahi()
            words = ("avahi-resolve", "-4", "--name", f"{other_name}.local")
            until(lambda: "10.41.0.2" in other.run(*words), "the other one has its name")
            yield own, other
        finally:
            own.close()
            other.close()
