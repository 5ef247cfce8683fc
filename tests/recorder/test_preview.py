"""Live pictures cost nothing while nobody watches, are never a queue, and have a limited number of viewers."""

from __future__ import annotations

import threading
import time
from typing import cast

import av
import pytest

from dashcam.camera.base import Picture
from dashcam.errors import TooManyViewers
from dashcam.link.messages import PreviewPicture
from dashcam.link.stream import Stream
from dashcam.recorder import preview as preview_module
from dashcam.recorder.preview import Preview
from dashcam.settings.schema import PreviewSettings
from dashcam.worker import Worker
from tests.recorder.asked import wait_until


class Viewer:
    """The end of a stream, as far as the preview sees it."""

    def __init__(self) -> None:
        self.pictures: list[PreviewPicture] = []

    def offer(self, message: PreviewPicture) -> None:
        self.pictures.append(message)

    @property
    def stream(self) -> Stream:
        return cast("Stream", self)


def picture(number: int, pixel_format: str = "yuv420p") -> Picture:
    return Picture(av.VideoFrame(64, 36, pixel_format), number, number)


def new_preview(**settings: float) -> Preview:
    return Preview(PreviewSettings(**settings))  # type: ignore[arg-type]


def show(preview: Preview) -> None:
    """Runs the encoding thread until no picture waits."""
    worker = Worker("preview", preview.work)
    worker.start()
    wait_until(lambda: not preview.is_busy, "the picture's encoding")
    end(worker, preview)


def end(worker: Worker, preview: Preview) -> None:
    worker.stopping.set()
    preview.wake()
    assert worker.stop()


def test_no_picture_is_wished_while_nobody_watches() -> None:
    preview, viewer = new_preview(), Viewer()
    assert not preview.wishes(0)
    preview.add(viewer.stream)
    assert preview.wishes(0)
    preview.remove(viewer.stream)
    assert not preview.wishes(0)
    assert preview.viewers == 0


def test_every_viewer_gets_the_same_jpeg() -> None:
    preview, viewers = new_preview(), [Viewer(), Viewer()]
    for viewer in viewers:
        preview.add(viewer.stream)
    preview.put(picture(5))
    show(preview)
    (seen,) = viewers[0].pictures
    assert viewers[1].pictures == [seen]
    assert seen.jpeg.startswith(b"\xff\xd8")
    assert (seen.width, seen.height, seen.captured_monotonic_ns) == (64, 36, 5)


def test_no_second_picture_is_wished_while_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the encoding takes, pictures never pile up: the camera is not asked for the next one."""
    encoding, may_go_on = threading.Event(), threading.Event()

    def slow(frame: av.VideoFrame, quality: int) -> bytes:
        encoding.set()
        may_go_on.wait()
        return b"\xff\xd8"

    monkeypatch.setattr(preview_module, "encode_jpeg", slow)
    preview, viewer = new_preview(rate=30), Viewer()
    preview.add(viewer.stream)
    worker = Worker("preview", preview.work)
    worker.start()
    try:
        preview.put(picture(1))
        encoding.wait()
        asked_until = time.monotonic() + 0.2
        while time.monotonic() < asked_until:
            assert not preview.wishes(0)
    finally:
        may_go_on.set()
    wait_until(lambda: preview.wishes(0), "the next wish")
    end(worker, preview)
    assert len(viewer.pictures) == 1


def test_pictures_are_wished_no_oftener_than_the_rate_says() -> None:
    preview = new_preview(rate=0.001)
    preview.add(Viewer().stream)
    assert preview.wishes(0)
    preview.put(picture(1))
    show(preview)
    assert not preview.wishes(0)


def test_viewers_are_limited_and_make_room_by_leaving() -> None:
    preview = new_preview(max_viewers=2)
    viewers = [Viewer() for _ in range(3)]
    for viewer in viewers[:2]:
        preview.add(viewer.stream)
    with pytest.raises(TooManyViewers, match="2 viewers watch already; close one"):
        preview.add(viewers[2].stream)
    preview.remove(viewers[0].stream)
    preview.remove(viewers[0].stream)
    preview.add(viewers[2].stream)
    assert preview.viewers == 2


def test_a_picture_that_cannot_be_encoded_is_left_out_and_the_next_one_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    preview, viewer = new_preview(rate=30), Viewer()
    preview.add(viewer.stream)
    monkeypatch.setattr(preview_module, "encode_jpeg", lambda *_: 1 / 0)
    preview.put(picture(1))
    show(preview)
    assert "could not be encoded" in caplog.text
    monkeypatch.undo()
    preview.put(picture(2))
    show(preview)
    assert [seen.captured_monotonic_ns for seen in viewer.pictures] == [2]
