"""What may be typed: the parser of the command line, its help and its exit codes. Nothing is done here."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from dashcam import __version__
from dashcam.clips.names import is_day
from dashcam.network.arguments import add_network_actions
from dashcam.system.exit_codes import ALREADY_RUNNING, BAD_SETTINGS, BROKEN, FAILED, OK

# Under which name the program was started, for its help. Set by scripts/run, where `run` may be left out.
_NAME_VARIABLE = "DASHCAM_COMMAND"
_EPILOG = """\
examples:
  dashcam run
      records, keeps and serves; prints the address to open
  dashcam run --data /media/card --port 8080
      on that card, with the page on another port
  dashcam run --set camera.kind=pattern --for 60
      a minute of the synthetic drive
  dashcam run --set camera.kind=replay --set camera.source=drive.mp4
      a file as a camera
  dashcam check --data /media/card
      what works here, in words
  dashcam scan --set motion.threshold=40 *.mp4
      when something moves in these videos; changes nothing
  dashcam scan --day 2026-11-20 --cut
      searches that day's clips, and makes events of what moves

"dashcam COMMAND --help" shows the options of a command. --set takes every
setting of the README, sizes such as "16 MB", shares such as "80 %". Ctrl-C
closes the open clip and ends.
"""
_EXIT_CODES = {
    OK: "it was asked to end, and all was closed in good order",
    FAILED: "it failed; the last line says why",
    BAD_SETTINGS: "an option or a setting of --set is wrong",
    ALREADY_RUNNING: "another dashcam has this folder or port",
}
_EXIT_CODES_OF_COMMAND = {
    "run": _EXIT_CODES | {FAILED: "it failed, or a part had to be killed at the end"},
    "record": _EXIT_CODES | {BROKEN: "camera or card hang; to be started anew"},
    "web": _EXIT_CODES,
    "keep": _EXIT_CODES,
    "network": _EXIT_CODES,
    "check": {
        OK: "`record` could record here",
        FAILED: "it could not: see the lines with `no`, or no camera was found",
        BAD_SETTINGS: _EXIT_CODES[BAD_SETTINGS],
    },
    "scan": {
        OK: "all files were looked at, whether something moves or not",
        FAILED: "at least one could not be read; the others were looked at",
        BAD_SETTINGS: _EXIT_CODES[BAD_SETTINGS],
    },
}


def make_parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The whole command line, and the parser of each command."""
    name = os.environ.get(_NAME_VARIABLE) or "dashcam"
    parser = argparse.ArgumentParser(
        prog=name,
        description="A dashcam: records by itself, loops over the card, and shows itself on a phone.",
        epilog=_epilog(name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"dashcam {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    common = _common_options()
    for name, words in (
        ("run", "everything at once: recorder, keeper and page, kept running"),
        ("record", "the recorder alone: camera to card"),
        ("web", "the page alone"),
        ("keep", "the keeper alone: catalogue, thumbnails, repair, making space"),
        ("network", "the machine's clock, Wi-Fi and shares; not part of `run`"),
        ("check", "say what works on this machine; fails when it could not record"),
        ("scan", "tell when something moves in video files, or search the recorded clips for it"),
    ):
        command = commands.add_parser(
            name,
            help=words,
            description=f"{words[0].upper()}{words[1:]}.",
            epilog=_exit_code_words(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common],
            allow_abbrev=False,
        )
        if name in ("run", "web", "check"):
            command.add_argument("--port", type=_port, metavar="N", help="port of the page (web.port); 0 takes any")
        if name in ("run", "record"):
            command.add_argument(
                "--for",
                dest="for_seconds",
                type=_seconds,
                metavar="SECONDS",
                help="stop by itself so long after the first durable piece of video",
            )
        if name == "record":
            command.add_argument(
                "--or-pattern", action="store_true", help="without a camera draw the synthetic drive, as `run` does"
            )
        if name == "check":
            command.add_argument("--share-password-file", default="", metavar="FILE", help="to try the shares with")
        if name == "network":
            add_network_actions(command)
        if name == "scan":
            command.add_argument("--json", dest="is_json", action="store_true", help="for programs: one object of all")
            command.add_argument("--day", type=_day, metavar="DAY", help="of clips: those of 2026-11-20")
            command.add_argument("--cut", action="store_true", help="of clips: makes an event of what moves")
            command.add_argument(
                "files",
                nargs="*",
                metavar="FILE|ID",
                help="videos of any kind, or clips such as 42-17; none: all clips",
            )
    return parser, dict(commands.choices)


def _epilog(name: str) -> str:
    if name == "dashcam":
        return _EPILOG
    without = f'Without COMMAND it is run: see "{name} run --help" for its options.\n\n'
    return without + _EPILOG.replace("dashcam run", name).replace("dashcam ", f"{name} ")


def _exit_code_words(command: str) -> str:
    lines = [f"  {code:<4}{words}" for code, words in _EXIT_CODES_OF_COMMAND[command].items()]
    return "\n".join(["exit codes:", *lines])


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument(
        "--data", type=folder_of, metavar="DIR", help="holds DCIM; default $DASHCAM_DATA, else ~/dashcam"
    )
    common.add_argument("--state", type=folder_of, metavar="DIR", help="catalogue and counters; default DATA/.state")
    common.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="SECTION.NAME=VALUE",
        help="any setting, as often as needed",
    )
    common.add_argument("--verbose", action="store_true", help="log everything")
    common.add_argument("--version", action="version", version=f"dashcam {__version__}")
    return common


def folder_of(text: str) -> Path:
    """A folder as it was typed; an argument's type."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder")
    return Path(text).expanduser().absolute()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number from 0 to 65535")
    return int(text)


def _day(text: str) -> str:
    if not is_day(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write one such as 2026-11-20, or undated")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write seconds such as 90 or 2.5")
    return seconds
