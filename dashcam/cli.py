"""The command line: arguments, logging, one function a command. Programs are imported when they are asked for."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from dashcam import __version__
from dashcam.clips.names import is_day
from dashcam.errors import BadRequest, DashcamError
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings
from dashcam.system.children import die_with_parent
from dashcam.system.exit_codes import ALREADY_RUNNING, BAD_SETTINGS, BROKEN, FAILED, INTERRUPTED, OK, exit_code_of
from dashcam.system.log_file import LogProgram
from dashcam.system.log_lines import set_up_logging
from dashcam.system.log_writer import keep_log

log = logging.getLogger(__name__)

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
# What they print is the answer; the log would be in its way.
_ANSWERING = ("check", "scan")


class _Invocation(msgspec.Struct, frozen=True):
    """One command as it was typed, understood."""

    options: ProgramOptions
    assignments: tuple[str, ...]
    is_verbose: bool
    files: tuple[str, ...] = ()
    is_json: bool = False
    day: str = ""
    cut: bool = False
    share_password_file: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code. What goes wrong is one line on stderr that names the cure."""
    has_parent = die_with_parent()
    parser, commands = _parser()
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        commands.get(parsed.command, parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    if parsed.command is None:
        parser.print_help(sys.stderr)
        return BAD_SETTINGS
    set_up_logging(is_verbose=parsed.verbose, has_parent=has_parent, is_quiet=parsed.command in _ANSWERING)
    try:
        invocation = _invocation(parsed, has_parent=has_parent)
        return BAD_SETTINGS if invocation is None else _COMMANDS[parsed.command](invocation)
    except DashcamError as error:
        log.error("%s", error, exc_info=parsed.verbose)
        return exit_code_of(error)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "dashcam":
            raise
        log.error("the library %s is missing; start with scripts/run, which installs what is needed", error.name)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read what is printed (`dashcam check | head -1`) has had enough; nothing more is to be written there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception:
        # For the log that the page shows; the traceback follows on stderr alone.
        log.critical("%s ends by a mistake of its own", parsed.command, exc_info=True)
        raise


def _run(invocation: _Invocation) -> int:
    from dashcam.run.program import run

    options = replace(invocation.options, or_pattern=True)
    return run(options, invocation.assignments, is_verbose=invocation.is_verbose)


def _record(invocation: _Invocation) -> int:
    from dashcam.recorder.program import run

    return run(invocation.options)


def _keep(invocation: _Invocation) -> int:
    from dashcam.keeper.program import run

    return run(invocation.options)


def _web(invocation: _Invocation) -> int:
    from dashcam.web.program import run

    return run(invocation.options)


def _network(invocation: _Invocation) -> int:
    from dashcam.network.program import run

    return run(invocation.options)


def _check(invocation: _Invocation) -> int:
    from dashcam.check.finding import verdict
    from dashcam.check.program import findings

    found = []
    for finding in findings(invocation.options, invocation.share_password_file):
        found.append(finding)
        print(finding.line(), flush=True)
    if hindrance := verdict(found):
        print(f"\n{hindrance}")
        return FAILED
    return OK


def _scan(asked: _Invocation) -> int:
    from dashcam.scan.command import run

    return run(asked.options, asked.files, is_json=asked.is_json, day=asked.day, cut=asked.cut)


_COMMANDS: dict[str, Callable[[_Invocation], int]] = {
    "run": _run,
    "record": _record,
    "web": _web,
    "keep": _keep,
    "network": _network,
    "check": _check,
    "scan": _scan,
}


# The commands that go on until they are stopped; what they say can be read on the page.
_LOG_OF_COMMAND: dict[str, LogProgram] = {
    "run": "run",
    "record": "recorder",
    "web": "web",
    "keep": "keeper",
    "network": "network",
}


def _parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
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
        ("network", "sets the system clock from GPS or a phone; not part of `run`"),
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
    common.add_argument("--data", type=_folder, metavar="DIR", help="holds DCIM; default $DASHCAM_DATA, else ~/dashcam")
    common.add_argument("--state", type=_folder, metavar="DIR", help="catalogue and counters; default DATA/.state")
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


def _folder(text: str) -> Path:
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


def _invocation(parsed: argparse.Namespace, *, has_parent: bool) -> _Invocation | None:
    """The options in force; None when a `--set` is wrong, all of which are then on stderr.

    A mistake in a file keeps nothing from starting. A parent has told of it already.
    """
    data = parsed.data or _folder(os.environ.get("DASHCAM_DATA") or "~/dashcam")
    # That of the environment belongs to the data folder of the environment.
    usual_state = "" if parsed.data else os.environ.get("DASHCAM_STATE")
    state = parsed.state or (_folder(usual_state) if usual_state else data / ".state")
    for folder in (data, state):
        if folder.exists() and not folder.is_dir():
            raise BadRequest(f"{folder} is not a folder; choose another with --data or --state")
    if parsed.command in _LOG_OF_COMMAND:
        keep_log(state, _LOG_OF_COMMAND[parsed.command])
    assignments = tuple(parsed.assignments)
    if getattr(parsed, "port", None) is not None:
        assignments += (f"web.port={parsed.port}",)
    loaded = load_settings(state, assignments)
    mistyped = [mistake for mistake in loaded.mistakes if mistake.startswith("--set")]
    for mistake in mistyped:
        log.error("%s", mistake)
    if mistyped:
        return None
    for mistake in loaded.mistakes:
        log.log(logging.DEBUG if has_parent else logging.WARNING, "%s", mistake)
    options = ProgramOptions(
        data,
        state,
        loaded,
        assignments,
        for_seconds=getattr(parsed, "for_seconds", None),
        or_pattern=getattr(parsed, "or_pattern", False),
    )
    files, is_json = tuple(getattr(parsed, "files", ())), getattr(parsed, "is_json", False)
    day, cut = getattr(parsed, "day", None) or "", getattr(parsed, "cut", False)
    secret = getattr(parsed, "share_password_file", "")
    return _Invocation(options, assignments, parsed.verbose, files, is_json, day, cut, secret)
