"""What the recorder does when a button is pressed: start, stop, save, photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec
from bottle import HTTPResponse

from dashcam.errors import CameraError, CardError, CardFull, LinkError, NotRecording
from dashcam.link.client import ask
from dashcam.link.messages import (
    Done,
    Message,
    PhotoTaken,
    Save,
    Saved,
    StartRecording,
    Stopped,
    StopRecording,
    TakePhoto,
)
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply

T = TypeVar("T", bound=Message)

# Longer than the recorder gives itself for a photo, or for closing a clip on a slow card.
_LIMIT_SECONDS = 15.0
_REFUSES = (LinkError, CameraError, CardError, CardFull, NotRecording)


class RecordingStarted(msgspec.Struct, frozen=True):
    """It records."""

    done: bool = True


class PhotoOnCard(msgspec.Struct, frozen=True):
    """A photo that was just taken; `path` is below DCIM."""

    id: str
    path: str
    media: str


class KeptClips(msgspec.Struct, frozen=True):
    """Clips that are kept, or may be."""

    clip_ids: tuple[str, ...]


class RecordingResource:
    """Everything here is a POST without a body."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/recording/start", "POST", self.start)
        app.route("/api/recording/stop", "POST", self.stop)
        app.route("/api/save", "POST", self.save)
        app.route("/api/photo", "POST", self.photo)

    @needs("driver")
    @describes(answers=RecordingStarted, refuses=_REFUSES)
    def start(self) -> HTTPResponse:
        """Starts recording by hand."""
        self._ask(StartRecording(), Done)
        return json_reply(RecordingStarted())

    @needs("driver")
    @describes(answers=KeptClips, refuses=_REFUSES)
    def stop(self) -> HTTPResponse:
        """Stops recording; `clip_ids` are those of a recording started by hand, to be kept or deleted."""
        return json_reply(KeptClips(self._ask(StopRecording(), Stopped).clip_ids))

    @needs("driver")
    @describes(answers=KeptClips, refuses=_REFUSES)
    def save(self) -> HTTPResponse:
        """Keeps the open clip and the one before it; they are locked once closed."""
        return json_reply(KeptClips(self._ask(Save(cause="button"), Saved).clip_ids))

    @needs("driver")
    @describes(answers=PhotoOnCard, refuses=_REFUSES)
    def photo(self) -> HTTPResponse:
        """Takes a photo; answered once it is durable on the card."""
        taken = self._ask(TakePhoto(), PhotoTaken)
        return json_reply(PhotoOnCard(taken.id, taken.path, f"/media/{taken.id}"))

    def _ask(self, request: Message, reply: type[T]) -> T:
        return ask(self._state, "recorder", request, reply, _LIMIT_SECONDS)
