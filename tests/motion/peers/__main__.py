"""`python -m tests.motion.peers`: runs every tool on every clip and prints the table."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.bench.measuring import load_words
from tests.bench.table import markdown, put_into
from tests.motion.peers import debian_motion, dvr_scan, ours, plain, synthetic
from tests.motion.peers.running import Result
from tests.motion.scoring import CLIPS, SCORER, Clip, Rates, Raw, Scorer, clips_in, load_scorer

_OURS = "dashcam"
_HEAD = (
    "tool", "intervals found", "motion time covered", "false alarms", "still time flagged", "onset",
    "CPU ms / frame", "analysis ms / look",
)  # fmt: skip
# `motion` plays in real time and hardly works: all clips at once. The others have the machine to themselves.
_AT_ONCE = 8

Tool = Callable[[Path], Result]


def main() -> int:
    """Gives 0 also when a target was missed: the table says so."""
    parser = argparse.ArgumentParser(prog="scripts/motion-table", description="Our motion detection beside its peers.")
    parser.add_argument("--data", type=Path, default=CLIPS, metavar="DIR", help="clips, each with its truth as JSON")
    parser.add_argument("--scorer", type=Path, default=SCORER, metavar="FILE", help="score_motion.py")
    parser.add_argument("--dvr-scan", type=Path, metavar="FILE", help="that program; without it it is left out")
    parser.add_argument("--ours", action="store_true", help="without the peers")
    parser.add_argument("--scenes", action="store_true", help="the synthetic scenes instead, without the peers")
    parser.add_argument("--clips", action="store_true", help="a table of the scorer for each tool, clip by clip")
    parser.add_argument("--write", type=Path, metavar="FILE", help="puts the table between the marks of a README")
    chosen = parser.parse_args()
    clips = clips_in(chosen.data)
    if chosen.scenes:
        print(synthetic.table(clips))
        return 0
    scorer = load_scorer(chosen.scorer)
    before = load_words()
    rows = []
    with tempfile.TemporaryDirectory(prefix="dashcam-motion-") as folder:
        for name, tool, at_once in _tools(Path(folder), chosen.dvr_scan, only_ours=chosen.ours):
            raw = _scored(scorer, clips, name, tool, at_once)
            rows.append(_cells(name, scorer.report(scorer.add([row for _, row in raw]))))
            if chosen.clips:
                print(f"\n{name}\n\n{scorer.table(raw)}\n", flush=True)
    table = f"{markdown(_HEAD, rows)}\n{_words(scorer, clips, before)}\n"
    print(table)
    if chosen.write is not None:
        put_into(chosen.write, table, "motion")
    return 0


def _tools(folder: Path, dvr_scan_program: Path | None, *, only_ours: bool) -> list[tuple[str, Tool, int]]:
    tools: list[tuple[str, Tool, int]] = [(_OURS, ours.run, 1)]
    if only_ours:
        return tools
    tools.append(("motion (Debian), as shipped", partial(debian_motion.run, folder=folder), _AT_ONCE))
    if dvr_scan_program is not None:
        scan = partial(dvr_scan.run, program=dvr_scan_program)
        tools.append(("DVR-Scan (PyPI), defaults", scan, 1))
        tools.append(("DVR-Scan, padding off", partial(scan, options=dvr_scan.WITHOUT_PADDING), 1))
    tools.append(("plain difference in numpy", plain.run, 1))
    return tools


def _scored(scorer: Scorer, clips: list[Clip], name: str, tool: Tool, at_once: int) -> list[tuple[str, Raw]]:
    def one(clip: Clip) -> tuple[str, Raw]:
        result = tool(clip.video)
        print(f"{name}: {clip.video.name}", file=sys.stderr, flush=True)
        return clip.video.name, scorer.score(clip.truth, result.for_scorer())

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, clips))


def _cells(name: str, rates: Rates) -> tuple[str, ...]:
    return (
        name,
        f"{rates['hits']} of {rates['motion_n']}",
        _cell(rates["covered"], "{:.0%}"),
        _cell(rates["false"], "{}"),
        _cell(rates["still_flagged"], "{:.1%}"),
        _cell(rates["onset_s"], "{:+.2f} s"),
        _cell(rates["ms_per_frame"], "{:.1f}"),
        _cell(rates["ms_per_analysed"], "{:.2f}"),
    )


def _cell(number: float | None, form: str) -> str:
    return "-" if number is None else form.format(number)


def _words(scorer: Scorer, clips: list[Clip], load_before: str) -> str:
    """What was measured, where and when."""
    rates = scorer.report(scorer.add([scorer.score(clip.truth, {"detections": []}) for clip in clips]))
    return (
        f"{len(clips)} clips with {rates['still_s']:.0f} s of still and {rates['motion_s']:.0f} s of moving time. "
        f"Measured {datetime.now(UTC):%Y-%m-%d}, Linux on {platform.machine()}, Python {platform.python_version()}; "
        f"{load_before} at the start, {load_words()} at the end."
    )


if __name__ == "__main__":
    sys.exit(main())
