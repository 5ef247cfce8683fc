"""Once the clock is known, earlier recordings of the same boot get their right time and name; once."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

from dashcam.clips.anchors import ANCHORS_NAME
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, ClockSource
from dashcam.web.clip_files import ClipFiles
from tests.clips.rows import event
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig, digest_of
from tests.made_clips import STARTED_NS, put_clip, sidecar_for, tag_of


def add_anchor(rig: Rig, boot: int, utc_ns: int, source: ClockSource = "system") -> None:
    """At monotonic second 160 it was `utc_ns`; the made clips began at second 100."""
    rig.options.state.mkdir(parents=True, exist_ok=True)
    line = {"boot": boot, "monotonic_ns": 160 * NANOSECONDS, "utc_ns": utc_ns, "source": source}
    with open(rig.options.state / ANCHORS_NAME, "a") as file:
        file.write(json.dumps(line) + "\n")


def put_photo(data: Path, clip_id: str) -> Path:
    """A photo as the recorder leaves it before the time is known, taken at the same moment as the clips began."""
    tag = tag_of(clip_id, started_ns=None)
    boot, _, number = clip_id.partition("-")
    path = CardFolders(data).of_kind("photo") / "undated" / f"boot{int(boot):04d}_{int(number):06d}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    with BytesIO() as file:
        Image.new("RGB", (64, 48), "green").save(file, "JPEG")
        path.write_bytes(file.getvalue())
    write_sidecar(sidecar_of(path), sidecar_for(tag, path.read_bytes(), 1, kind="photo"))
    return path


def test_undated_clips_of_the_boot_are_renamed_with_all_that_belongs_to_them(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", started_ns=None)
    put_clip(rig.data, "41-3", started_ns=None)
    track = rig.folders.track_of(path)
    track.parent.mkdir(parents=True)
    track.write_text("track")
    content = digest_of(path)
    rig.start(pictures=True).scan()
    thumbnail = digest_of(rig.folders.thumbnail_of(path))
    assert sorted(rig.rows()) == ["41-3", "42-3"]
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
    rig.settle().assert_whole()
    assert rig.path("42-3") == rig.folders.dcim / "VIDEO" / "2026-11-20" / "dcp_20261120144500.mp4"
    sidecar = rig.sidecar("42-3")
    assert (sidecar.started_utc, sidecar.clock_source) == ("2026-11-20T14:45:00.000Z", "system")
    assert digest_of(rig.path("42-3")) == content
    assert rig.folders.track_of(rig.path("42-3")).read_text() == "track"
    assert not track.exists()
    # The words on it are others now.
    assert digest_of(rig.folders.thumbnail_of(rig.path("42-3"))) != thumbnail
    assert rig.reader.get("41-3").day == "undated", "nothing is known of that boot"
    before = rig.tree()
    rig.session.dirty.mark_everything()
    assert rig.settle().tree() == before, "once is enough"


def test_an_event_and_its_loop_clip_are_dated_with_what_belongs_to_each(rig: Rig) -> None:
    facts = event("motion", "42-4", peak_seconds=1.5, loop_id="42-3")
    paths = {
        "42-3": put_clip(rig.data, "42-3", started_ns=None),
        "42-4": put_clip(rig.data, "42-4", started_ns=None, kind="EVENT", event=facts),
    }
    for clip_id, path in paths.items():
        track = rig.folders.track_of(path)
        track.parent.mkdir(parents=True, exist_ok=True)
        track.write_text(f"track of {clip_id}")
    rig.start(pictures=True).scan().assert_whole()
    assert rig.path("42-4").name == "boot0042_000004.mp4"
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
    rig.settle().assert_whole()
    assert rig.path("42-4").parts[-3:-1] == ("EVENT", "2026-11-20")
    # Both began in one second; names tell them apart, in THUMB and TRACK, too.
    assert len({rig.path(clip_id).name for clip_id in paths}) == 2
    for clip_id in paths:
        assert rig.folders.track_of(rig.path(clip_id)).read_text() == f"track of {clip_id}"
    pictures = {digest_of(rig.folders.thumbnail_of(rig.path(clip_id))) for clip_id in paths}
    assert len(pictures) == 2
    row = rig.reader.get("42-4")
    assert (row.event, row.lock_cause) == (facts, None)
    assert rig.sidecar("42-4").event == facts


def test_clips_found_later_are_dated_too(rig: Rig) -> None:
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
    rig.start().scan()
    put_clip(rig.data, "42-3", started_ns=None)
    put_clip(rig.data, "42-4", started_ns=None, is_closed=False)
    put_clip(rig.data, "42-5", started_ns=None, kind="EVENT")
    rig.scan().assert_whole()
    assert {row.day for row in rig.rows().values()} == {"2026-11-20"}
    # All began in the same second: names are never used twice.
    assert len({Path(row.path).name for row in rig.rows().values()}) == 3


def test_a_better_clock_corrects_what_a_worse_one_said_and_never_the_other_way(rig: Rig) -> None:
    put_clip(rig.data, "42-3", started_ns=STARTED_NS)
    rig.start().scan()
    add_anchor(rig, 42, STARTED_NS + 1000 * NANOSECONDS, "gps")
    rig.settle()
    assert rig.path("42-3").name == "dcp_20261120150040.mp4"
    assert rig.sidecar("42-3").clock_source == "gps"
    add_anchor(rig, 42, STARTED_NS, "phone")
    rig.settle().assert_whole()
    assert rig.path("42-3").name == "dcp_20261120150040.mp4"


def test_a_time_within_the_same_second_changes_the_sidecar_alone(rig: Rig) -> None:
    first, _ = put_clip(rig.data, "42-3"), put_clip(rig.data, "42-4", stem="dcp_20261120144500_2")
    rig.start(pictures=True).scan()
    before = {path: digest_of(rig.folders.thumbnail_of(rig.path(path))) for path in ("42-3", "42-4")}
    # The name without a number is free, and stays so.
    assert rig.session.locking.delete(["42-3"], []).failed == {}
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS + 250_000_000, "gps")
    rig.settle().assert_whole()
    assert not first.exists()
    assert rig.path("42-4").name == "dcp_20261120144500_2.mp4"
    assert rig.sidecar("42-4").started_utc == "2026-11-20T14:45:00.250Z"
    assert rig.sidecar("42-4").clock_source == rig.reader.get("42-4").clock_source == "gps"
    assert digest_of(rig.folders.thumbnail_of(rig.path("42-4"))) == before["42-4"]


def test_what_the_machine_remembered_is_an_estimate_until_a_trusted_clock_says(rig: Rig) -> None:
    clip, photo = put_clip(rig.data, "42-3", source="saved"), put_photo(rig.data, "42-4")
    assert {clip.parent.name, photo.parent.name} == {"undated"}
    rig.start().scan()
    untrusted: tuple[ClockSource, ...] = ("saved", "none")
    for source in untrusted:
        add_anchor(rig, 42, STARTED_NS + 90 * NANOSECONDS, source)
    rig.settle()
    assert {row.day for row in rig.rows().values()} == {"undated"}, (
        "an estimate vouches for nothing but the start of the machine"
    )
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS, "phone")
    add_anchor(rig, 42, STARTED_NS + 90 * NANOSECONDS, "saved")
    rig.settle().assert_whole()
    assert rig.path("42-3") == rig.folders.dcim / "VIDEO" / "2026-11-20" / "dcp_20261120144500.mp4"
    assert rig.path("42-4") == rig.folders.dcim / "PHOTO" / "2026-11-20" / "dcp_20261120144500.jpg"
    assert {row.clock_source for row in rig.rows().values()} == {"phone"}


def test_of_several_in_one_second_the_oldest_has_the_name_without_a_number(rig: Rig) -> None:
    for number in (12, 3, 7):
        put_clip(rig.data, f"42-{number}", source="saved")
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
    rig.start().scan().assert_whole()
    names = [rig.path(f"42-{number}").stem for number in (3, 7, 12)]
    assert names == [f"dcp_20261120144500{tail}" for tail in ("", "_2", "_3")]


def test_a_name_that_people_have_given_stays_in_the_right_day(rig: Rig) -> None:
    put_clip(rig.data, "42-3", started_ns=None, stem="accident at the bridge")
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
    rig.start().scan().assert_whole()
    assert rig.reader.get("42-3").path == "VIDEO/2026-11-20/accident at the bridge.mp4"


def test_a_copy_or_a_loose_file_gets_no_name_from_what_the_machine_remembered(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", source="saved")
    loose = put_clip(rig.data, "42-4", source="saved", is_closed=False)
    loose.rename(rig.folders.dcim / "from a friend.mp4")
    rig.start().scan().assert_whole()
    assert (rig.path("42-3"), rig.reader.get("42-4").day) == (path, "undated")


def test_a_clip_plays_on_while_it_is_renamed(rig: Rig) -> None:
    content = put_clip(rig.data, "42-3", source="saved").read_bytes()
    rig.start().scan()
    files = ClipFiles(rig.data, rig.reader, lambda: None, threading.Event())
    (playing, *_), before = files.open("42-3")
    with playing:
        half = playing.read(len(content) // 2)
        add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
        rig.settle()
        assert half + playing.read() == content
    (again, *_), after = files.open("42-3")
    with again:
        assert again.read() == content
    assert (before, after) == ("boot0042_000003.mp4", "dcp_20261120144500.mp4")


def test_a_clip_that_does_not_say_when_it_began_is_left_and_does_not_hold_up_others(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", started_ns=None)
    sidecar = json.loads(sidecar_of(path).read_text())
    sidecar_of(path).write_text(json.dumps(sidecar | {"started_monotonic_ns": None}))
    put_clip(rig.data, "42-4", started_ns=None)
    rig.start().scan()
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
    rig.settle().assert_whole()
    assert rig.path("42-3") == path
    assert rig.reader.get("42-4").day == "2026-11-20"


def test_every_state_on_the_way_is_resolved_by_the_next_start(make_rig: Callable[..., Rig]) -> None:
    fail_at, total = 0, 0
    while fail_at <= total:
        rig = make_rig()
        shutil.rmtree(rig.data)
        path = put_clip(rig.data, "42-3", started_ns=None)
        content = digest_of(path)
        rig.start().scan()
        add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS)
        with changes(fail_at) as counted:
            try:
                rig.settle()
            except PowerCut:
                assert fail_at
        total = max(total, counted.count)
        rig = make_rig().start().scan()
        rig.assert_whole()
        assert rig.path("42-3").name == "dcp_20261120144500.mp4"
        assert digest_of(rig.path("42-3")) == content
        assert read_sidecar(sidecar_of(rig.path("42-3"))).integrity == "closed"
        fail_at += 1
    assert total > 3
