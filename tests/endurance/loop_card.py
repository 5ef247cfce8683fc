"""A small card with a real file system: an ext4 in a file, which can stall, fail, vanish and come back.

To be used in a mount namespace of one's own (`logged_card.enter_own_namespace`). The loop device is given up as soon
as it is mounted and goes with its last user, so that nothing stays behind whatever ends the rig.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.conftest import CHECKOUT

_TOOLS = ("losetup", "mkfs.ext4", "e2fsck", "mount", "umount", "unshare", "setpriv")
# linux/ext4.h: the file system stops as if its device were gone, after everything was written.
_SHUT_DOWN, _AFTER_WRITING_ALL = 0x8004587D, struct.pack("I", 0)
_BUSY_LIMIT_SECONDS = 60.0
_LOOK_SECONDS = 0.05
# e2fsck: 0 clean, 1 corrected; more is damage.
_WORST_GOOD_FSCK = 1


def missing_ability() -> str:
    """What keeps a rig with such a card from running on this machine, in words; empty when nothing does."""
    if os.geteuid() != 0:
        return "the rigs with a small card need root: they mount file systems"
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        return f"the rigs with a small card need {', '.join(missing)}; scripts/test installs them"
    if not Path("/dev/loop-control").exists():
        return "the rigs with a small card need /dev/loop-control; this kernel or container does not offer it"
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode != 0:
        return "the rigs with a small card may not mount here; a container needs CAP_SYS_ADMIN"
    return ""


class LoopCard:
    """Mounted at `folder` from entering to leaving the context."""

    def __init__(self, work: Path, size_bytes: int) -> None:
        self.folder = work / "card"
        self.size_bytes = size_bytes
        self._image = work / "card.image"
        self._device = ""
        self._hold = -1

    def __enter__(self) -> Self:
        self.folder.mkdir()
        with open(self._image, "wb") as file:
            file.truncate(self.size_bytes)
        # No blocks for root only: the recorder of these rigs is root, the one of a real card is not.
        _must(["mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", str(self._image)])
        self._device = _must(["losetup", "--find", "--show", str(self._image)]).strip()
        try:
            self._hold = os.open(self._device, os.O_RDONLY | os.O_CLOEXEC)
        finally:
            # Takes effect when the last one has let go of it.
            _must(["losetup", "--detach", self._device])
        self.mount()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        while self.is_mounted:
            _must(["umount", "--lazy", str(self.folder)])
        os.close(self._hold)

    @property
    def is_mounted(self) -> bool:
        """Whether anything is mounted there now."""
        return self.folder.is_mount()

    def mount(self, *options: str) -> None:
        """Puts the card in."""
        _must(["mount", "-t", "ext4", "-o", ",".join(("errors=remount-ro", *options)), self._device, str(self.folder)])

    def remount(self, option: str) -> None:
        """`ro` or `rw`, while it is in."""
        _must(["mount", "-o", f"remount,{option}", str(self.folder)])

    def unmount(self, *, lazily: bool = False) -> None:
        """Takes the card out; not lazily it waits until nobody uses it. Raises TimeoutError."""
        if lazily:
            _must(["umount", "--lazy", str(self.folder)])
            return
        until = time.monotonic() + _BUSY_LIMIT_SECONDS
        while _run(["umount", str(self.folder)]).returncode != 0:
            if time.monotonic() > until:
                raise TimeoutError(f"{self.folder} stays busy")
            threading.Event().wait(_LOOK_SECONDS)

    def mend(self) -> None:
        """What a computer does before it mounts a damaged card. Raises OSError when it cannot be mended."""
        checked = _run(["e2fsck", "-f", "-p", self._device])
        if checked.returncode > _WORST_GOOD_FSCK:
            raise OSError(f"e2fsck ends with {checked.returncode}: {checked.stdout.strip()[-300:]}")

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, the card answers no write at all, as one that is busy with itself."""
        command = [sys.executable, "-m", "tests.endurance.freezer", str(self.folder)]
        with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as freezer:
            assert freezer.stdin is not None
            assert freezer.stdout is not None
            try:
                if freezer.stdout.readline() != b"frozen\n":
                    raise OSError(f"{self.folder} cannot be frozen")
                yield
            finally:
                freezer.stdin.close()

    def fail(self) -> None:
        """The kernel finds the file system damaged and makes it read-only under whoever writes."""
        Path("/sys/fs/ext4", Path(self._device).name, "trigger_fs_error").write_text("a rig")

    def shut_down(self) -> None:
        """Every further access fails with an input/output error, as if it were pulled out."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(folder, _SHUT_DOWN, _AFTER_WRITING_ALL)
        finally:
            os.close(folder)

    def left_below(self) -> list[str]:
        """What lies below the mount point while the card is out."""
        assert not self.is_mounted
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))

    def free_bytes(self) -> int:
        """What may still be written."""
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def _must(command: Sequence[str]) -> str:
    done = _run(command)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout
