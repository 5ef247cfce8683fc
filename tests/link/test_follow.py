"""Following the recorder: the newest status, None when it is gone, and back by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from dashcam.link.follow import FollowedStatus
from dashcam.link.messages import Done, Message, RecorderRequest, RecorderStatus, WatchStatus
from dashcam.link.server import LinkServer
from dashcam.link.stream import Stream
from tests.golden_values import STATUS
from tests.link.peers import LONG_SECONDS


class Recorder:
    """Says how it stands once at the start of a stream, then when told to."""

    def __init__(self, boot: int) -> None:
        self.boot = boot
        self.stream: Stream | None = None

    def subscribe(self, request: Any, stream: Stream) -> Callable[[], None] | None:
        assert isinstance(request, WatchStatus)
        self.stream = stream
        self.say(frames=0)
        return lambda: None

    def say(self, frames: int) -> None:
        assert self.stream is not None
        self.stream.offer(msgspec.structs.replace(STATUS, boot=self.boot, frames_received=frames))


def never(_request: Any) -> Message:
    return Done()


def serve(state: Path, recorder: Recorder) -> LinkServer:
    server = LinkServer(state, "recorder", requests=RecorderRequest, answer=never, subscribe=recorder.subscribe)
    server.start()
    return server


def wait_until(
    followed: FollowedStatus, is_reached: Callable[[RecorderStatus | None], bool]
) -> tuple[int, RecorderStatus | None]:
    """Follows the changes, as a user of the class does."""
    version, status = followed.version, followed.status
    while not is_reached(status):
        newer, status = followed.wait_for_change(version, LONG_SECONDS)
        assert newer != version
        version = newer
    return version, status


def test_it_waits_for_a_recorder_that_comes_later(tmp_path: Path) -> None:
    followed = FollowedStatus(tmp_path)
    followed.start()
    assert followed.status is None
    server = serve(tmp_path, Recorder(7))
    wait_until(followed, lambda status: status is not None and status.boot == 7)
    followed.close()
    server.close()


def test_every_change_counts_the_version_up_and_wakes_who_waits(tmp_path: Path) -> None:
    recorder = Recorder(7)
    server = serve(tmp_path, recorder)
    followed = FollowedStatus(tmp_path)
    followed.start()
    version, _ = wait_until(followed, lambda status: status is not None)
    for frames in range(1, 6):
        recorder.say(frames)
        newer, status = followed.wait_for_change(version, LONG_SECONDS)
        assert newer == version + 1
        assert status is not None
        assert status.frames_received == frames
        version = newer
    followed.close()
    server.close()


def test_a_recorder_that_goes_is_none_and_the_next_one_is_found(tmp_path: Path) -> None:
    followed = FollowedStatus(tmp_path)
    followed.start()
    for boot in (7, 8, 9):
        server = serve(tmp_path, Recorder(boot))
        wait_until(followed, lambda status, boot=boot: status is not None and status.boot == boot)  # type: ignore[misc]
        server.close()
        wait_until(followed, lambda status: status is None)
    followed.close()


def test_waiting_without_a_change_ends_at_the_limit(tmp_path: Path) -> None:
    followed = FollowedStatus(tmp_path)
    assert followed.wait_for_change(followed.version, 0.01) == (0, None)
    assert followed.wait_for_change(-1, LONG_SECONDS) == (0, None)
    followed.close()


def test_close_wakes_who_waits_and_leaves_no_thread(tmp_path: Path) -> None:
    threads = threading.active_count()
    recorder = Recorder(7)
    server = serve(tmp_path, recorder)
    followed = FollowedStatus(tmp_path)
    followed.start()
    version, _ = wait_until(followed, lambda status: status is not None)
    closer = threading.Timer(0.05, followed.close)
    closer.start()
    newest, _ = followed.wait_for_change(version, LONG_SECONDS)
    closer.join()
    followed.close()
    assert newest >= version
    server.close()
    assert threading.active_count() == threads
