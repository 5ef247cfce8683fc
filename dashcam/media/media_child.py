"""The parent's side of the child that opens media files: asks, limits the time, and blames only the file."""

from __future__ import annotations

import sys
from typing import TypeVar

import msgspec

from dashcam.errors import BadMedia, CardError
from dashcam.media.jobs import Answer, AnyJob, Hindered, NotOfOneKind, Refused, bytes_to_read
from dashcam.system.answering_child import AnsweringChild, ChildFailed

T = TypeVar("T")

# A job on an idle machine takes a tenth of a second; on the smallest board the libraries alone take 5 s to load.
BASE_SECONDS = 60.0
# And a card may be as slow as this while it is recorded to. Repair reads and writes.
SLOWEST_BYTES_PER_SECOND = 500_000
# Its memory creeps up, by tens of megabytes after a thousand thumbnails: then another one takes over.
MOST_JOBS = 300


class ChildCameToGrief(BadMedia):
    """Whoever opened the file died or hung: of the file as a rule, but perhaps for lack of memory or time."""


class NotJoined(BadMedia):
    """The files of a cut are not of one kind; `part`, counted from 0, is another one than that before it."""

    def __init__(self, part: int) -> None:
        super().__init__(
            "the pictures change their size or their encoding within it; cut the clips before and after that one by one"
        )
        self.part = part


class MediaChild:
    """Asks the child; starts it when it is needed. Asked by one thread; `kill` may be called from any."""

    def __init__(self, base_seconds: float = BASE_SECONDS) -> None:
        self._base_seconds = base_seconds
        self._child = AnsweringChild([sys.executable, "-P", "-m", "dashcam.media.child"])
        self._decoder: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
        self._jobs_left = MOST_JOBS

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid

    def ask(self, job: AnyJob, reply: type[T]) -> T:
        """The answer. Raises BadMedia for what is the file's fault, CardError for what is the card's.

        ChildCameToGrief, a BadMedia, when there was no answer: it may be worth another try.
        """
        try:
            line = self._child.ask(msgspec.json.encode(job), self._limit_seconds(job))
            answer = self._decoder.decode(line)
            self._count()
        except ChildFailed as error:
            raise ChildCameToGrief(f"whoever opened it came to grief: {error}") from error
        except msgspec.DecodeError as error:
            self._child.kill()
            raise ChildCameToGrief("whoever opened it answered nonsense") from error
        match answer:
            case Refused():
                raise BadMedia(answer.message)
            case Hindered():
                raise CardError(answer.message)
            case NotOfOneKind():
                raise NotJoined(answer.part)
        assert isinstance(answer, reply)
        return answer

    def close(self) -> None:
        """Lets the idle child end; the next question starts another."""
        self._child.close()

    def kill(self) -> None:
        """Ends the child at once; who waits for its answer gets BadMedia."""
        self._child.kill()

    def _count(self) -> None:
        self._jobs_left -= 1
        if self._jobs_left <= 0:
            self._jobs_left = MOST_JOBS
            self._child.close()

    def _limit_seconds(self, job: AnyJob) -> float:
        return self._base_seconds + bytes_to_read(job) / SLOWEST_BYTES_PER_SECOND
