"""What makes the start quicker and the small board steadier: one table, for the changes and for the README alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dashcam.appliance.boot_files import (
    camera_named,
    country,
    memory_caps,
    no_bluetooth,
    no_hdmi,
    no_initramfs,
    quick_firmware,
    quiet,
    wifi_driver,
)
from dashcam.appliance.change import Change
from dashcam.appliance.edits import SwitchWifiOn
from dashcam.appliance.files import WriteFile
from dashcam.appliance.machine import Machine
from dashcam.appliance.mount_options import OpenToGroup
from dashcam.appliance.units import MaskUnit
from dashcam.appliance.wishes import Wishes
from dashcam.system.appliance import STATE_GROUP

Changes = Callable[[Machine, Wishes], list[Change]]
WAITING = (
    "NetworkManager-wait-online.service",
    "systemd-networkd-wait-online.service",
    "ifupdown-wait-online.service",
)
CHORES = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "unattended-upgrades.service", "man-db.timer"),
    *("dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service", "rpi-eeprom-update.service"),
    *("ModemManager.service", "triggerhappy.service", "keyboard-setup.service", "console-setup.service"),
    *("udisks2.service", "packagekit.service"),
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One line of the table."""

    name: str
    """For `--without`; empty: it is how the dashcam is made, and cannot be left out."""
    what: str
    """What is changed, in words."""
    gain: str
    risk: str
    """What it costs somebody, and where the figure is from."""
    undone: str
    """What --remove does."""
    on_raspberry_pi_only: bool = False
    changes: Changes = lambda _machine, _wishes: []


def _masks(units: Sequence[str], why: str) -> Changes:
    def changes(_machine: Machine, _wishes: Wishes) -> list[Change]:
        return [MaskUnit(unit=unit, why=why) for unit in units]

    return changes


def _file(path: str, content: str, why: str) -> Changes:
    """A file of ours beside those of the system."""
    text = f"# Written by scripts/install of the dashcam: {why}.\n{content}"

    def changes(_machine: Machine, _wishes: Wishes) -> list[Change]:
        return [WriteFile(path=path, content=text, why=why)]

    return changes


def _no_cloud_init(machine: Machine, _wishes: Wishes) -> list[Change]:
    if not machine.path("/etc/cloud").is_dir():
        return []
    return [WriteFile(path="/etc/cloud/cloud-init.disabled", content="", why="it has set this machine up once")]


def _wifi_on(_machine: Machine, wishes: Wishes) -> list[Change]:
    return [SwitchWifiOn()] if wishes.has_wifi else []


def _wifi_awake(machine: Machine, wishes: Wishes) -> list[Change]:
    write = _file(
        "/etc/NetworkManager/conf.d/60-dashcam.conf", "[connection]\nwifi.powersave=2\n", "Wi-Fi does not doze"
    )
    return write(machine, wishes) if wishes.has_wifi else []


def _boot_partition(machine: Machine, _wishes: Wishes) -> list[Change]:
    return [OpenToGroup(place=machine.boot_folder, group=STATE_GROUP)]


def _zram(machine: Machine, wishes: Wishes) -> list[Change]:
    why = "swap is compressed memory, never the card"
    if machine.path("/usr/lib/systemd/system-generators/rpi-swap-generator").exists():
        return _file("/etc/rpi/swap.conf.d/60-dashcam.conf", "[Main]\nMechanism=zram\n", why)(machine, wishes)
    content = "[zram0]\nzram-size = ram / 2\ncompression-algorithm = lz4\nswap-priority = 100\n"
    write = _file("/etc/systemd/zram-generator.conf.d/60-dashcam.conf", content, why)
    return [*write(machine, wishes), MaskUnit(unit="dphys-swapfile.service", why=why)]


def _watchdog(_machine: Machine, wishes: Wishes) -> list[Change]:
    content = (wishes.checkout / "boot" / "watchdog.conf").read_text(encoding="utf-8")
    path = "/etc/systemd/system.conf.d/60-dashcam.conf"
    return [WriteFile(path=path, content=content, why="a machine that hangs starts anew")]


MEASURES: tuple[Measure, ...] = (
    Measure(
        name="",
        what="the recorder starts as soon as its folders are there, before network, time, login and the page",
        gain="10 to 20 s; 27 to 10 s measured by mphacker/TeslaUSB#81 on a Zero 2 W",
        risk="none known",
        undone="goes with the program",
    ),
    Measure(
        name="",
        what="the program is compiled once, when it is installed, and never looked at for its age",
        gain="no compiling at the start, also without a clock and on a read-only system",
        risk="who edits files below /opt/dashcam by hand sees no change",
        undone="goes with the program",
    ),
    Measure(
        name="no-waiting",
        what="nothing waits until a network is there (`NetworkManager-wait-online` and its like)",
        gain="5.2 s (mphacker/TeslaUSB#74)",
        risk="other services of yours that need a network at once",
        undone="the masks are taken away",
        changes=_masks(WAITING, "nothing of the dashcam needs a network to start"),
    ),
    Measure(
        name="no-cloud-init",
        what="cloud-init does not look at every start for what it did at the first one",
        gain="6.4 s (mphacker/TeslaUSB#74)",
        risk="files of the Imager on the boot partition are not taken over again",
        undone="the file is removed",
        changes=_no_cloud_init,
    ),
    Measure(
        name="no-chores",
        what="apt, man-db, e2scrub, udisks, modems and keyboards are left alone at the start and on the road",
        gain="no bursts of writing while it records, fewer things to start",
        risk="no updates by themselves: `sudo apt update && sudo apt upgrade` now and then",
        undone="the masks are taken away",
        changes=_masks(CHORES, "it would work on the card while the dashcam records"),
    ),
    Measure(
        name="journal",
        what="the system's journal is kept in memory, at most 16 MB",
        gain="no writing to the card at the start, less wear",
        risk="it is gone after a restart; the dashcam keeps its own last lines",
        undone="the file is removed",
        changes=_file(
            "/etc/systemd/journald.conf.d/60-dashcam.conf",
            "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n",
            "the journal stays in memory",
        ),
    ),
    Measure(
        name="quick-firmware",
        what="config.txt: no rainbow screen, no search for displays, no sound, full speed in the first minute",
        gain="searching for displays is among what takes longest (kittenlabs.de)",
        risk="no sound on the headphone jack, no touch display",
        undone="the block is taken out",
        on_raspberry_pi_only=True,
        changes=quick_firmware,
    ),
    Measure(
        name="no-hdmi",
        what="config.txt: the graphics driver does not ask HDMI for a screen",
        gain="asking is among what takes longest; 14 mA (both kittenlabs.de)",
        risk="a screen on HDMI stays dark once Linux runs",
        undone="the block is taken out, the line before is back",
        on_raspberry_pi_only=True,
        changes=no_hdmi,
    ),
    Measure(
        name="camera",
        what="config.txt: with `--camera imx708` the camera is named, not searched for",
        gain="searching is among what takes longest (kittenlabs.de)",
        risk="another camera needs another name; without the option nothing is changed",
        undone="the block is taken out",
        on_raspberry_pi_only=True,
        changes=camera_named,
    ),
    Measure(
        name="no-bluetooth",
        what="config.txt: Bluetooth is off",
        gain="the better serial port is free for a GPS receiver, one driver less",
        risk="no Bluetooth",
        undone="the block is taken out, the masks away",
        on_raspberry_pi_only=True,
        changes=no_bluetooth,
    ),
    Measure(
        name="no-initramfs",
        what="config.txt: no initramfs, if the kernel has all it needs for the card built in",
        gain="loading it is among what takes longest (kittenlabs.de)",
        risk="if it does not start: take out the card and delete the line in config.txt on a computer",
        undone="the block is taken out",
        on_raspberry_pi_only=True,
        changes=no_initramfs,
    ),
    Measure(
        name="quiet",
        what="cmdline.txt: few words, none to the serial port",
        gain="no waiting for 115200 baud; the serial port is free for a GPS receiver",
        risk="no login with a serial cable",
        undone="the words are taken out, the others are back",
        on_raspberry_pi_only=True,
        changes=quiet,
    ),
    Measure(
        name="country",
        what="cmdline.txt: with `--country DE` the radio knows where it is from the first moment",
        gain="the own access point can open at once",
        risk="none; without the option what the Imager has set stays",
        undone="the word is taken out",
        on_raspberry_pi_only=True,
        changes=country,
    ),
    Measure(
        name="wifi-driver",
        what="cmdline.txt: `brcmfmac.feature_disable=0x2282000 brcmfmac.roamoff=1`",
        gain="joins phones that offer WPA2 and WPA3 at once (raspberrypi/linux#7634), no time-outs of keys",
        risk="no WPA3 alone, which these radios cannot do well anyway",
        undone="the words are taken out",
        on_raspberry_pi_only=True,
        changes=wifi_driver,
    ),
    Measure(
        name="wifi-on",
        what="NetworkManager has Wi-Fi switched on, also when no country was ever chosen",
        gain="without it nothing is ever joined",
        risk="none",
        undone="switched off again",
        changes=_wifi_on,
    ),
    Measure(
        name="wifi-awake",
        what="Wi-Fi does not save power",
        gain="no dropped connections (raspberrypi/linux#7533), a page that answers at once",
        risk="takes a little more power",
        undone="the file is removed",
        changes=_wifi_awake,
    ),
    Measure(
        name="zram",
        what="swap is compressed memory, half as big as it, instead of a file on the card",
        gain="no wear, no stalls of the card by swapping",
        risk="none known",
        undone="the file is removed",
        on_raspberry_pi_only=True,
        changes=_zram,
    ),
    Measure(
        name="memory",
        what="the kernel writes early and little at a time, and swaps to compressed memory gladly",
        gain="no stalls of seconds on a board with 512 MB",
        risk="copying big files is a little slower",
        undone="the file is removed",
        on_raspberry_pi_only=True,
        changes=_file(
            "/etc/sysctl.d/60-dashcam.conf",
            "vm.swappiness = 100\nvm.page-cluster = 0\nvm.dirty_background_bytes = 4194304\nvm.dirty_bytes = 33554432\n"
            "kernel.panic = 10\n",
            "a small board that records all the time",
        ),
    ),
    Measure(
        name="memory-caps",
        what="cmdline.txt: `cgroup_enable=memory`, which the firmware of a Raspberry Pi has switched off",
        gain="the memory caps of the units count: a program that takes too much ends, and not the recorder",
        risk="the kernel counts every page, which takes a little of the processor",
        undone="the word is taken out",
        on_raspberry_pi_only=True,
        changes=memory_caps,
    ),
    Measure(
        name="boot-partition",
        what="fstab: where root alone may read the boot partition (`umask=0077`), the group of the dashcam may, too",
        gain="`dashcam.toml` on it is found",
        risk="none known; where everybody may read it, nothing is changed",
        undone="the options are back",
        on_raspberry_pi_only=True,
        changes=_boot_partition,
    ),
    Measure(
        name="watchdog",
        what="the hardware's watchdog starts the machine anew when systemd hangs for 14 s",
        gain="it records again by itself",
        risk="none known, where the hardware has one",
        undone="the file is removed",
        changes=_watchdog,
    ),
)


def names() -> list[str]:
    """Of the measures that can be left out."""
    return [measure.name for measure in MEASURES if measure.name]


def changes_of_measures(machine: Machine, wishes: Wishes) -> Iterator[Change]:
    """What is changed on this machine."""
    for measure in MEASURES:
        if measure.name not in wishes.without and (machine.is_raspberry_pi or not measure.on_raspberry_pi_only):
            yield from measure.changes(machine, wishes)


def left_out(machine: Machine, wishes: Wishes) -> str:
    """Which measures make no sense here, in words; empty if there are none."""
    skipped = [
        measure.name
        for measure in MEASURES
        if measure.on_raspberry_pi_only and not machine.is_raspberry_pi and measure.name not in wishes.without
    ]
    return f"left out, as this is no Raspberry Pi: {', '.join(skipped)}" if skipped else ""


def table() -> str:
    """The table of the documentation."""
    lines = [
        "# What the start is made quick and steady by",
        "",
        "`scripts/install` does all of this and `scripts/install --remove` takes each back as it was. `--without NAME`",
        "leaves one out, also later. Lines with (Pi) are for a Raspberry Pi and left out elsewhere. Figures are",
        "those of the sources named, not ours: the page shows what your own machine takes.",
        "",
        "| name | what is changed | gain | price or risk | with `--remove` |",
        "|---|---|---|---|---|",
    ]
    for measure in MEASURES:
        name = f"`{measure.name}`" if measure.name else "always"
        where = " (Pi)" if measure.on_raspberry_pi_only else ""
        lines.append(f"| {name}{where} | {measure.what} | {measure.gain} | {measure.risk} | {measure.undone} |")
    return "\n".join([*lines, ""])
