"""Small programs in the place of recorder, keeper and page, and the real parent around them.

`python -m tests.run.stand_ins parent DATA PORT EVENTS WHAT...` is `dashcam run` with these parts. EVENTS is a named
pipe into which each part writes what happens to it. WHAT: `done` lets the recorder end by itself, `taken` lets the page
find its port taken, `deaf` lets the keeper ignore SIGTERM, `chatty` lets the recorder say a megabyte, `broken` lets
the page fail.
"""

from __future__ import annotations

import http.server
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import msgspec

from dashcam.errors import AlreadyRunning, DashcamError
from dashcam.link.messages import (
    Done,
    GetProgress,
    KeeperRequest,
    Message,
    RecorderRequest,
    Save,
    Saved,
    WatchStatus,
)
from dashcam.link.place import page_address_path
from dashcam.link.server import LinkServer
from dashcam.link.stream import Stream
from dashcam.options import ProgramOptions
from dashcam.run.parts import Part, PartName
from dashcam.run.program import run_parts, settle_keeper
from dashcam.settings import load_settings
from dashcam.system.children import die_with_parent
from dashcam.system.exit_codes import exit_code_of
from dashcam.system.log_lines import set_up_logging
from dashcam.system.log_writer import keep_log
from dashcam.system.runtime_folder import make_socket_folder
from dashcam.system.signals import stop_event_on_signals
from tests.golden_values import PROGRESS, STATUS


def record(state: Path, stop: threading.Event, tell: Callable[[str], None], what: list[str]) -> int:
    streams: list[Stream] = []
    queue = msgspec.structs.replace(STATUS.queue, dropped_frames=0)

    def subscribe(request: Any, stream: Stream) -> Callable[[], None] | None:
        if not isinstance(request, WatchStatus):
            return None
        streams.append(stream)
        stream.offer(msgspec.structs.replace(STATUS, is_recording=True, state="recording", queue=queue, warnings=()))
        return lambda: streams.remove(stream)

    def answer(request: Any) -> Message:
        if isinstance(request, Save):
            tell(f"recorder saves for {request.cause}")
            return Saved(id="42-19", clip_ids=("42-18",), before_seconds=60.0, after_seconds=10.0)
        return Done()

    server = LinkServer(state, "recorder", requests=RecorderRequest, answer=answer, subscribe=subscribe)
    server.start()
    tell(f"recorder {os.getpid()}")
    if "chatty" in what:
        for number in range(20_000):
            print(f"<4>recorder: warning number {number}", file=sys.stderr)
        tell("recorder has said everything")
    if "done" not in what:
        stop.wait()
    server.close()
    tell("recorder closed its clip")
    return 0


def keep(state: Path, stop: threading.Event, tell: Callable[[str], None], what: list[str]) -> int:
    def answer(request: Any) -> Message:
        if isinstance(request, GetProgress):
            return msgspec.structs.replace(PROGRESS, waiting_jobs=0, state="idle")
        tell(f"keeper {type(request).__name__}")
        return Done()

    server = LinkServer(state, "keeper", requests=KeeperRequest, answer=answer)
    server.start()
    tell(f"keeper {os.getpid()}")
    stop.wait()
    tell("keeper is asked to end")
    if "deaf" in what:
        threading.Event().wait()
    server.close()
    return 0


def serve(state: Path, port: int, stop: threading.Event, tell: Callable[[str], None], what: list[str]) -> int:
    if "taken" in what:
        raise AlreadyRunning(f"port {port} is taken; choose one with --port")
    if "broken" in what:
        raise ZeroDivisionError("a mistake in the page")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    make_socket_folder(state)
    page_address_path(state).write_text(f"http://127.0.0.1:{port}\n")
    tell(f"page {os.getpid()}")
    stop.wait()
    server.shutdown()
    tell("page closed")
    return 0


def part(name: PartName, rank: int, arguments: list[str], **facts: Any) -> Part:
    command = (sys.executable, "-P", "-m", "tests.run.stand_ins", name, *arguments)
    return Part(name, command, stop_rank=rank, end_seconds=0.5 if "deaf" in arguments else 60.0, **facts)


def parent(data: Path, arguments: list[str]) -> int:
    port, what = int(arguments[1]), arguments[3:]
    options = ProgramOptions(data, data / ".state", load_settings(None, ["web.host=127.0.0.1"]))
    keep_log(options.state, "run")
    parts = (
        part("recorder", 2, arguments, ends_when_done="done" in what),
        part("keeper", 3, arguments, before_stop=lambda: settle_keeper(options.state)),
        part("page", 1, arguments, ends_all=False),
    )
    return run_parts(options, parts, page_port=port, is_verbose=False)


def child(name: str, data: Path, arguments: list[str], events: TextIO) -> int:
    stop = stop_event_on_signals()
    what = arguments[3:]

    def tell(text: str) -> None:
        events.write(f"{text}\n")

    match name:
        case "recorder":
            return record(data / ".state", stop, tell, what)
        case "keeper":
            return keep(data / ".state", stop, tell, what)
    return serve(data / ".state", int(arguments[1]), stop, tell, what)


def main() -> int:
    name, *arguments = sys.argv[1:]
    set_up_logging(is_verbose=False, has_parent=die_with_parent())
    try:
        if name == "parent":
            return parent(Path(arguments[0]), arguments)
        with Path(arguments[2]).open("w", buffering=1) as events:
            return child(name, Path(arguments[0]), arguments, events)
    except DashcamError as error:
        print(f"<3>{error}" if name != "parent" else error, file=sys.stderr)
        return exit_code_of(error)


if __name__ == "__main__":
    raise SystemExit(main())
