"""Killed in front of any change while it makes a track, or a track anew, the next keeper completes it."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from itertools import count
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.gpx_reader import read_track
from dashcam.clips.track_log import log_folder
from dashcam.clock import NANOSECONDS
from dashcam.media.media_child import MediaChild
from tests.keeper.power import killed_at
from tests.keeper.rig import Rig
from tests.keeper.test_dating import add_anchor
from tests.keeper.track_clips import gpx_path, put_minute, track
from tests.made_clips import STARTED_NS
from tests.made_tracks import driven, put_log


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Keepers that can be killed, each a fork of one process that has loaded everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _work_until_killed(data: Path, change: int) -> None:
    """In a process of its own: a keeper as after a start, until it is killed or has nothing to do."""
    rig = Rig(data, child=MediaChild())
    with killed_at(change) as counted, pytest.MonkeyPatch.context() as patch:
        patch.setattr(CatalogueWriter, "put_tracks", counted.watched(CatalogueWriter.put_tracks))
        rig.start().scan()
    os._exit(0)


@pytest.mark.parametrize(("has_log", "every"), [(True, 1), (False, 3)], ids=["with its log", "the log has gone"])
def test_killed_anywhere_the_next_start_completes_it(
    tmp_path: Path, processes: ForkServerContext, make_rig: Callable[..., Rig], has_log: bool, every: int
) -> None:
    """Two clips: one new, one whose time is corrected; then the log may be gone."""
    rig = make_rig()
    put_minute(rig.data, 0, is_dated=False)
    put_log(rig.data, driven(range(125)))
    rig.start().scan()
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS, "phone")
    if has_log:
        put_minute(rig.data, 1)
    else:
        shutil.rmtree(log_folder(rig.folders))
    rig.close()
    whole = tmp_path / "whole"
    shutil.copytree(rig.data, whole)
    for change in count(1, every):
        shutil.rmtree(rig.data)
        shutil.copytree(whole, rig.data)
        keeper = processes.Process(target=_work_until_killed, args=(rig.data, change))
        keeper.start()
        keeper.join(60)
        assert keeper.exitcode in (0, -signal.SIGKILL)
        _assert_complete(make_rig().start().scan(), clips=2 if has_log else 1)
        if keeper.exitcode == 0:
            assert change > 10, "far fewer changes than there are"
            return


def _assert_complete(rig: Rig, clips: int) -> None:
    rig.assert_whole()
    assert len(rig.rows()) == clips
    for number, clip_id in enumerate(["42-1", "42-2"][:clips]):
        assert track(rig, clip_id).points == 60
        found = read_track(gpx_path(rig, clip_id))
        assert found.clip_id == clip_id
        moments = [point.utc_ns for segment in found.segments for point in segment]
        assert moments == [STARTED_NS + (number * 60 + at) * NANOSECONDS for at in range(60)]
    assert len([path for path in rig.folders.tracks.rglob("*") if path.suffix == ".gpx"]) == clips
    assert not list(rig.folders.dcim.rglob(".tmp-*"))
