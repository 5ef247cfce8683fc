"""Killed in front of any change while it dates recordings, the next keeper finds each once, dated, with all it has."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from itertools import count
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from dashcam.clips.gpx import clip_track, gpx_of
from dashcam.clips.gpx_reader import read_track
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import Lock, read_sidecar, write_sidecar
from dashcam.clips.track_line import Span, summarise
from dashcam.clips.track_log import gap, logged
from dashcam.clock import NANOSECONDS, utc_ns_of
from dashcam.errors import CardError
from dashcam.media.jobs import AnyJob, DatePhoto
from dashcam.media.media_child import MediaChild
from dashcam.media.photo import date_photo
from dashcam.place import Place
from tests.keeper.power import killed_at
from tests.keeper.rig import Rig, digest_of
from tests.keeper.taken_photos import picture_of, put_taken_photo, taken
from tests.keeper.test_dating import add_anchor
from tests.made_clips import STARTED_NS, put_clip

T = TypeVar("T")

LOCK = Lock(cause="button", utc=None)
# What each is called once a phone has said that the clips began two seconds later than the machine's clock believed.
NAMES = {
    "42-3": "VIDEO/2026-11-20/dcp_20261120144502.mp4",
    "42-4": "EVENT/2026-11-20/dcp_20261120144502_2.mp4",
    "42-5": "PHOTO/2026-11-20/dcp_20261120144502.jpg",
}
KEPT = "VIDEO/2026-11-20/dcp_20261120144602.mp4"


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Keepers that can be killed, each a fork of one process that has loaded everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _lay_out(data: Path) -> dict[str, str]:
    """Recordings of a boot before GPS was there; gives what must not change of each by id."""
    paths = {
        "42-3": put_clip(data, "42-3", source="saved"),
        "42-4": put_clip(data, "42-4", kind="EVENT", lock=LOCK),
        "42-5": put_taken_photo(data, "42-5"),
        "42-7": put_clip(data, "42-7", started_ns=STARTED_NS + 62 * NANOSECONDS),
    }
    last = sidecar_of(paths["42-7"])
    write_sidecar(last, msgspec.structs.replace(read_sidecar(last), started_monotonic_ns=160_250_000_000))
    folders = CardFolders(data)
    for clip_id, path in paths.items():
        for belonging in (folders.thumbnail_of(path), folders.track_of(path)):
            belonging.parent.mkdir(parents=True, exist_ok=True)
        folders.thumbnail_of(path).write_text(f"old {path.name}")
        if clip_id != "42-5":
            _put_track(folders, path)
    return {clip_id: _lasting_part(path) for clip_id, path in paths.items()}


def _lasting_part(path: Path) -> str:
    return picture_of(path).hex() if path.suffix == ".jpg" else digest_of(path)


def _put_track(folders: CardFolders, path: Path) -> None:
    """As the keeper has written it by the clock of before; the log that it was made from is gone."""
    sidecar = read_sidecar(sidecar_of(path))
    assert sidecar.started_monotonic_ns is not None
    fix = logged(Place(latitude=53.0, longitude=-6.0), sidecar.started_monotonic_ns + NANOSECONDS)
    folders.track_of(path).write_bytes(gpx_of(clip_track(sidecar, path.stem, [[fix]])))
    track = summarise([fix, gap("", fix.monotonic_ns)], Span.of(sidecar.started_monotonic_ns, sidecar.duration_seconds))
    write_sidecar(sidecar_of(path), msgspec.structs.replace(sidecar, track=track))


class _ChildInside(MediaChild):
    """Does the child's work in the keeper's own process: what it changes is counted, and it need not be started."""

    def ask(self, job: AnyJob, reply: type[T]) -> T:
        if not isinstance(job, DatePhoto):
            raise CardError("nobody is asked for anything else")
        answer = date_photo(Path(os.fsdecode(job.path)), Path(os.fsdecode(job.target)), job.utc_ns, job.zone)
        assert isinstance(answer, reply)
        return answer


def _date_until_killed(data: Path, change: int) -> None:
    """In a process of its own: a keeper as after a start, with its tidying, until it is killed or has nothing to do."""
    rig = Rig(data, child=_ChildInside())
    with killed_at(change):
        rig.start().scan()
    os._exit(0)


@pytest.mark.parametrize(
    ("later_seconds", "every"), [(0, 1), (5, 3)], ids=["the same clock", "another clock meanwhile"]
)
def test_killed_anywhere_the_next_start_completes_it(
    tmp_path: Path, processes: ForkServerContext, make_rig: Callable[..., Rig], later_seconds: int, every: int
) -> None:
    whole = tmp_path / "whole"
    digests = _lay_out(whole)
    for change in count(1, every):
        rig = make_rig()
        shutil.rmtree(rig.data)
        shutil.copytree(whole, rig.data)
        add_anchor(rig, 42, STARTED_NS + 62 * NANOSECONDS, "phone")
        keeper = processes.Process(target=_date_until_killed, args=(rig.data, change))
        keeper.start()
        keeper.join(60)
        assert keeper.exitcode in (0, -signal.SIGKILL)
        if later_seconds:
            add_anchor(rig, 42, STARTED_NS + (62 + later_seconds) * NANOSECONDS, "gps")
        _assert_complete(make_rig().start().scan(), digests, later_seconds)
        if keeper.exitcode == 0:
            assert change > 40, "far fewer changes than there are"
            return


def _assert_complete(rig: Rig, digests: dict[str, str], later_seconds: int) -> None:
    rig.assert_whole()
    assert {clip_id: _lasting_part(rig.path(clip_id)) for clip_id in rig.rows()} == digests
    assert taken(rig.path("42-5")) == f"2026-11-20T14:45:{2 + later_seconds:02d}+00:00"
    assert rig.sidecar("42-5").integrity == "closed"
    tracks = {path for path in rig.folders.tracks.rglob("*") if not path.is_dir()}
    assert tracks == {rig.folders.track_of(rig.path(clip_id)) for clip_id in digests if clip_id != "42-5"}
    for path in tracks:
        _assert_track_agrees(rig, path)
    for clip_id, name in NAMES.items():
        wanted = name.replace("4502", f"45{2 + later_seconds:02d}")
        # Of several in one second only one can be called so; which one depends on which came first.
        assert _without_number(rig.reader.get(clip_id).path) == _without_number(wanted)
        assert not rig.folders.thumbnail_of(rig.path(clip_id)).exists(), "its words were of another time"
    if not later_seconds:
        assert rig.reader.get("42-7").path == KEPT
        assert rig.folders.thumbnail_of(rig.path("42-7")).read_text() == f"old {Path(KEPT).name}"
    assert {rig.sidecar(clip_id).clock_source for clip_id in digests} == {"gps" if later_seconds else "phone"}
    assert not list(rig.data.rglob(".tmp-*"))


def _assert_track_agrees(rig: Rig, path: Path) -> None:
    """It is that of the clip of its name, with the times of its new clock."""
    found = read_track(path)
    sidecar = rig.sidecar(found.clip_id)
    assert rig.folders.track_of(rig.path(found.clip_id)) == path
    assert sidecar.track is not None
    assert sidecar.track.points == 1
    (point,) = (point for segment in found.segments for point in segment)
    assert sidecar.started_utc is not None
    assert point.utc_ns == utc_ns_of(sidecar.started_utc) + NANOSECONDS


def _without_number(path: str) -> str:
    folder, _, name = path.rpartition("/")
    stem, _, suffix = name.partition(".")
    return f"{folder}/{'_'.join(stem.split('_')[:2])}.{suffix}"
