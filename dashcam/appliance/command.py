"""The command line of scripts/install."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from dashcam.appliance.carry_out import install, remove
from dashcam.appliance.machine import Machine
from dashcam.appliance.packages import missing_packages, packages_for
from dashcam.appliance.plan import Wishes, plan_for
from dashcam.appliance.supported import require_supported
from dashcam.errors import BadRequest, DashcamError
from dashcam.system.appliance import TARGET_UNIT, WEB_SOCKET_UNIT
from dashcam.system.tool import ToolFailed

CHECKOUT = Path(__file__).resolve().parents[2]
_EPILOG = """\
examples:
  sudo scripts/install
      makes this Raspberry Pi the dashcam; again after every update of the checkout
  scripts/install --dry-run
      says what that would do
  sudo scripts/install --remove
      takes all of it back, but for the clips
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Installs or removes; gives the exit code. What goes wrong is told with its cure."""
    parsed = _parser().parse_args(arguments)
    try:
        _run(parsed, _say)
    except DashcamError as error:
        _say(str(error))
        return 1
    return 0


def _say(words: str) -> None:
    sys.stdout.write(f"dashcam: {words}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/install",
        description="Makes a Raspberry Pi OS or Debian machine the dashcam, or takes that back.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--remove", action="store_true", help="take everything back; clips stay in /data/DCIM")
    parser.add_argument("--root", type=Path, default=Path("/"), metavar="TREE", help="another system, in this folder")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="a folder of Python wheels to use instead of PyPI")
    parser.add_argument("--country", type=_country, metavar="XX", help="where you are, such as DE: for Wi-Fi")
    parser.add_argument("--no-wifi", action="store_true", help="leave Wi-Fi to whoever looks after it now")
    parser.add_argument("--packages", action="store_true", help="only list the Debian packages that are needed")
    return parser


def _country(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise argparse.ArgumentTypeError(f"{text!r} is no country; write two letters such as DE or US")
    return text.upper()


def _run(parsed: argparse.Namespace, say: Callable[[str], None]) -> None:
    machine = Machine(parsed.root.resolve())
    if parsed.packages:
        sys.stdout.writelines(f"{package.name:<28}{package.why}\n" for package in packages_for(machine))
        return
    if not parsed.dry_run and os.geteuid() != 0:
        raise BadRequest("this needs root: start it with sudo")
    if not parsed.dry_run:
        os.umask(0o022)
    if parsed.remove:
        _remove(machine, say, is_trial=parsed.dry_run)
    else:
        require_supported(machine)
        wishes = Wishes(
            checkout=CHECKOUT,
            wheels=str(parsed.wheels.resolve()) if parsed.wheels else "",
            has_wifi=not parsed.no_wifi,
            country=parsed.country or "",
        )
        _install(machine, wishes, say, is_trial=parsed.dry_run)


def _install(machine: Machine, wishes: Wishes, say: Callable[[str], None], *, is_trial: bool) -> None:
    if not machine.is_live and (missing := missing_packages(machine)):
        needed = [package.name for package in missing if not package.where_offered]
        if needed:
            raise BadRequest(f"{machine.root} lacks Debian packages; install there first: {' '.join(needed)}")
    count = install(machine, plan_for(machine, wishes), say, is_trial=is_trial)
    if is_trial:
        say(f"{count} changes would be made" if count else "nothing would be changed")
        return
    say(f"{count} changes made" if count else "all was as it should be")
    if machine.is_live and count:
        machine.tool(["systemctl", "daemon-reload"])
        machine.tool(["systemctl", "start", "--no-block", WEB_SOCKET_UNIT, TARGET_UNIT])
        say("it starts now, and from now on with the machine. Restart once, for the quicker start: sudo reboot")


def _remove(machine: Machine, say: Callable[[str], None], *, is_trial: bool) -> None:
    if machine.is_live and not is_trial:
        with suppress(ToolFailed):
            machine.tool(["systemctl", "stop", "dashcam*"])
    count = remove(machine, say, is_trial=is_trial)
    if machine.is_live and not is_trial:
        with suppress(ToolFailed):
            machine.tool(["systemctl", "daemon-reload"])
            machine.tool(["systemctl", "reset-failed", "dashcam*"])
    if not count:
        say("it is not installed here")
    elif not is_trial:
        say("all is as it was; clips, if there are any, are in /data/DCIM and root's now. Please restart: sudo reboot")
