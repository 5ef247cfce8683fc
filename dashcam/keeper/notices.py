"""Tells a command and a web address of the owner's of each event, when its clip is on the card."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from dashcam.clips.catalogue_search import newest_events_in
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.event import EventCause
from dashcam.clips.row import ClipRow
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, utc_text
from dashcam.keeper.notice_box import Notice, NoticeBox, Way
from dashcam.keeper.notice_senders import Sender, command_sender, webhook_sender
from dashcam.link.place import page_address_path
from dashcam.settings.schema_events import EventsSettings
from dashcam.system.addresses import page_addresses

log = logging.getLogger(__name__)

# Of what happens between two looks; more at once is what a keeper finds that was dead for long.
_LOOKED_AT = 100
# What a person has cut afterwards is nothing that has happened.
_CAUSES: tuple[EventCause, ...] = ("motion", "impact", "button", "api")
_NANOSECONDS_PER_MILLISECOND = 1_000_000
_LONGEST_ADDRESS = 300


class NoticePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where the clip begins, in degrees."""

    latitude: float
    longitude: float


class EventNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What command and web address are told, as JSON."""

    event: str
    clip: str
    cause: EventCause
    time: str | None
    """UTC of the event; None while no clock is trusted."""
    place: NoticePlace | None
    score: float
    camera: str
    path: str
    """Of the clip, below DCIM."""
    seconds: float
    """How long the clip is."""
    is_saved: bool
    words: str
    page: str | None
    """The address of the page, where it is known."""


class Notices:
    """`step` is used by the keeper's one working thread; each way has a thread that sends."""

    def __init__(self, state: Path, catalogue: CatalogueWriter, settings: EventsSettings) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._page_address = page_address_path(state)
        self.box = NoticeBox(state)
        self._senders: dict[Way, Sender] = {
            "command": command_sender(self.box, settings.command),
            "webhook": webhook_sender(self.box, settings.webhook),
        }
        self._generation: int | None = None

    def start(self) -> None:
        """Starts to send what waits."""
        for sender in self._senders.values():
            sender.start()

    def take(self, settings: EventsSettings) -> None:
        """Other addresses; what waits goes there."""
        self._settings = settings
        self._senders["command"].take(settings.command)
        self._senders["webhook"].take(settings.webhook)
        self._generation = None

    def close(self) -> None:
        """What waits is sent after the next start. May be called twice."""
        for sender in self._senders.values():
            sender.close()

    def step(self) -> bool:
        """Looks for new events; True when there were some. Only for a catalogue that is complete.

        Raises OSError of the state and CatalogueLost.
        """
        generation = self._catalogue.state().generation
        if generation == self._generation:
            return False
        wishes: dict[Way, str] = {"command": self._settings.command, "webhook": self._settings.webhook}
        unwanted: list[Way] = [way for way, wish in wishes.items() if not wish.strip()]
        if unwanted:
            self.box.forget(unwanted)
        if len(unwanted) == len(wishes):
            self._generation = generation
            return False
        rows = self._catalogue.ask(lambda found: newest_events_in(found, _LOOKED_AT))
        new = set(self.box.new_among([row.id for row in rows if is_told_of(row)]))
        notices = [Notice(clip_id=row.id, content=self._content(row)) for row in rows if row.id in new]
        self.box.add(notices, [way for way in wishes if way not in unwanted])
        self._generation = generation
        for sender in self._senders.values() if notices else ():
            sender.wake()
        return bool(notices)

    def _content(self, row: ClipRow) -> str:
        return msgspec.json.encode(notice_of(row, self._page())).decode()

    def _page(self) -> str | None:
        try:
            with open(self._page_address, encoding="ascii") as file:
                parts = urlsplit(file.read(_LONGEST_ADDRESS).strip())
            return page_addresses(parts.hostname, parts.port or 80)[0] if parts.hostname else None
        except (OSError, ValueError):
            return None


def is_told_of(row: ClipRow) -> bool:
    """An event that has happened just now: of several parts the first, and nothing that was found in old clips."""
    event = row.event
    return event is not None and event.cause in _CAUSES and event.part == 1 and not event.found_later


def notice_of(row: ClipRow, page: str | None) -> EventNotice:
    """What is told of an event's clip. Raises ValueError for a clip of none."""
    event = row.event
    if event is None:
        raise ValueError(f"{row.id} is no clip of an event")
    utc_ns = None
    if row.started_utc_ms is not None and row.clock_source in TRUSTED_SOURCES:
        utc_ns = row.started_utc_ms * _NANOSECONDS_PER_MILLISECOND + round(event.at_seconds * NANOSECONDS)
    place = row.place
    return EventNotice(
        event=event.id,
        clip=row.id,
        cause=event.cause,
        time=None if utc_ns is None else utc_text(utc_ns),
        place=None if place is None else NoticePlace(latitude=place.latitude, longitude=place.longitude),
        score=event.score,
        camera=row.camera,
        path=row.path,
        seconds=row.duration_seconds,
        is_saved=row.lock_cause is not None,
        words=event.words,
        page=page,
    )
