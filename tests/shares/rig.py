"""Real Samba and vsftpd on loopback, configured by `dashcam network apply`, in folders of their own."""

from __future__ import annotations

import grp
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from dashcam.network.apply import run
from dashcam.network.apply_places import Listening, Places, find_netconfig
from dashcam.network.wanted import SECRETS_NAME, WANTED_NAME, Applied, ShareSecret, Wanted
from dashcam.system.appliance import FTP_UNIT, SMB_UNIT
from dashcam.system.tool import run_tool
from tests.conftest import CHECKOUT, skip_unless_in_ci
from tests.endurance.child_process import dies_with_us

SHARE_USER, RECORDER_USER, CARD_GROUP = "mail", "daemon", "games"
"""Stand-ins that every Debian has; on the appliance there are users and a group for this. Not `ftp`: vsftpd takes that
name for nobody's."""
PASSWORD = "ein Pässwort, $HOME 'und' \"mehr\" \\ %u"
ADDRESS = "127.0.0.1"
PATIENCE_SECONDS = 60.0
_PASSIVE_PORTS = 10
_PROGRAMS = ("smbd", "vsftpd", "testparm", "smbpasswd", "smbclient", "openssl", "nft", "lftp", "unshare")
# What would change this machine; everything else that root runs is harmless in folders of its own.
_CHANGING = ("mount", "modprobe", "iw", "rfkill", "systemctl")


def require_programs() -> None:
    """Skips where the real ones are not to be had."""
    if os.geteuid() != 0:
        skip_unless_in_ci("needs root: Samba and vsftpd log in users")
    if missing := [name for name in _PROGRAMS if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]:
        skip_unless_in_ci(f"not installed: {', '.join(missing)}")
    if not any(Path("/").glob("*/*/security/pam_pwdfile.so")) and not any(Path("/lib").glob("*/security/pam_pwd*")):
        skip_unless_in_ci("not installed: libpam-pwdfile")
    try:
        pwd.getpwnam(SHARE_USER), grp.getgrnam(CARD_GROUP)
    except KeyError as error:
        skip_unless_in_ci(f"this machine has no {error}")


def limited_as(unit: str) -> list[str]:
    """The start of a command that has only the capabilities that its unit leaves it."""
    [names] = re.findall(r"^CapabilityBoundingSet=(.+)$", (CHECKOUT / "boot" / unit).read_text(), re.MULTILINE)
    kept = ",".join(["-all", *(f"+{name.removeprefix('CAP_').lower()}" for name in names.split())])
    return ["setpriv", f"--bounding-set={kept}", "--no-new-privs"]


def free_ports() -> Listening:
    """Ports of loopback that nobody listens on, with a row of them for passive FTP."""
    with ExitStack() as stack:
        taken = []
        for _ in range(2):
            probe = stack.enter_context(socket.socket())
            probe.bind((ADDRESS, 0))
            taken.append(probe.getsockname()[1])
    while True:
        first = random.randrange(20_000, 30_000)
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + _PASSIVE_PORTS):
                stack.enter_context(socket.socket()).bind((ADDRESS, port))
            ports = (first, first + _PASSIVE_PORTS - 1)
            return Listening(smb_port=taken[0], ftp_port=taken[1], passive_ports=ports, address=ADDRESS)


@dataclass
class RootOfNothing:
    """Runs what root would, but for what would change this machine, which is only noted."""

    noted: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, words: Sequence[str], content: bytes = b"", *, limit_seconds: float = 20.0) -> str:
        assert not any(PASSWORD in word for word in words)
        if words[0] in _CHANGING or tuple(words[:2]) == ("nft", "--file"):
            self.noted.append(tuple(words))
            return ""
        return run_tool(words, content, limit_seconds=limit_seconds)


def places_below(folder: Path, listening: Listening | None = None) -> Places:
    """Everything below `folder`, by tools that change nothing outside of it."""
    for name in ("state-network", "network"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return Places(
        wanted=folder / "state-network" / WANTED_NAME,
        secrets=folder / "network" / SECRETS_NAME,
        dcim=folder / "data" / "DCIM",
        templates=find_netconfig(),
        runtime=folder / "run",
        kept=folder / "kept",
        boot_folders=(folder / "boot",),
        ssh=folder / "ssh",
        radios=folder / "radios",
        modules=folder / "modules",
        share_user=SHARE_USER,
        card_group=CARD_GROUP,
        listening=listening or Listening(),
        writers=frozenset({os.getuid()}),
        run=RootOfNothing(),
    )


@dataclass
class Machine:
    """A machine with shares; what it wants may change while it runs."""

    folder: Path
    places: Places
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def dcim(self) -> Path:
        return self.places.dcim

    @property
    def smb_port(self) -> int:
        return self.places.listening.smb_port

    @property
    def ftp_port(self) -> int:
        return self.places.listening.ftp_port

    def apply(self, wanted: Wanted, password: str | None = None) -> Applied:
        """As dashcam-apply.service does."""
        self.places.wanted.write_bytes(msgspec.json.encode(wanted))
        if password is not None:
            self.places.secrets.write_bytes(msgspec.json.encode(ShareSecret(password=password)))
        return run(self.places)

    def start_smb(self) -> None:
        """As dashcam-smb.service does."""
        config = self.places.runtime / "smb.conf"
        words = [*limited_as(SMB_UNIT), "smbd", "--foreground", f"--configfile={config}", "--debug-stdout"]
        self._start("smb", words, self.smb_port)

    def start_ftp(self) -> None:
        """As dashcam-ftp.service does, with a PAM folder of its own over the machine's."""
        pam = self.folder / "pam.d"
        pam.mkdir(exist_ok=True)
        rules = (self.places.templates / "vsftpd.pam").read_text()
        assert "/var/lib/dashcam-shares/" in rules
        (pam / "dashcam-ftp").write_text(rules.replace("/var/lib/dashcam-shares", str(self.places.kept)))
        script = 'mount --bind "$1" /etc/pam.d && shift && exec "$@"'
        words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(pam)]
        words += [*limited_as(FTP_UNIT), "vsftpd", str(self.places.runtime / "vsftpd.conf")]
        self._start("ftp", words, self.ftp_port)

    def stop(self, name: str) -> None:
        """Ends it and all that it has started for clients."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        for name in list(self.processes):
            self.stop(name)
        # Samba's helpers are sessions of their own, which the unit's end ends on the appliance.
        config = f"--configfile={self.places.runtime / 'smb.conf'}"
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if config in (folder / "cmdline").read_text(errors="replace").split("\0"):
                    os.kill(int(folder.name), signal.SIGTERM)

    def _start(self, name: str, words: list[str], port: int) -> None:
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                dies_with_us(words), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        self.processes[name] = process
        until(lambda: listens(port) or process.poll() is not None, f"{name} listens")
        assert process.poll() is None, (self.folder / f"{name}.log").read_text(errors="replace")


def listens(port: int) -> bool:
    """Whether somebody takes calls there."""
    with socket.socket() as probe:
        return probe.connect_ex((ADDRESS, port)) == 0


def until(is_so: Callable[[], bool], words: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits for something that another process does."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, f"not within {seconds:g} s: {words}"
        time.sleep(0.02)


CLIP = "VIDEO/2026-11-20/dcp_20261120154500.mp4"
CLIP_BYTES = 3_000_000
HIDDEN = ("VIDEO/2026-11-20/.tmp-17-dcp_20261120154600.mp4", ".secret", "VIDEO/.DS_Store")


def fill_card(dcim: Path) -> None:
    """A clip with its sidecar, and what nobody is to see; owners and modes are those of the appliance."""
    content = random.Random(1).randbytes(CLIP_BYTES)
    for name in (CLIP, CLIP.replace(".mp4", ".json"), "PHOTO/2026-11-20/dcp_20261120154530.jpg", *HIDDEN):
        path = dcim / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if name.endswith(".mp4") else b"{}")
    give_to_recorder(dcim)


def give_to_recorder(dcim: Path) -> None:
    """Folders 2775 of the card's group, files 0644."""
    owner, group = pwd.getpwnam(RECORDER_USER).pw_uid, grp.getgrnam(CARD_GROUP).gr_gid
    for path in (dcim, *dcim.rglob("*")):
        os.chown(path, owner, group)
        path.chmod(0o2775 if path.is_dir() else 0o644)


@contextmanager
def machine() -> Iterator[Machine]:
    """One with a card, on which nothing runs yet. Its folder may be entered by everybody."""
    require_programs()
    folder = Path(tempfile.mkdtemp(prefix="dashcam-shares-"))
    folder.chmod(0o755)
    places = places_below(folder, free_ports())
    fill_card(places.dcim)
    made = Machine(folder, places)
    try:
        yield made
    finally:
        made.stop_all()
        shutil.rmtree(folder)
