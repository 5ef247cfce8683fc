"""Power cuts at chosen moments of a recording on a real file system: what is on the card afterwards.

    python -m tests.endurance.power_cut --states 300 [--seed N] [--clips N] [--without-sync | --without-order]

One recording is made on a card whose every write is logged. From the log come states that a power cut could have left
behind; each is mended as a computer does, mounted and looked at. The controls record without syncing, or without the
sync that keeps the last write of a closing behind the others: there the rig has to find what is wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import msgspec

from tests.endurance.child_process import tidy_up_on_sigterm
from tests.endurance.logged_card import enter_own_namespace, memory_folder, missing_ability
from tests.endurance.power_check import PROMISED_SECONDS
from tests.endurance.power_states import PowerCutReport, PowerCuts, record
from tests.endurance.receivers import RECEIVERS

_MODULE = "tests.endurance.power_cut"


def _tell(text: str) -> None:
    print(text, flush=True)


def cut_power(chosen: argparse.Namespace) -> PowerCutReport:
    """Records once and cuts the power as often as asked."""
    with memory_folder() as work:
        started = time.monotonic()
        recording = record(
            work,
            chosen.clips,
            chosen.segment_seconds,
            chosen.without,
            chosen.receiver,
            with_events=chosen.with_events,
        )
        _tell(f"recorded {len(recording.clips)} clips in {time.monotonic() - started:.0f} s")
        report = PowerCutReport(
            without=chosen.without,
            receiver=chosen.receiver,
            clips=len(recording.clips),
            records=len(recording.log.records),
            flushes=recording.log.flushes,
            events=sum(clip.is_event for clip in recording.clips),
        )
        PowerCuts(work, recording, chosen.seed).cut(chosen.states, report, _tell)
    return report


def _is_as_it_should_be(report: PowerCutReport) -> bool:
    """A control has to find something; a recording that is synced has to be as promised."""
    if report.without != "nothing":
        return report.wrong_states > 0
    return not report.wrong and max([*report.seconds_short, *report.event_seconds_short]) <= PROMISED_SECONDS


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="power cuts at chosen moments of a recording")
    parser.add_argument("--states", type=int, default=300)
    parser.add_argument("--clips", type=int, default=20, help="how many clips are recorded")
    parser.add_argument("--segment-seconds", type=float, default=3.0, help="length of a clip")
    parser.add_argument("--events", dest="with_events", action="store_true", help="something happens again and again")
    parser.add_argument("--receiver", choices=RECEIVERS, default="coming and going")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--report", type=Path, help="file to write the figures to, as JSON")
    control = parser.add_mutually_exclusive_group()
    for name, help_text in (
        ("sync", "control: nothing is synced"),
        ("order", "control: no sync inside the closing of a clip"),
    ):
        control.add_argument(f"--without-{name}", dest="without", action="store_const", const=name, help=help_text)
    parser.set_defaults(without="nothing")
    return parser.parse_args()


def main() -> int:
    """Cuts, prints, and gives 1 when the result is not as it should be."""
    chosen = _arguments()
    if reason := missing_ability():
        _tell(reason)
        return 1
    enter_own_namespace(_MODULE)
    tidy_up_on_sigterm()
    _tell(f"seed {chosen.seed}")
    report = cut_power(chosen)
    if chosen.report:
        chosen.report.write_bytes(msgspec.json.encode(report))
    if report.without != "nothing":
        _tell(f"this is a control: without {report.without} the rig has to find something")
    _tell(report.summary())
    return 0 if _is_as_it_should_be(report) else 1


if __name__ == "__main__":
    sys.exit(main())
