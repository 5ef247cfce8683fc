"""Being asked to end, shown on real processes."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

LONG_SECONDS = 60.0

PROGRAM = """
from dashcam.system.signals import stop_event_on_signals
stop = stop_event_on_signals()
print("ready", flush=True)
{wait}
print("closed properly", flush=True)
"""
WAIT_ONCE = "stop.wait()"
# The main thread is nearly always inside the event's own lock when the signal comes.
WAIT_BUSILY = "while not stop.wait(0): pass"


def started(wait: str, *before: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*before, sys.executable, "-c", PROGRAM.format(wait=wait)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("wait", [WAIT_ONCE, WAIT_BUSILY])
def test_each_stop_signal_sets_the_event(number: signal.Signals, wait: str) -> None:
    process = started(wait)
    process.send_signal(number)
    output, _ = process.communicate(timeout=LONG_SECONDS)
    assert output == "closed properly\n"
    assert process.returncode == 0


def test_further_signals_do_not_hurry_the_end() -> None:
    process = started("stop.wait(); print('closing', flush=True); input()")
    assert process.stdin is not None
    assert process.stdout is not None
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "closing\n"
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) * 20:
        process.send_signal(number)
    output, _ = process.communicate("the clip is closed\n", timeout=LONG_SECONDS)
    assert output == "closed properly\n"
    assert process.returncode == 0


def test_what_was_ignored_stays_ignored() -> None:
    process = started("print('still here' if not stop.wait(0.2) else 'stopped', flush=True)", "nohup")
    process.send_signal(signal.SIGHUP)
    output, _ = process.communicate(timeout=LONG_SECONDS)
    assert output == "still here\nclosed properly\n"
