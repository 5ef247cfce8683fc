"""A small tree that looks like a Raspberry Pi OS to the installer, and the tools that cannot run in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dashcam.appliance.machine import Machine
from dashcam.appliance.packages import PACKAGES
from dashcam.appliance.wishes import Wishes
from dashcam.system.patient_tool import run_patiently
from dashcam.system.tool import ToolFailed
from tests.conftest import skip_unless_in_ci

CHECKOUT = Path(__file__).resolve().parents[2]
ELF_64 = b"\x7fELF\x02\x01\x01" + bytes(60)
CONFIG = """# For more options and information see http://rptl.io/configtxt
dtparam=audio=on
camera_auto_detect=1
display_auto_detect=1
auto_initramfs=1
dtoverlay=vc4-kms-v3d
max_framebuffers=2
arm_64bit=1

[cm5]
dtoverlay=dwc2,dr_mode=host

[all]"""
COMMAND_LINE = (
    "console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait "
    "cfg80211.ieee80211_regdom=GB\n"
)
WIFI_STATE = "[main]\nNetworkingEnabled=true\nWirelessEnabled=false\nWWANEnabled=true\n"
BUILT_IN = "kernel/fs/ext4/ext4.ko\nkernel/drivers/mmc/core/mmc_block.ko\nkernel/drivers/mmc/host/bcm2835-sdhost.ko\n"
_SYSTEM = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/bin/bash\n",
    "etc/shadow": "root:*:20000:0:99999:7:::\npi:!:20000:0:99999:7:::\n",
    "etc/group": "root:x:0:\nvideo:x:44:pi\nnetdev:x:106:pi\npi:x:1000:\n",
    "etc/gshadow": "root:*::\nvideo:*::pi\nnetdev:*::pi\npi:!::\n",
    "etc/login.defs": "SYS_UID_MIN 100\nSYS_UID_MAX 999\nSYS_GID_MIN 100\nSYS_GID_MAX 999\nUSERGROUPS_ENAB yes\n",
    "etc/fstab": "proc /proc proc defaults 0 0\nPARTUUID=4e639091-02 / ext4 defaults,noatime 0 1\n",
    "etc/hostname": "raspberrypi\n",
    "usr/lib/systemd/systemd": "",
    "usr/lib/systemd/system/NetworkManager-wait-online.service": "[Unit]\n[Install]\nWantedBy=network-online.target\n",
    "usr/lib/systemd/system/apt-daily.timer": "[Timer]\nOnBootSec=1min\n",
    "usr/lib/systemd/system/bluetooth.service": "[Service]\nExecStart=/bin/true\n",
    "usr/lib/systemd/system/sysinit.target": "[Unit]\n",
    "usr/lib/systemd/system/multi-user.target": "[Unit]\n",
    "usr/lib/systemd/system/sockets.target": "[Unit]\n",
    "var/lib/NetworkManager/NetworkManager.state": WIFI_STATE,
    "home/pi/notes.txt": "mine\n",
}
_PI = {
    "boot/firmware/config.txt": CONFIG,
    "boot/firmware/cmdline.txt": COMMAND_LINE,
    "usr/lib/modules/6.12.47+rpt-rpi-v8/modules.builtin": BUILT_IN,
    "etc/cloud/cloud.cfg": "",
}
# Copies that Debian's own user tools keep, with their lock: they make them anew at every change.
OF_USER_TOOLS = {"etc/passwd-", "etc/shadow-", "etc/group-", "etc/gshadow-", "etc/.pwd.lock"}


def need_root_and_tools() -> None:
    """Skips where files cannot be given to others, or the real tools are missing."""
    if os.geteuid() != 0:
        skip_unless_in_ci("only root gives files to others")
    for name in ("systemctl", "systemd-sysusers", "userdel"):
        if shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin") is None:
            skip_unless_in_ci(f"{name} is missing")


def make_tree(root: Path, *, is_pi: bool = True, python: str = "python3.11", elf: bytes = ELF_64) -> Path:
    """A system in a folder."""
    os.umask(0o022)
    for name, content in (_SYSTEM | (_PI if is_pi else {})).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    (root / "usr/bin").mkdir()
    (root / "usr/bin" / python).write_bytes(elf)
    (root / "usr/bin/python3").symlink_to(python)
    (root / "etc/shadow").chmod(0o640)
    (root / "etc/gshadow").chmod(0o640)
    os.chown(root / "home/pi/notes.txt", 1000, 1000)
    status = "".join(f"Package: {package.name}\nStatus: install ok installed\nVersion: 1\n\n" for package in PACKAGES)
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "var/lib/dpkg/status").write_text(status)
    # As with any system, some links are there before.
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "ssh.service").symlink_to("/usr/lib/systemd/system/ssh.service")
    return root


class Tools:
    """Runs the real tools, but for what would have to run inside: the Python environment is a stand-in."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.asked: list[list[str]] = []
        self.fails_at = ""
        """A word: the first tool that is given it fails."""

    def __call__(self, words: Sequence[str], content: bytes = b"") -> str:
        self.asked.append(list(words))
        if self.fails_at in words:
            self.fails_at = ""
            raise ToolFailed("the power is gone")
        if words[0] != "chroot":
            return run_patiently(words, content)
        assert words[1] == str(self._root)
        return self._inside(words[2:])

    def _inside(self, words: Sequence[str]) -> str:
        if words[1:3] == ["-m", "venv"]:
            (self._root / words[-1].lstrip("/") / "bin").mkdir(parents=True)
        elif "install" in words and words[-1].endswith("source"):
            source = self._root / words[-1].lstrip("/")
            assert (source / "setup.cfg").is_file()
            assert (source / "dashcam/cli.py").is_file()
            assert not list(source.rglob("__pycache__"))
            program = self._root / words[0].lstrip("/")
            (program.parent / "dashcam").write_text("#!/bin/sh\n")
        elif words[-1] == "--version":
            return "dashcam 0.1.0\n"
        return ""


def snapshot(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything there is, with owner, mode and content."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        facts = path.lstat()
        if path.is_symlink():
            content: object = path.readlink()
        else:
            content = path.read_bytes() if path.is_file() else None
        if name not in OF_USER_TOOLS:
            found[name] = (facts.st_mode, facts.st_uid, facts.st_gid, content)
    return found


def machine_of(root: Path) -> tuple[Machine, Tools]:
    """The tree as a machine."""
    tools = Tools(root)
    return Machine(root, tool=tools), tools


def wishes(**given: object) -> Wishes:
    """Of this checkout."""
    return Wishes(checkout=CHECKOUT, **given)  # type: ignore[arg-type]


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: everything is made durable, which a busy disk takes its time for."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="dc-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(name="pi")
def pi_fixture(folder: Path) -> Path:
    """A Raspberry Pi OS in a folder."""
    need_root_and_tools()
    return make_tree(folder / "tree")
