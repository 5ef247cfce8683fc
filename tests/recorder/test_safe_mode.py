"""After four short starts of the machine the recorder leaves the settings aside, says so, and still records."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.clips.names import CardFolders
from dashcam.link import messages as m
from dashcam.recorder.safe_mode import mark_of, short_starts
from dashcam.settings import load_settings
from dashcam.settings.save import save_changes
from dashcam.system.boot_times import BootLine, boots_path, encode_boot_line, read_boot_lines
from tests.programs import Programs
from tests.recorder.asked import AskedRecorder

SHORT, LASTED, ENDED = {"process": 4.0, "durable": 8.0}, {"process": 4.0, "lasted": 184.0}, {"ended": 60.0}
WANTED = "wanted"
# Given on the command line, so that the test is quick; of the saved ones it is seen what becomes of them.
GIVEN = ("camera.kind=pattern", "camera.width=320", "camera.height=240", "camera.fps=10", "gps.kind=none")


def _lines(*starts: tuple[str, dict[str, float]], settings: str = WANTED) -> list[BootLine]:
    return [BootLine(kernel=kernel, program="recorder", marks=marks, settings=settings) for kernel, marks in starts]


FOUR = _lines(("a", SHORT), ("b", SHORT), ("c", SHORT), ("d", {}))


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([], 0),
        (FOUR, 4),
        (FOUR + _lines(("now", SHORT), ("now", SHORT)), 4),
        (_lines(("a", SHORT), ("a", SHORT), ("a", SHORT), ("a", SHORT)), 1),
        ([*FOUR, *_lines(("e", LASTED))], 0),
        ([*FOUR, *_lines(("e", ENDED))], 0),
        (_lines(("a", SHORT), ("b", LASTED), ("c", SHORT), ("d", SHORT)), 2),
        (_lines(("a", LASTED), ("a", SHORT)), 0),
        (_lines(("a", SHORT), ("a", ENDED)), 0),
        (FOUR[:2] + _lines(("c", SHORT), settings="before") + FOUR[3:], 1),
        (_lines(("a", SHORT), ("b", SHORT), ("c", SHORT), ("d", SHORT), settings="before"), 0),
    ],
    ids=[
        "the first start",
        "four short ones",
        "restarts in this start of the machine",
        "restarts in one start of the machine",
        "one that lasted ends the row",
        "one that ended in good order does, too",
        "the row begins after the last good one",
        "a start that lasted and began anew",
        "a restart in good order",
        "other settings in between",
        "with other settings it begins anew",
    ],
)
def test_short_starts_in_a_row_are_counted(lines: list[BootLine], count: int) -> None:
    assert short_starts(lines, "now", WANTED) == count


def test_where_nobody_tells_the_starts_of_the_machine_apart_there_is_none() -> None:
    assert short_starts(FOUR, "", WANTED) == 0


def _make_history(state: Path, starts: int) -> None:
    path = boots_path(state, "recorder")
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = mark_of(load_settings(state, GIVEN).settings)
    lines = _lines(*((f"kernel {number}", SHORT) for number in range(starts)), settings=wanted)
    path.write_bytes(b"".join(encode_boot_line(line) for line in lines))


def _status(recorder: AskedRecorder) -> m.RecorderStatus:
    return recorder.wait_for(lambda status: status.is_recording and status.camera is not None, "a recording")


def _is_told(status: m.RecorderStatus) -> bool:
    return any(warning.startswith("Safe mode: ") for warning in status.warnings)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """That of a dashcam whose owner has saved some settings."""
    state = tmp_path / ".state"
    save_changes(state, {"camera.name": "rear", "recording.segment_seconds": 2, "clock.zone": "Asia/Tokyo"})
    return state


def test_it_records_with_built_in_settings_until_some_are_saved(tmp_path: Path, state: Path) -> None:
    _make_history(state, 4)
    with Programs(tmp_path, tmp_path / "log", *GIVEN) as programs:
        programs.start("record")
        recorder = AskedRecorder(state)
        status = _status(recorder)
        assert status.is_safe_mode
        assert _is_told(status)
        assert status.camera is not None
        assert (status.camera.name, status.camera.width, status.clock.zone) == ("front", 320, "Asia/Tokyo")
        # To be told that nothing has changed is no cure.
        recorder.ask(m.SettingsChanged(), m.SettingsTaken)
        assert recorder.status().is_safe_mode
        save_changes(state, {"camera.name": "inside"})
        recorder.ask(m.SettingsChanged(), m.SettingsTaken)
        status = _status(recorder)
        assert status.camera is not None
        assert (status.is_safe_mode, _is_told(status), status.camera.name) == (False, False, "inside")
    own = read_boot_lines(boots_path(state, "recorder"))[-1]
    order = [mark for mark, _ in sorted(own.marks.items(), key=lambda item: item[1])]
    assert order == ["process", "imported", "camera", "durable", "ended"]
    assert own.boot == 1
    assert list(CardFolders(tmp_path).dcim.rglob("*.mp4"))


def test_three_short_starts_are_no_reason(tmp_path: Path, state: Path) -> None:
    _make_history(state, 3)
    with Programs(tmp_path, tmp_path / "log", *GIVEN) as programs:
        programs.start("record")
        status = _status(AskedRecorder(state))
        assert status.camera is not None
        assert (status.is_safe_mode, _is_told(status), status.camera.name) == (False, False, "rear")
