"""Starts the appliance's tree under QEMU and hears what the trial inside tells.

The guest's time is counted by its instructions (QEMU's -icount): a busy host makes a trial take longer and changes
nothing else, and while the guest waits its time passes at once. A billion instructions a second on one processor are
about one core of the smallest board.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.made_videos import counting, write_video
from tests.vm.guest.telling import MARK

GUEST_FOLDER = Path(__file__).resolve().parent / "guest"
_CHECKOUT = Path(__file__).resolve().parents[2]
_KERNEL_LINE = (
    "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet systemd.show_status=0 mitigations=off loglevel=4 "
    "systemd.mask=serial-getty@ttyS0.service"
)
FILM = "/opt/rig/film.mp4"
_FILM_SECONDS, _FILM_RATE = 20, 15
_ROOT_BYTES = 3 * 1024**3
_UNIT = """\
[Unit]
Description=A trial of the virtual machine
DefaultDependencies=no
After=systemd-modules-load.service systemd-udevd.service
Before=NetworkManager.service

[Service]
Type=exec
Environment=PYTHONPATH=/opt/rig DASHCAM_RUNTIME=/run/dashcam
ExecStart=/opt/dashcam/venv/bin/python -m tests.vm.guest
StandardOutput=tty
StandardError=inherit
TTYPath=/dev/ttyS0
ExecStopPost=/bin/systemctl poweroff --no-block --force
"""
_RADIOS = 3
_NETWORK_MANAGER = (
    "[device]\nwifi.scan-rand-mac-address=no\n[keyfile]\n"
    "unmanaged-devices=interface-name:wlan1;interface-name:wlan2;interface-name:hwsim*\n"
)


@dataclass(frozen=True, slots=True)
class Drive:
    """A disk of the guest, a raw file; the host's cache is what survives the machine's death."""

    path: Path
    is_throwaway: bool = False


@dataclass(slots=True)
class Machine:
    """One start of the guest. `folder` holds vmlinuz and initrd.img."""

    folder: Path
    drives: tuple[Drive, ...]
    trial: str
    log: Path
    memory: str = "512M"
    is_hurried: bool = True
    """While the guest waits its time passes at once, for its disks, too, which then seem slow; else as time goes."""
    more: tuple[str, ...] = ()
    """Further words of the kernel's command line."""
    told: list[dict[str, Any]] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Switches it on."""
        drives = [
            word
            for drive in self.drives
            for word in (
                "-drive",
                f"file={drive.path},if=virtio,format=raw" + (",snapshot=on" if drive.is_throwaway else ""),
            )
        ]
        clock = f"shift=0,sleep={'off' if self.is_hurried else 'on'}"
        line = " ".join((_KERNEL_LINE, f"rig={self.trial}", *self.more))
        words = [
            *(
                "qemu-system-x86_64",
                "-accel",
                "tcg",
                "-icount",
                clock,
                "-cpu",
                "max",
                "-smp",
                "1",
            ),
            *("-m", self.memory, "-nodefaults", "-no-reboot", "-display", "none", "-monitor", "none"),
            *("-kernel", str(self.folder / "vmlinuz"), "-initrd", str(self.folder / "initrd.img"), "-append", line),
            *drives,
            *("-device", "virtio-rng-pci", "-serial", "stdio"),
        ]
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def lines(self, limit_seconds: float) -> Iterator[dict[str, Any]]:
        """What the trial tells, until the machine is off. Raises TimeoutError, on the host's clock."""
        assert self._process is not None
        assert self._process.stdout is not None
        until = time.monotonic() + limit_seconds
        alarm = _Alarm(self._process.pid, limit_seconds)
        with self.log.open("a", encoding="utf-8") as log, alarm:
            for line in self._process.stdout:
                log.write(line)
                log.flush()
                if line.startswith(MARK):
                    with suppress(ValueError):
                        self.told.append(json.loads(line.removeprefix(MARK)))
                        yield self.told[-1]
        self._process.wait()
        if time.monotonic() >= until:
            raise TimeoutError(f"{self.trial}: not over within {limit_seconds:g} s; see {self.log}")

    def pull_the_plug(self) -> None:
        """The power goes at this moment: what the disks have taken so far stays."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """May be called twice."""
        self.pull_the_plug()


class _Alarm:
    """Ends a machine that is not over in time."""

    def __init__(self, pid: int, seconds: float) -> None:
        self._process = subprocess.Popen(
            ["sh", "-c", f"sleep {seconds:g}; kill -KILL -{pid}"], start_new_session=True, stdin=subprocess.DEVNULL
        )

    def __enter__(self) -> _Alarm:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def build_tree(folder: Path) -> Path:
    """The appliance's tree as os-image makes it, with its kernel beside; gives its folder. An old one is replaced."""
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(
        [str(_CHECKOUT / "os-image" / "build-tree"), "--architecture", "amd64", "--kernel", str(tree)], check=True
    )
    for name, pattern in (("vmlinuz", "vmlinuz-*"), ("initrd.img", "initrd.img-*")):
        shutil.copy(next((tree / "boot").glob(pattern)), folder / name)
    (tree / "etc/fstab").write_text("/dev/vda / ext4 noatime 0 1\n")
    return tree


def add_trials(tree: Path, *, has_radios: bool) -> None:
    """The trials and their unit; simulated radios from the start, as a board has its own."""
    rig = tree / "opt/rig"
    package = rig / "tests/vm"
    shutil.copytree(GUEST_FOLDER, package / "guest", ignore=shutil.ignore_patterns("__pycache__"))
    for part in (rig / "tests", package):
        (part / "__init__.py").write_text('"""Of the rig."""\n')
    shutil.copy(GUEST_FOLDER / "mdns.py", rig / "mdns.py")
    units = tree / "etc/systemd/system"
    (units / "rig.service").write_text(_UNIT)
    wants = units / "sysinit.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / "rig.service").symlink_to("/etc/systemd/system/rig.service")
    if has_radios:
        (tree / "etc/modules-load.d/rig.conf").write_text("mac80211_hwsim\n")
        (tree / "etc/modprobe.d/rig.conf").write_text(f"options mac80211_hwsim radios={_RADIOS}\n")
        (tree / "etc/NetworkManager/conf.d").mkdir(parents=True, exist_ok=True)
        (tree / "etc/NetworkManager/conf.d/rig.conf").write_text(_NETWORK_MANAGER)


def add_film(tree: Path) -> str:
    """Twenty seconds to be replayed, so that nothing is encoded; gives the settings that do."""
    write_video(tree / FILM.lstrip("/"), counting(_FILM_SECONDS * _FILM_RATE, _FILM_RATE), rate=_FILM_RATE)
    return f'\n[camera]\nkind = "replay"\nsource = "{FILM}"\n\n[recording]\nsegment_seconds = 5\n'


def add_settings(tree: Path, settings: str) -> None:
    """Behind those that were installed, of which none is said twice."""
    path = tree / "etc/dashcam/dashcam.toml"
    path.write_text(path.read_text() + settings)


def make_disk(tree: Path, image: Path, size_bytes: int = _ROOT_BYTES) -> None:
    """The tree as an ext4 file system in a file, without loop devices."""
    with image.open("wb") as file:
        file.truncate(size_bytes)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-L", "root", "-d", str(tree), str(image)], check=True)
