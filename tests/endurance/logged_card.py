"""A card with a real file system whose every write is logged: nbdkit -> nbdfuse -> loop device -> ext4 of the host.

Everything is mounted in a mount namespace of the rig's own and the helpers die with the rig: whatever ends it, nothing
stays behind.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.endurance.child_process import ChildProcess
from tests.endurance.disk_log import BLOCK_BYTES

# Room for minutes of small pictures; the whole of it is written for every state.
_CARD_BYTES = 64 * 1024 * 1024
_TOOLS = ("nbdkit", "nbdfuse", "mkfs.ext4", "e2fsck", "mount", "umount", "unshare", "setpriv")
_IN_NAMESPACE = "DASHCAM_RIG_HAS_OWN_MOUNTS"
_START_LIMIT_SECONDS = 30.0
_LOOK_SECONDS = 0.02
# e2fsck: 0 clean, 1 the journal was replayed or something small corrected; more is damage.
_WORST_GOOD_FSCK = 1
_PLUGIN = Path(__file__).with_name("logging_disk.py")


class DamagedCard(Exception):
    """The file system did not survive; the message is what e2fsck or mount say."""


def missing_ability() -> str:
    """What keeps the rig from running on this machine, in words; empty when nothing does."""
    if os.geteuid() != 0:
        return "the power-cut rig needs root: it mounts file systems"
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        return f"the power-cut rig needs {', '.join(missing)}; scripts/test installs them"
    for device in ("/dev/fuse", "/dev/loop-control"):
        if not Path(device).exists():
            return f"the power-cut rig needs {device}; this kernel or container does not offer it"
    if _run(["nbdkit", "--dump-plugin", "python"]).returncode != 0:
        return "the power-cut rig needs nbdkit's plugin for Python; scripts/test installs it"
    if _run(["unshare", "--mount", "true"]).returncode != 0:
        return "the power-cut rig may not mount here; a container needs CAP_SYS_ADMIN"
    return ""


def enter_own_namespace(module: str) -> None:
    """Starts the running module again, in the same process, where its mounts are seen by nobody else."""
    if os.environ.get(_IN_NAMESPACE) == str(os.getpid()):
        return
    environment = os.environ | {_IN_NAMESPACE: str(os.getpid())}
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", module, *sys.argv[1:]]
    os.execvpe(command[0], command, environment)


class LoggedCard:
    """The card while it is recorded to; `folder` is where it is mounted."""

    def __init__(self, work: Path) -> None:
        self.folder = work / "card"
        self.image = work / "image"
        self._work = work
        self._log = work / "disk-log"

    @contextlib.contextmanager
    def mounted(self) -> Iterator[Path]:
        """Makes a fresh card and mounts it; afterwards the log is whole."""
        make_file_system(self.image)
        socket, disk, messages = self._work / "socket", self._work / "disk", self._work / "messages"
        disk.touch()
        serve = ["nbdkit", "--foreground", "--unix", str(socket), "python", str(_PLUGIN)]
        with contextlib.ExitStack() as stack:
            parameters = [f"image={self.image}", f"log={self._log}"]
            server = stack.enter_context(ChildProcess([*serve, *parameters], messages))
            _wait_until(socket.exists, server, messages)
            bridge = stack.enter_context(ChildProcess(["nbdfuse", str(disk), "--unix", str(socket)], messages))
            stack.callback(_run, ["umount", "--lazy", str(disk)])
            _wait_until(lambda: disk.stat().st_size > 0, bridge, messages)
            stack.enter_context(mounted(disk, self.folder))
            yield self.folder

    def log_file(self) -> Path:
        """What the disk did; to be read once the card is not mounted any more."""
        return self._log


@contextlib.contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory: hundreds of cards are written, and none of them to a real disk."""
    with tempfile.TemporaryDirectory(prefix="dashcam-power-cut-") as name:
        _must(["mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", name])
        try:
            yield Path(name)
        finally:
            _must(["umount", name])


def make_file_system(image: Path) -> None:
    """An empty ext4 with the block size that large cards get; written whole at once, not later in the background."""
    with open(image, "wb") as file:
        file.truncate(_CARD_BYTES)
    options = ["-q", "-F", "-b", str(BLOCK_BYTES), "-E", "lazy_itable_init=0,lazy_journal_init=0"]
    _must(["mkfs.ext4", *options, str(image)])


@contextlib.contextmanager
def mounted(image: Path, folder: Path, *, read_only: bool = False) -> Iterator[Path]:
    """Mounts a file system in a file; the loop device goes with the mount. Raises DamagedCard."""
    folder.mkdir(exist_ok=True)
    _must(["mount", "-t", "ext4", "-o", "loop,ro" if read_only else "loop", str(image), str(folder)])
    try:
        yield folder
    finally:
        _must(["umount", str(folder)])


def mend_file_system(image: Path) -> None:
    """What a computer does before it mounts a card that lost power: replays the journal. Raises DamagedCard."""
    checked = _run(["e2fsck", "-f", "-p", str(image)])
    if checked.returncode > _WORST_GOOD_FSCK:
        raise DamagedCard(f"e2fsck ends with {checked.returncode}: {checked.stdout.strip()[-300:]}")


def _wait_until(is_there: Callable[[], bool], child: ChildProcess, messages: Path) -> None:
    until = time.monotonic() + _START_LIMIT_SECONDS
    while not is_there():
        if not child.is_alive or time.monotonic() > until:
            raise DamagedCard(f"the logged card does not start: {messages.read_text()[-500:]}")
        time.sleep(_LOOK_SECONDS)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def _must(command: Sequence[str]) -> None:
    done = _run(command)
    if done.returncode != 0:
        raise DamagedCard(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-300:]}")
