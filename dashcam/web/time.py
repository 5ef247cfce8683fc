"""A phone tells its time and its time zone when it opens the page: the recorder takes the time if it is the better."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from bottle import HTTPResponse
from msgspec import Meta

from dashcam.clock import NANOSECONDS, local_time, zone_of
from dashcam.errors import LinkError, SettingsError
from dashcam.link.client import ask
from dashcam.link.messages import ClockStatus, OfferTime, TimeAnswer
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply, json_request
from dashcam.web.zone_names import is_place, names_of

_LIMIT_SECONDS = 5.0
_NANOSECONDS_PER_MILLISECOND = 1_000_000
# A phone that has not measured how long its requests take: through a busy hotspot seldom longer.
_UNKNOWN_WAY_SECONDS = 1.0
# What 63 bits of nanoseconds hold; whether the date can be right is the recorder's affair.
_LAST_MS = 9_000_000_000_000


class PhoneTime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The phone's time, as late as it can be read before it is sent."""

    utc_ms: Annotated[int, Meta(ge=0, le=_LAST_MS, description="milliseconds since 1970, as Date.now() gives them")]
    zone: Annotated[
        str,
        Meta(max_length=64, pattern=r"^[A-Za-z0-9_+/-]*$", description="the phone's time zone, such as Europe/Berlin"),
    ] = ""
    round_trip_ms: Annotated[
        Annotated[float, Meta(ge=0, le=3_600_000)] | None,
        Meta(description="how long an earlier request like this took, from sending to its answer"),
    ] = None


class TimeTold(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the phone's time is the dashcam's now, why not, and what the dashcam's time is."""

    is_taken: bool
    words: str
    clock: ClockStatus
    zone_offer: str | None
    """The phone's zone where its time differs from that of the machine's and no zone is set: to be saved as
    `clock.zone` if the driver agrees; None: there is nothing to ask."""


class TimeResource:
    """Tells the recorder what a phone's clock says."""

    def __init__(
        self, state: Path, zone: Callable[[], str], monotonic_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """`zone` gives the setting `clock.zone`."""
        self._state = state
        self._zone = zone
        self._monotonic_ns = monotonic_ns

    def add_to(self, app: Any) -> None:
        """Adds the route."""
        app.route("/api/time", "POST", self.tell)

    @needs("driver")
    @describes(answers=TimeTold, body=PhoneTime, refuses=(LinkError,))
    def tell(self) -> HTTPResponse:
        """Takes the phone's time if that is better than what the dashcam knows.

        Half of `round_trip_ms` counts as the way here. Whoever has measured it may offer the time again: one that was
        less long under way is the better.
        """
        arrived_ns = self._monotonic_ns()
        told = json_request(PhoneTime)
        answer = ask(self._state, "recorder", offer_of(told, arrived_ns), TimeAnswer, _LIMIT_SECONDS)
        return json_reply(
            TimeTold(
                is_taken=answer.is_taken,
                words=answer.words,
                clock=answer.clock,
                zone_offer=zone_to_offer(told.zone, self._zone(), answer.clock.utc_ns),
            )
        )


def offer_of(told: PhoneTime, arrived_ns: int) -> OfferTime:
    """What the phone said, as of when it arrived here."""
    if told.round_trip_ms is None:
        way_ns, error_seconds = 0, _UNKNOWN_WAY_SECONDS
    else:
        way_ns = round(told.round_trip_ms / 2 * _NANOSECONDS_PER_MILLISECOND)
        error_seconds = way_ns / NANOSECONDS
    utc_ns = told.utc_ms * _NANOSECONDS_PER_MILLISECOND + way_ns
    return OfferTime(utc_ns=utc_ns, monotonic_ns=arrived_ns, error_seconds=error_seconds)


def zone_to_offer(
    theirs: str,
    zone_setting: str,
    utc_ns: int,
    here: Callable[[int], datetime] = lambda utc_ns: local_time(utc_ns, None),
) -> str | None:
    """The phone's zone if none is set and the machine's, in which `here` tells the time, is another at present.

    `utc_ns`: the dashcam's own time, since a phone's that was refused says nothing of summer and winter; 0: not known,
    and nothing is offered. Nor is a zone that this machine does not know: it could not be saved.
    """
    if zone_setting or not theirs or not utc_ns:
        return None
    for name in names_of(theirs):
        with contextlib.suppress(SettingsError, ValueError, OverflowError, OSError):
            offset, ours = local_time(utc_ns, zone_of(name)).utcoffset(), here(utc_ns).utcoffset()
            return name if _minutes(offset) != _minutes(ours) and is_place(name) else None
    return None


def _minutes(offset: timedelta | None) -> int:
    return 0 if offset is None else round(offset.total_seconds() / 60)
