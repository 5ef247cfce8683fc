"""The Debian packages that the appliance needs, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dashcam.appliance.change import Memory
from dashcam.appliance.files import text_of
from dashcam.appliance.machine import Machine
from dashcam.system.tool import ToolFailed


@dataclass(frozen=True)
class Package:
    """One of them."""

    name: str
    why: str
    on_raspberry_pi_only: bool = False
    where_offered: bool = False
    """Some versions of Debian have it inside another package, or not yet: it is taken where there is one."""


PACKAGES = (
    Package("python3", "the program's language"),
    Package("python3-venv", "an environment of its own for it"),
    Package("python3-numpy", "pictures as arrays, as the camera's library wants them", on_raspberry_pi_only=True),
    Package("python3-pil", "photos, as the camera's library wants them", on_raspberry_pi_only=True),
    Package("python3-picamera2", "the Raspberry Pi camera", on_raspberry_pi_only=True),
    Package("python3-gpiozero", "a save button on GPIO pins", on_raspberry_pi_only=True, where_offered=True),
    Package("python3-lgpio", "a save button on GPIO pins", on_raspberry_pi_only=True, where_offered=True),
    Package("libjs-leaflet", "the map of the page"),
    Package("polkitd", "lets the programs switch off, set the clock and use Wi-Fi without root"),
    Package("dbus", "over which they ask"),
    Package("network-manager", "joins Wi-Fi networks and opens the own access point"),
    Package("dnsmasq-base", "addresses for the phones on the own access point"),
    Package("iw", "sets the country of the radio"),
    Package("rfkill", "switches the radio on"),
    Package("avahi-daemon", "the name dashcam.local"),
    Package("nftables", "the firewall"),
    Package("samba", "the network drive"),
    Package("samba-vfs-modules", "its manners towards macOS", where_offered=True),
    Package("vsftpd", "the FTP site"),
    Package("libpam-pwdfile", "its password, which is no user's of the machine"),
    Package("openssl", "its certificate"),
    Package("e2fsprogs", "checks and makes the file system of the clips"),
    Package("fdisk", "finds room for it on the card"),
    Package("systemd-zram-generator", "swaps to compressed memory", on_raspberry_pi_only=True, where_offered=True),
)


def packages_for(machine: Machine) -> tuple[Package, ...]:
    """Those that this machine needs."""
    return tuple(found for found in PACKAGES if machine.is_raspberry_pi or not found.on_raspberry_pi_only)


def installed_packages(machine: Machine) -> set[str]:
    """The names of what is installed, as dpkg's own list has it."""
    found = set()
    for entry in (text_of(machine.path("/var/lib/dpkg/status")) or "").split("\n\n"):
        if re.search(r"^Status: \S+ \S+ installed$", entry, re.MULTILINE):
            found.update(re.findall(r"^Package: (\S+)$", entry, re.MULTILINE))
            found.update(name for name in re.findall(r"^Provides: (.*)$", entry, re.MULTILINE) for name in _names(name))
    return found


def _names(provided: str) -> Iterable[str]:
    return (name.split()[0] for name in provided.split(",") if name.strip())


def missing_packages(machine: Machine) -> list[Package]:
    """Those that are not installed."""
    installed = installed_packages(machine)
    return [package for package in packages_for(machine) if package.name not in installed]


_APT = ("env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600")


@dataclass(frozen=True, kw_only=True)
class DebianPackages:
    """Installed by apt; only those that were not there before go again."""

    names: tuple[str, ...]
    """All that are needed, wherever they come from."""
    where_offered: tuple[str, ...] = ()
    """Those of them without which it works too."""

    @property
    def key(self) -> str:
        """There is one list."""
        return "packages"

    def words(self) -> str:
        """What is installed."""
        return f"install with apt what is missing of: {' '.join(self.names)}"

    def is_done(self, machine: Machine) -> bool:
        """Whether nothing is missing that can be had."""
        missing = set(self.names) - installed_packages(machine)
        return not missing or (missing <= set(self.where_offered) and not self._offered(machine, missing))

    def remember(self, machine: Machine) -> Memory:
        """What will come, as apt says it, with what that needs itself."""
        try:
            said = machine.inside([*_APT, "-s", *self._command(machine)])
        except ToolFailed:
            machine.inside([*_APT, "update"])
            said = machine.inside([*_APT, "-s", *self._command(machine)])
        return {"came": re.findall(r"^Inst (\S+) \(", said, re.MULTILINE)}

    def apply(self, machine: Machine) -> None:
        """Installs."""
        machine.inside([*_APT, *self._command(machine)])

    def _command(self, machine: Machine) -> list[str]:
        missing = set(self.names) - installed_packages(machine)
        optional = missing & set(self.where_offered)
        return ["--no-install-recommends", "install", *sorted((missing - optional) | self._offered(machine, optional))]

    def _offered(self, machine: Machine, names: set[str]) -> set[str]:
        if not names:
            return set()
        said = machine.inside(["env", "LC_ALL=C", "apt-cache", "policy", *sorted(names)])
        found = re.findall(r"^(\S+):\n.*\n  Candidate: (.*)$", said, re.MULTILINE)
        return {name for name, candidate in found if candidate != "(none)"}

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Takes away what came with it, unless something else has come to need it: then all of it stays."""
        came = sorted(set(memory["came"]) & installed_packages(machine))
        if not came or not machine.is_live:
            return
        would = re.findall(r"^(?:Purg|Remv) (\S+)", machine.inside([*_APT, "-s", "purge", *came]), re.MULTILINE)
        if {name.partition(":")[0] for name in would} <= set(came):
            machine.inside([*_APT, "purge", *came])


def joined(earlier: Memory, later: Memory) -> Memory:
    """What came with several runs."""
    return {"came": sorted({*earlier["came"], *later["came"]})}
