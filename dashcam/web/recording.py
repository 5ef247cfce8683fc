"""What the recorder does when a button is pressed: start, stop, save, photo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from bottle import HTTPResponse, request
from msgspec import Meta

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
from dashcam.web.reply import json_reply, json_request

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


class SaveWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is to be kept; what is left out is as the settings say."""

    before_seconds: Annotated[float, Meta(ge=0, le=3600)] | None = None
    after_seconds: Annotated[float, Meta(ge=0, le=600)] | None = None
    cause: Literal["button", "api"] = "button"


class KeptMoment(msgspec.Struct, frozen=True, kw_only=True):
    """It will be kept, whatever happens now; the clip of it appears later. `words` are for people."""

    id: str
    """Of the request, as `jobs` names it while its clip is made."""
    clip_ids: tuple[str, ...]
    """The clips that it is in, as far as they have begun."""
    before_seconds: float
    after_seconds: float
    words: str


class RecordingResource:
    """Everything here is a POST; only save takes a body."""

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
    @describes(answers=KeptMoment, body=SaveWish, body_may_be_empty=True, refuses=_REFUSES)
    def save(self) -> HTTPResponse:
        """Keeps the last seconds and some that follow; answered once that is sure, even without power."""
        wish = json_request(SaveWish) if request.content_length > 0 else SaveWish()
        saved = self._ask(
            Save(cause=wish.cause, before_seconds=wish.before_seconds, after_seconds=wish.after_seconds), Saved
        )
        return json_reply(
            KeptMoment(
                id=saved.id,
                clip_ids=saved.clip_ids,
                before_seconds=saved.before_seconds,
                after_seconds=saved.after_seconds,
                words=words_of(saved),
            )
        )

    @needs("driver")
    @describes(answers=PhotoOnCard, refuses=_REFUSES)
    def photo(self) -> HTTPResponse:
        """Takes a photo; answered once it is durable on the card."""
        taken = self._ask(TakePhoto(), PhotoTaken)
        return json_reply(PhotoOnCard(taken.id, taken.path, f"/media/{taken.id}"))

    def _ask(self, message: Message, reply: type[T]) -> T:
        return ask(self._state, "recorder", message, reply, _LIMIT_SECONDS)


def words_of(saved: Saved) -> str:
    """`Saved the last 60 s, 10 s more to come.`, and what the recorder has to say of it."""
    more = f", {saved.after_seconds:.0f} s more to come" if round(saved.after_seconds) else ""
    words = f"Saved the last {saved.before_seconds:.0f} s{more}."
    return f"{words} {saved.words[0].upper()}{saved.words[1:]}." if saved.words else words
