"""The bench measures what it says and finds its place in the README; the sizes are too small for its figures to mean
anything.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench import (
    cutting,
    detection,
    download,
    first_fragment,
    listing,
    looking,
    map_day,
    nmea,
    recording,
    stamp,
    stream,
    telemetry,
)
from tests.bench.measuring import Bench
from tests.bench.memory import Memory
from tests.bench.table import Row, as_markdown, put_into
from tests.browser.chromium import find_chromium
from tests.conftest import CHECKOUT, skip_unless_in_ci


@pytest.fixture
def small_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ready stream that is made in no time."""
    if shutil.which("ffmpeg") is None:
        skip_unless_in_ci("ffmpeg is the peer and is not installed")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    picture = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30", "-t", "20", "-pix_fmt", "yuv420p")
    monkeypatch.setattr(
        stream, "_RECIPE", (*picture, "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "4M", "-g", "30")
    )


def test_the_table_says_what_was_missed() -> None:
    table = as_markdown([Row("CPU", "2 s", "peer: 1 s", 2.0, "at most 1", is_met=False), Row("size", "3 MB")])
    assert table.splitlines()[2:] == [
        "| CPU | 2 s | peer: 1 s | 2.00 | at most 1 (**missed**) |",
        "| size | 3 MB |  |  |  |",
    ]


def test_the_table_replaces_the_one_before_it(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    shutil.copyfile(CHECKOUT / "README.md", readme)
    put_into(readme, "| first |\n")
    put_into(readme, "| second |\n")
    text = readme.read_text()
    assert text.count("| second |") == 1
    assert "| first |" not in text
    assert text.count("<!-- end of bench -->") == 1
    before, after = (CHECKOUT / "README.md").read_text().split("<!-- bench -->")
    assert text.startswith(before)
    assert text.endswith(after.split("<!-- end of bench -->")[1])


def test_a_readme_without_a_place_for_it_is_refused(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# nothing\n")
    with pytest.raises(ValueError, match="has no marks"):
        put_into(readme, "| table |\n")
    assert readme.read_text() == "# nothing\n"


def test_a_budget_is_held_by_the_peak() -> None:
    assert Memory(peak=40_000_000, resident=10).row("x", 45).is_met
    assert not Memory(peak=46_000_000, resident=10).row("x", 45).is_met


def test_downloads_are_whole_and_compared(tmp_path: Path) -> None:
    row = download.download(tmp_path, 3, print)
    assert "http.server" in row.peer
    assert row.ratio is not None
    assert row.ratio > 0


def test_lists_of_made_up_clips_are_rebuilt_from_files(tmp_path: Path) -> None:
    rows = listing.list_clips(tmp_path, 1500, print)
    assert [row.what for row in rows] == [
        "first page of 1,500 clips",
        "days of 1,500 clips",
        "catalogue of 1,500 clips from files, keeper's start included",
    ]


def test_sentences_become_as_many_fixes_as_seconds(tmp_path: Path) -> None:
    """It raises when one is lost."""
    (row,) = nmea.measure(Bench(tmp_path, True, print))
    assert "pynmea2" in row.peer
    assert f"| {row.what} |" in (CHECKOUT / "README.md").read_text()


def test_a_cut_is_measured_beside_a_copy(tmp_path: Path) -> None:
    """It raises when less than the range is in it."""
    if shutil.which("ffmpeg") is None:
        skip_unless_in_ci("ffmpeg is the peer and is not installed")
    (row,) = cutting.measure(Bench(tmp_path, True, print))
    assert row.ratio is not None
    assert row.ratio > 0


def test_the_stamp_is_measured_a_frame_at_a_time_and_in_whole_recorders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamp, "WIDTH", 640)
    monkeypatch.setattr(stamp, "HEIGHT", 360)
    rows = stamp.measure(Bench(tmp_path, True, print))
    assert [row.target for row in rows] == ["below 1 ms", "", ""]
    assert all(row.ratio is None or row.ratio > 0 for row in rows)


def test_the_detector_is_measured_beside_the_plain_difference(tmp_path: Path) -> None:
    rows = detection.measure(Bench(tmp_path, True, print))
    assert {row.target for row in rows} == {"below 1000 us"}
    assert all(row.ratio is not None and row.ratio > 0 for row in rows)
    assert all("plain difference" in row.peer for row in rows)


@pytest.mark.usefixtures("small_stream")
def test_recorders_are_measured_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has to have recorded everything, or it raises."""
    monkeypatch.setattr(recording, "_QUICK_SECONDS", 6)
    rows = recording.measure(Bench(tmp_path / "bench", True, print))
    assert all(row.ratio is not None and row.ratio > 0 for row in rows)
    assert [row.target for row in rows if row.peer.startswith("ffmpeg")] == ["at most 1", ""]


@pytest.mark.usefixtures("small_stream")
def test_the_first_fragment_is_timed(tmp_path: Path) -> None:
    rows = first_fragment.measure(Bench(tmp_path, True, print))
    assert len(rows) == 4


@pytest.mark.usefixtures("small_stream")
def test_a_recorder_is_measured_with_telemetry_and_without(tmp_path: Path) -> None:
    (row,) = telemetry.measure(Bench(tmp_path, True, print))
    assert row.ratio


def test_the_map_of_a_day_is_asked_for_and_seen(tmp_path: Path) -> None:
    find_chromium()
    answer, drawn = map_day.measure(Bench(tmp_path, True, print))
    assert answer.ratio is not None
    assert drawn.ours.endswith(" ms")


def test_looking_for_motion_costs_something_and_less_than_a_core() -> None:
    assert 0 < looking.seconds_of_a_minute(2) < 60
