"""The command line of scripts/install."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dashcam.appliance.boot_files import CAMERAS
from dashcam.appliance.card import room_at_end, root_disk
from dashcam.appliance.carry_out import install, remove
from dashcam.appliance.data_partition import FREE, prepare
from dashcam.appliance.journal import Journal
from dashcam.appliance.machine import Machine
from dashcam.appliance.measures import left_out, names, table
from dashcam.appliance.packages import missing_packages, packages_for
from dashcam.appliance.plan import ACCESS_POINT_PROFILE, leftovers, plan_for
from dashcam.appliance.supported import require_supported
from dashcam.appliance.wishes import Wishes
from dashcam.errors import BadRequest, DashcamError
from dashcam.system.appliance import TARGET_UNIT, WEB_SOCKET_UNIT
from dashcam.system.tool import ToolFailed

CHECKOUT = Path(__file__).resolve().parents[2]
_NOTHING = "nothing"
# What holds for later runs until something else is said.
_LASTING = ("has_wifi", "country", "camera", "without", "data_uuid", "data_kind")
_EPILOG = """\
What is said once about Wi-Fi, country, camera, measures and partition holds for later runs, too.

examples:
  sudo scripts/install --country DE
      makes this Raspberry Pi the dashcam; again after every update of the checkout
  sudo scripts/install --dry-run
      says what that would do
  sudo scripts/install --data-partition free
      the same, with the clips on a partition of their own at the end of the card
  sudo scripts/install --remove
      takes all of it back, but for the clips
"""
Say = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Installs or removes; gives the exit code. What goes wrong is told with its cure."""
    parsed = command_line().parse_args(arguments)
    try:
        _run(parsed, _say)
    except DashcamError as error:
        _say(str(error))
        return 1
    except PermissionError as error:
        _say(f"{error.filename} is not for everybody to read: start it with sudo, also for --dry-run")
        return 1
    return 0


def _say(words: str) -> None:
    sys.stdout.write(f"dashcam: {words}\n")
    sys.stdout.flush()


def command_line() -> argparse.ArgumentParser:
    """What can be said."""
    parser = argparse.ArgumentParser(
        prog="scripts/install",
        description="Makes a Raspberry Pi OS or Debian machine the dashcam, or takes that back.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--dry-run", action="store_true", help="only say what would be done")
    add("--remove", action="store_true", help="take everything back; clips stay in /data/DCIM")
    add("--root", type=Path, default=Path("/"), metavar="TREE", help="another system, in this folder")
    add("--wheels", type=Path, metavar="DIR", help="a folder of Python wheels to use instead of PyPI")
    add("--country", type=_country, metavar="XX", help="where you are, such as DE: for Wi-Fi")
    add("--wifi", action=argparse.BooleanOptionalAction, help="whether the dashcam looks after Wi-Fi (it does)")
    camera = "of a Raspberry Pi camera, such as imx708; auto: the firmware finds out"
    add("--camera", choices=("auto", *CAMERAS), metavar="NAME", help=camera)
    measure = "leave out a measure of boot/MEASURES.md, as often as needed; nothing: none of them"
    add("--without", action="append", choices=(*names(), _NOTHING), metavar="NAME", help=measure)
    partition = "a partition such as /dev/mmcblk0p3 for the clips; free: make one at the end of the card"
    add("--data-partition", metavar="DEVICE", help=partition)
    erase = "the same once more: all that is on it may be lost"
    add("--erase", default="", metavar="DEVICE", help=erase)
    add("--measures", action="store_true", help="only show that table")
    add("--packages", action="store_true", help="only list the Debian packages that are needed")
    return parser


def _country(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise argparse.ArgumentTypeError(f"{text!r} is no country; write two letters such as DE or US")
    return text.upper()


def _run(parsed: argparse.Namespace, say: Say) -> None:
    if not parsed.root.is_dir():
        raise BadRequest(f"--root: there is no folder {parsed.root}")
    machine = Machine(parsed.root.resolve())
    if parsed.packages:
        sys.stdout.writelines(f"{package.name:<28}{package.why}\n" for package in packages_for(machine))
    elif parsed.measures:
        sys.stdout.write(table())
    elif not parsed.dry_run and os.geteuid() != 0:
        raise BadRequest("this needs root: start it with sudo")
    elif parsed.remove:
        _remove(machine, say, is_trial=parsed.dry_run)
    else:
        os.umask(0o022)
        _install(machine, parsed, say)


def wishes_of(parsed: argparse.Namespace, said_before: dict[str, Any]) -> Wishes:
    """What is said now, above what was said before."""
    wishes = Wishes(checkout=CHECKOUT, wheels=str(parsed.wheels.resolve()) if parsed.wheels else "")
    known = {name: said_before[name] for name in _LASTING if name in said_before}
    if "without" in known:
        known["without"] = tuple(known["without"])
    if parsed.wifi is not None:
        known["has_wifi"] = parsed.wifi
    if parsed.country is not None:
        known["country"] = parsed.country
    if parsed.camera is not None:
        known["camera"] = parsed.camera.replace("auto", "")
    if parsed.without is not None:
        known["without"] = tuple(name for name in parsed.without if name != _NOTHING)
    return replace(wishes, **known)


def _install(machine: Machine, parsed: argparse.Namespace, say: Say) -> None:
    is_trial = parsed.dry_run
    require_supported(machine)
    if not machine.is_live:
        _require_packages(machine)
    journal = Journal(machine)
    journal.read()
    wishes = with_partition(machine, wishes_of(parsed, journal.wishes), parsed, say)
    if words := left_out(machine, wishes):
        say(words)
    lasting = {name: value for name, value in asdict(wishes).items() if name in _LASTING}
    count = install(machine, plan_for(machine, wishes), say, lasting, is_trial=is_trial)
    if is_trial:
        say(f"{_times(count)} would be made" if count else "nothing would be changed")
        return
    say(f"{_times(count)} made" if count else "all was as it should be")
    if machine.is_live and count:
        machine.tool(["systemctl", "daemon-reload"])
        # What runs yet is the program of before, whose files are gone.
        with suppress(ToolFailed):
            machine.tool(["systemctl", "try-restart", "dashcam-*.service"])
        machine.tool(["systemctl", "start", "--no-block", WEB_SOCKET_UNIT, TARGET_UNIT])
        say("it starts now, and from now on with the machine. Restart once for all of it: sudo reboot")


def _times(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"


def _require_packages(machine: Machine) -> None:
    needed = [package.name for package in missing_packages(machine) if not package.where_offered]
    if needed:
        raise BadRequest(f"{machine.root} lacks Debian packages; install there first: {' '.join(needed)}")


def with_partition(machine: Machine, wishes: Wishes, parsed: argparse.Namespace, say: Say) -> Wishes:
    """With the partition for the clips that was asked for. Raises CardRefused."""
    if not parsed.data_partition:
        if parsed.erase:
            raise BadRequest("--erase says a second time what --data-partition says: that is missing")
        if machine.is_live and not wishes.data_uuid:
            _tell_of_room(machine, say)
        return wishes
    if parsed.data_partition == FREE and wishes.data_uuid:
        say("clips have a partition of their own already")
        return wishes
    found = prepare(machine, parsed.data_partition, parsed.erase, say, is_trial=parsed.dry_run)
    return replace(wishes, data_uuid=found.uuid, data_kind=found.kind)


def _tell_of_room(machine: Machine, say: Say) -> None:
    """Only told: who has left room on a card may mean it for something else."""
    with suppress(DashcamError, OSError):
        room = room_at_end(root_disk(machine), machine.tool)
        say(
            f"{room.size // 2**20} MB at the end of {room.path} are unused: with --data-partition {FREE} clips get a "
            "partition of their own there, so that a full or damaged one never keeps the system from starting"
        )


def _remove(machine: Machine, say: Say, *, is_trial: bool) -> None:
    if machine.is_live and not is_trial:
        # Before its packages go. The firewall would else let in the page alone until the next start.
        _each_if_possible(machine, ["systemctl", "stop", "dashcam*"], ["nft", "delete", "table", "inet", "dashcam"])
    count = remove(machine, say, is_trial=is_trial)
    for leftover in leftovers(machine):
        if count and leftover.exists():
            say(f"remove {leftover}, which the dashcam has made")
            if not is_trial:
                leftover.unlink()
    if machine.is_live and not is_trial:
        _each_if_possible(machine, ["systemctl", "daemon-reload"], ["systemctl", "reset-failed", "dashcam*"])
    if not count:
        say("it is not installed here")
    elif not is_trial:
        say("all is as it was; clips, if there are any, are in /data/DCIM and root's now")
        say("Wi-Fi networks that were added stay known, as you may be here by one: nmcli connection delete NAME")
        if machine.is_live:
            say("please restart once: sudo reboot")
            # Last: whoever is here by the own access point is off it now. Its profile may lie where netplan has it.
            _each_if_possible(machine, ["nmcli", "connection", "delete", ACCESS_POINT_PROFILE])


def _each_if_possible(machine: Machine, *commands: list[str]) -> None:
    for words in commands:
        with suppress(ToolFailed):
            machine.tool(words)
