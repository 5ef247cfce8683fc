"""What is changed in config.txt and cmdline.txt, which a Raspberry Pi reads before it starts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dashcam.appliance.change import Change
from dashcam.appliance.edits import EditBlock, EditCommandLine
from dashcam.appliance.files import text_of
from dashcam.appliance.machine import Machine
from dashcam.appliance.texts import without_block, words_of
from dashcam.appliance.units import MaskUnit
from dashcam.appliance.wishes import Wishes

LONGEST_LINE = 98
"""The firmware reads no further in a line of config.txt."""
CAMERAS = ("imx219", "imx290", "imx296", "imx378", "imx462", "imx477", "imx500", "imx519", "imx708", "ov5647", "ov9281")
"""Overlays of Raspberry Pi cameras that are known to their firmware."""
_GRAPHICS = r"dtoverlay=vc4-f?kms-v3d\s*$"
# All of what lies between the card and the root file system; as modules.builtin(5) has it.
_NEEDED_BUILT_IN = (
    re.compile(r"/fs/ext4/ext4\.ko"),
    re.compile(r"/mmc/core/mmc_block\.ko"),
    re.compile(r"/mmc/host/(?:bcm2835|sdhci-iproc|sdhci-brcmstb)"),
)


def _config(machine: Machine, name: str, lines: Sequence[str], why: str, in_the_way: str = "") -> Change:
    # What stands above may be for one kind of board alone; [all] ends that.
    return EditBlock(
        path=f"{machine.boot_folder}/config.txt", name=name, lines=("[all]", *lines), why=why, in_the_way=in_the_way
    )


def _config_text(machine: Machine) -> str:
    return text_of(machine.path(machine.boot_folder) / "config.txt") or ""


def _kernel_words(machine: Machine, add: Sequence[str], why: str, drop: Sequence[str] = ()) -> list[Change]:
    """Words of cmdline.txt; nothing when there are none to add."""
    if not add:
        return []
    path = f"{machine.boot_folder}/cmdline.txt"
    return [EditCommandLine(path=path, add=tuple(add), drop=tuple(drop), why=why)]


def country(machine: Machine, wishes: Wishes) -> list[Change]:
    """The radio's country, when it was said."""
    words = (f"cfg80211.ieee80211_regdom={wishes.country}",) if wishes.country else ()
    return _kernel_words(machine, words, "the channels that are allowed there")


def wifi_driver(machine: Machine, _wishes: Wishes) -> list[Change]:
    """Phones with WPA2 and WPA3."""
    words = ("brcmfmac.roamoff=1", "brcmfmac.feature_disable=0x2282000")
    return _kernel_words(machine, words, "phones with WPA2 and WPA3")


def memory_caps(machine: Machine, _wishes: Wishes) -> list[Change]:
    """What the units say of memory counts only so."""
    return _kernel_words(machine, ("cgroup_enable=memory",), "caps of memory count", ("cgroup_disable=memory",))


def quiet(machine: Machine, _wishes: Wishes) -> list[Change]:
    """No words to a serial port, which would be waited for."""
    drop = ("console=serial0,115200", "console=ttyAMA0,115200", "console=ttyS0,115200")
    return _kernel_words(machine, ("quiet", "loglevel=3", "logo.nologo"), "no waiting for a console", drop)


def quick_firmware(machine: Machine, _wishes: Wishes) -> list[Change]:
    """What the firmware shall not spend time on."""
    lines = ("disable_splash=1", "display_auto_detect=0", "dtparam=audio=off", "boot_delay=0", "initial_turbo=60")
    return [_config(machine, "quick-firmware", lines, "a quicker start")]


def no_hdmi(machine: Machine, _wishes: Wishes) -> list[Change]:
    """The graphics driver without HDMI, where there is one; options it was given by hand stay."""
    found = re.search(f"^{_GRAPHICS}", without_block(_config_text(machine), "no-hdmi"), re.MULTILINE)
    if found is None:
        return []
    return [_config(machine, "no-hdmi", (f"{found[0].strip()},nohdmi",), "no screen is searched for", _GRAPHICS)]


def camera_named(machine: Machine, wishes: Wishes) -> list[Change]:
    """The camera's overlay, when it was named."""
    if not wishes.camera:
        return []
    return [_config(machine, "camera", ("camera_auto_detect=0", f"dtoverlay={wishes.camera}"), "this camera")]


def no_bluetooth(machine: Machine, _wishes: Wishes) -> list[Change]:
    """Neither the chip nor its services."""
    return [
        _config(machine, "no-bluetooth", ("dtoverlay=disable-bt",), "no Bluetooth"),
        *(MaskUnit(unit=unit, why="no Bluetooth") for unit in ("hciuart.service", "bluetooth.service")),
    ]


def no_initramfs(machine: Machine, _wishes: Wishes) -> list[Change]:
    """Only where the kernel surely finds its root file system by itself."""
    command_line = text_of(machine.path(machine.boot_folder) / "cmdline.txt") or ""
    kernels = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(machine.path("/usr/lib/modules").glob("*/modules.builtin"))
    ]
    if not starts_without_initramfs(command_line, _config_text(machine), kernels):
        return []
    return [_config(machine, "no-initramfs", ("auto_initramfs=0",), "the kernel has all it needs built in")]


def starts_without_initramfs(command_line: str, config: str, kernels: Sequence[str]) -> bool:
    """Whether every kernel has all it needs built in, and nothing asks for what only an initramfs can do.

    `kernels`: their lists of what is built in.
    """
    words = words_of(command_line)
    roots = [word.removeprefix("root=") for word in words if word.startswith("root=")]
    is_simple = len(roots) == 1 and re.match(r"PARTUUID=|/dev/mmcblk", roots[0]) is not None
    is_ext4 = "rootfstype=ext4" in words
    asks_for_more = any(re.match(r"(overlayroot|boot|init|cryptdevice|resize)(=|$)", word) for word in words)
    names_one = re.search(r"^\s*(initramfs|ramfsfile)[ =]", config, re.MULTILINE) is not None
    have_all = all(need.search(kernel) for kernel in kernels for need in _NEEDED_BUILT_IN)
    return is_simple and is_ext4 and not asks_for_more and not names_one and bool(kernels) and have_all
