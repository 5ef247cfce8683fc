"""What a phone costs that only lies there with the page open, and how quickly the page is there."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.bench.measuring import Bench, cpu_seconds_of
from tests.bench.table import Row
from tests.browser.chromium import driven_chromium
from tests.browser.judges import lighthouse, scores_of
from tests.programs import Programs

_SECONDS, _QUICK_SECONDS = 60, 10
_ROUNDS, _QUICK_ROUNDS = 3, 1
_CLIP_SECONDS = 10
# What a page does that knows no events: it asks again and again.
_ASK_SECONDS = 3.0
_LEAST_SCORE = 95
_PIECE_BYTES = 65536


def measure(bench: Bench) -> list[Row]:
    """An idle page beside one that asks every three seconds, and Lighthouse's view of the start page."""
    seconds = _QUICK_SECONDS if bench.is_quick else _SECONDS
    settings = (
        "camera.kind=pattern",
        "camera.width=640",
        "camera.height=360",
        "camera.fps=15",
        f"recording.segment_seconds={_CLIP_SECONDS}",
    )
    with Programs(bench.folder / "card", bench.folder / "log", *settings) as programs:
        programs.start("keep")
        programs.start("record")
        address = programs.start_page()
        programs.wait_until_recording()
        web = programs.pid_of("web")
        alone, _ = _cost(web, seconds, _sleep)
        idle, heard_bytes = _cost(web, seconds, lambda end: _listen(address, end))
        asking, asked_bytes = _cost(web, seconds, lambda end: _ask(address, end))
        scores = _performance(address, bench.folder, _QUICK_ROUNDS if bench.is_quick else _ROUNDS)
    a_minute = 60 / seconds
    bench.say(
        f"phones: web {alone * a_minute:.2f} s CPU a minute alone, {idle * a_minute:.2f} s with an idle page "
        f"({heard_bytes * a_minute:.0f} bytes), {asking * a_minute:.2f} s with one that asks; performance {scores}"
    )
    best = max(scores)
    return [
        Row(
            "CPU of web for an idle page, a minute (a clip every 10 s)",
            f"{idle * a_minute:.2f} s",
            f"asking every {_ASK_SECONDS:g} s: {asking * a_minute:.2f} s; nobody: {alone * a_minute:.2f} s",
            idle / asking if asking else None,
        ),
        Row(
            "bytes that an idle page receives in a minute",
            f"{heard_bytes * a_minute / 1000:.1f} kB",
            f"asking: {asked_bytes * a_minute / 1000:.1f} kB",
            heard_bytes / asked_bytes,
        ),
        Row(
            f"Lighthouse: performance of the start page, preview off (best of {len(scores)}; median {median(scores)})",
            str(best),
            "",
            None,
            f"at least {_LEAST_SCORE}",
            best >= _LEAST_SCORE,
        ),
    ]  # fmt: skip


def _cost(pid: int, seconds: float, visit: Callable[[float], int]) -> tuple[float, int]:
    before, end = cpu_seconds_of(pid), time.monotonic() + seconds
    received = visit(end)
    return cpu_seconds_of(pid) - before, received


def _sleep(end: float) -> int:
    time.sleep(max(0.0, end - time.monotonic()))
    return 0


def _listen(address: str, end: float) -> int:
    """Bytes of the event stream, its head included."""
    host, _, port = address.rpartition(":")
    received = 0
    with socket.create_connection((host, int(port))) as phone:
        phone.sendall(f"GET /api/events HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n".encode())
        while (left := end - time.monotonic()) > 0:
            phone.settimeout(left)
            try:
                received += len(phone.recv(_PIECE_BYTES))
            except TimeoutError:
                break
    return received


def _ask(address: str, end: float) -> int:
    """Bytes of the answers, on one connection that is kept open."""
    host, _, port = address.rpartition(":")
    received = 0
    with socket.create_connection((host, int(port))) as phone:
        while time.monotonic() < end:
            phone.sendall(f"GET /api/status HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
            received += len(phone.recv(_PIECE_BYTES))
            time.sleep(max(0.0, min(_ASK_SECONDS, end - time.monotonic())))
    return received


def _performance(address: str, folder: Path, rounds: int) -> list[int]:
    """Scores of the start page as a phone has it that has switched the live picture off."""
    from playwright.sync_api import sync_playwright

    scores = []
    with sync_playwright() as playwright, driven_chromium(playwright.chromium, folder / "profile") as driven:
        page = driven.context.new_page()
        page.goto(f"http://{address}/")
        page.locator("#live .preview").click()
        page.close()
        for number in range(rounds):
            report = lighthouse(f"http://{address}/", driven.port, ["performance"], folder / f"report-{number}.json")
            scores.append(scores_of(report)["performance"])
    return scores
