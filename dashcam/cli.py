"""The command line: arguments, logging, one function a command. Programs are imported when they are asked for."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from dashcam.command_line import folder_of, make_parser
from dashcam.errors import BadRequest, DashcamError
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings
from dashcam.system.children import die_with_parent
from dashcam.system.exit_codes import BAD_SETTINGS, FAILED, INTERRUPTED, OK, exit_code_of
from dashcam.system.log_file import LogProgram
from dashcam.system.log_lines import set_up_logging
from dashcam.system.log_writer import keep_log

log = logging.getLogger(__name__)

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
    network: argparse.Namespace | None = None
    """What is asked of a running `dashcam network`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code. What goes wrong is one line on stderr that names the cure."""
    has_parent = die_with_parent()
    parser, commands = make_parser()
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        commands.get(parsed.command, parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    if parsed.command is None:
        parser.print_help(sys.stderr)
        return BAD_SETTINGS
    set_up_logging(is_verbose=parsed.verbose, has_parent=has_parent, is_quiet=_answers(parsed))
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
    if invocation.network is not None:
        from dashcam.network.command import act

        return act(invocation.options, invocation.network)
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


def _invocation(parsed: argparse.Namespace, *, has_parent: bool) -> _Invocation | None:
    """The options in force; None when a `--set` is wrong, all of which are then on stderr.

    A mistake in a file keeps nothing from starting. A parent has told of it already.
    """
    data = parsed.data or folder_of(os.environ.get("DASHCAM_DATA") or "~/dashcam")
    # That of the environment belongs to the data folder of the environment.
    usual_state = "" if parsed.data else os.environ.get("DASHCAM_STATE")
    state = parsed.state or (folder_of(usual_state) if usual_state else data / ".state")
    for folder in (data, state):
        if folder.exists() and not folder.is_dir():
            raise BadRequest(f"{folder} is not a folder; choose another with --data or --state")
    if parsed.command in _LOG_OF_COMMAND and not _answers(parsed):
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
    asked = parsed if getattr(parsed, "action", None) else None
    return _Invocation(options, assignments, parsed.verbose, files, is_json, day, cut, secret, asked)


def _answers(parsed: argparse.Namespace) -> bool:
    return parsed.command in _ANSWERING or getattr(parsed, "action", None) is not None
