"""A clip that is just being closed is waited for when somebody wants to do something with it."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.names import sidecar_of
from dashcam.link.messages import ClipsDone, DeleteClips, LockClips
from tests.keeper.rig import LIMIT_SECONDS, options_for
from tests.keeper.test_service import running
from tests.made_clips import put_clip


class OnPause(threading.Event):
    """Does something as soon as somebody waits."""

    def __init__(self, action: Callable[[], object]) -> None:
        super().__init__()
        self._action = action

    def wait(self, timeout: float | None = None) -> bool:
        self._action()
        return super().wait(timeout)


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize("request_type", [DeleteClips, LockClips])
def test_what_is_asked_right_after_the_stop_waits_until_the_clip_is_closed(
    tmp_path: Path, request_type: type[DeleteClips | LockClips], is_watched: bool
) -> None:
    """The recorder has answered, its clip has no sidecar yet."""
    path = put_clip(tmp_path, "42-4")
    sidecar = sidecar_of(path).read_bytes()
    sidecar_of(path).unlink()
    with open(path, "r+b") as recorder, running(options_for(tmp_path), LIMIT_SECONDS) as keeper:
        fcntl.flock(recorder, fcntl.LOCK_EX)
        keeper.wait_for("idle", 0)
        if not is_watched:
            keeper.service._session.watch.close()  # type: ignore[union-attr]
        keeper.service._ending = OnPause(lambda: sidecar_of(path).write_bytes(sidecar))
        assert keeper.ask(request_type(ids=("42-4", "42-77"))) == ClipsDone(
            done=("42-4",), failed={"42-77": "There is no clip 42-77; it may have been deleted."}
        )
        assert not path.exists()


def test_a_clip_that_goes_on_being_recorded_is_refused_in_the_end(tmp_path: Path) -> None:
    path = put_clip(tmp_path, "42-4")
    sidecar_of(path).unlink()
    with open(path, "r+b") as recorder, running(options_for(tmp_path)) as keeper:
        fcntl.flock(recorder, fcntl.LOCK_EX)
        keeper.wait_for("idle", 0)
        refused = keeper.ask(DeleteClips(ids=("42-4",)))
        assert isinstance(refused, ClipsDone)
        assert "still being recorded" in refused.failed["42-4"]
    assert path.exists()
