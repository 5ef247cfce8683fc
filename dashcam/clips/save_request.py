"""Save requests: what the recorder was asked to keep, told to the keeper by one synced file each.

The recorder creates `<state>/saves/<id>.json` when the driver presses save, and the keeper when somebody cuts a range
afterwards. The keeper makes what it asks for and then deletes it: an exact clip of a stretch of time, cut from the
loop's clips once they are closed, or a lock on clips that are events already. Until then retention counts its ids as
locked, so that a request survives a power cut. What is unlocked meanwhile is taken out of it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

import msgspec

from dashcam.clips.clip import ClipId
from dashcam.clips.event import EventCause
from dashcam.errors import BadRequest
from dashcam.files import TEMPORARY_PREFIX, make_folders, sync_folder, write_durably


class ClipRange(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a closed clip: from and to in its media seconds; None: its beginning, its end."""

    clip_id: str
    from_seconds: float | None = None
    to_seconds: float | None = None


class SaveRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be kept. The range is CLOCK_MONOTONIC of the boot in the id, in nanoseconds."""

    id: str
    clip_ids: tuple[str, ...]
    """Not to be deleted until it is done: the loop's clips of the range as far as they had begun, or the event's."""
    cause: EventCause
    requested_utc: str | None
    kind: Literal["cut", "lock"] = "cut"
    """cut: the range becomes a clip of its own, and the loop's clips stay as they are; lock: the clips are locked."""
    from_monotonic_ns: int
    to_monotonic_ns: int
    """May be in the future: it is cut when the loop's clip of that moment is closed."""
    at_monotonic_ns: int
    """When it was pressed."""
    loop_id: str = ""
    """The loop clip that grew then."""
    words: str = ""
    """What people should know of it, as in EventFacts."""
    parts: tuple[ClipRange, ...] = ()
    """Of what somebody cuts afterwards: exactly these pieces, which continue each other; the range says nothing."""
    at_seconds: float | None = None
    """When it began in the first of the parts, in media seconds; None: where that begins."""
    peak_seconds: float | None = None
    score: float = 0.0
    made_id: str = ""
    """The id of the clip that it becomes, once the keeper has begun: however often it begins, there is one clip."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(SaveRequest)


class SaveRequests:
    """The folder of the requests in the state."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "saves"

    def add(self, request: SaveRequest) -> None:
        """Durable when it returns. Raises OSError when the state cannot be written."""
        make_folders(self.folder)
        write_durably(self.folder / f"{request.id}.json", _encoder.encode(request) + b"\n")

    def waiting(self) -> list[SaveRequest]:
        """All that are not done yet, in the order of their ids; what cannot be read is passed over."""
        try:
            names = list(self.folder.glob("*.json"))
        except OSError:
            return []
        found: list[SaveRequest] = []
        for path in names:
            if path.name.startswith(TEMPORARY_PREFIX):
                continue
            try:
                request = _decoder.decode(path.read_bytes())
                ClipId.parse(request.id)
            except (OSError, msgspec.DecodeError, BadRequest):
                continue
            # What is called otherwise than its id is none of ours, and would never be done with.
            if path.stem == request.id:
                found.append(request)
        return sorted(found, key=lambda request: ClipId.parse(request.id))

    def protected_ids(self) -> frozenset[str]:
        """Ids that count as locked because a request for them is waiting."""
        return frozenset(clip_id for request in self.waiting() for clip_id in request.clip_ids)

    def withdraw(self, clip_ids: Collection[str]) -> None:
        """Takes clips out of the waiting requests to lock them: somebody has unlocked them since. Raises OSError.

        What is to be cut out of them is still wanted.
        """
        for request in self.waiting():
            if request.kind != "lock":
                continue
            left = tuple(clip_id for clip_id in request.clip_ids if clip_id not in clip_ids)
            if not left:
                self.done(request)
            elif left != request.clip_ids:
                self.add(msgspec.structs.replace(request, clip_ids=left))

    def done(self, request: SaveRequest) -> None:
        """Forgets a request that is done, or not wanted any more."""
        (self.folder / f"{request.id}.json").unlink(missing_ok=True)
        sync_folder(self.folder)
