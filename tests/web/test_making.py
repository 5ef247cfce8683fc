"""What is made while it is sent is held in pieces, waits for its turn, and gives its place back."""

from __future__ import annotations

import threading
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.geojson import collection_of
from dashcam.errors import TooManyViewers
from dashcam.web.clip_files import MAX_TRANSFERS, ClipFiles
from dashcam.web.making import Making, ids_of_day, rows_in_turn
from dashcam.web.maps import DayMap, day_pieces
from tests.bench.map_day import DAY, rows
from tests.web.sites import Site

CLIPS = 600
MOST_BYTES = 400_000


@pytest.fixture
def catalogue(tmp_path: Path) -> CatalogueReader:
    writer = CatalogueWriter(tmp_path)
    writer.open()
    writer.put(rows(CLIPS))
    writer.mark_complete(True)
    writer.close()
    return CatalogueReader(tmp_path)


def geojson(catalogue: CatalogueReader) -> Iterable[bytes]:
    ids = ids_of_day(catalogue, Wanted(day=DAY), lambda row: row.track is not None)
    return collection_of(rows_in_turn(catalogue, ids))


def peak_bytes(make: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        make()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", [lambda catalogue: day_pieces(catalogue, DAY), geojson])
def test_of_a_long_day_little_is_held_at_a_time(
    catalogue: CatalogueReader, make: Callable[[CatalogueReader], Iterable[bytes]]
) -> None:
    ids = ids_of_day(catalogue, Wanted(day=DAY), lambda _: True)
    assert peak_bytes(lambda: list(rows_in_turn(catalogue, ids))) > 3 * MOST_BYTES
    assert peak_bytes(lambda: deque(make(catalogue), maxlen=1)) < MOST_BYTES


def test_what_comes_in_pieces_is_the_map_of_the_day(catalogue: CatalogueReader) -> None:
    found = msgspec.json.decode(b"".join(day_pieces(catalogue, DAY)), type=DayMap)
    assert [clip.id for clip in found.clips] == [row.id for row in rows(CLIPS)]
    assert [clip.line for clip in found.clips] == [row.track.line for row in rows(CLIPS) if row.track]
    [trip] = found.trips
    assert trip.local_start == "2026-11-20T05:00:00"


def test_one_piece_is_made_at_a_time_and_places_are_given_back(
    catalogue: CatalogueReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashcam.web.making.asking_address", lambda: "10.0.0.1")
    at_work = threading.Semaphore(1)

    def pieces() -> Iterable[bytes]:
        for _ in range(50):
            assert at_work.acquire(blocking=False)
            piece = bytes(20_000)
            at_work.release()
            yield piece

    making = Making(ClipFiles(tmp_path, catalogue, lambda: None, threading.Event()), threading.Event())
    bodies = [making.reply(pieces, {}).body for _ in range(MAX_TRANSFERS // 2)]
    got: list[int] = []
    threads = [threading.Thread(target=lambda body=body: got.append(sum(map(len, body)))) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [50 * 20_000] * len(bodies)
    for body in bodies[1:]:
        body.close()
        body.close()
    # One address leaves a quarter of them to the others.
    more = [making.reply(pieces, {}).body for _ in range(MAX_TRANSFERS * 3 // 4 - 1)]
    with pytest.raises(TooManyViewers, match="try again"):
        making.reply(pieces, {})
    for body in (bodies[0], *more):
        body.close()
    making.reply(pieces, {}).body.close()


def test_a_catalogue_that_is_lost_on_the_way_ends_the_connection(
    catalogue: CatalogueReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashcam.web.making.asking_address", lambda: "10.0.0.1")
    making = Making(ClipFiles(tmp_path, catalogue, lambda: None, threading.Event()), threading.Event())
    body = making.reply(lambda: geojson(catalogue), {}).body
    assert next(body).startswith(b'{"type":"FeatureCollection"')
    catalogue.close()
    for path in tmp_path.glob("catalogue.sqlite*"):
        path.unlink()
    with pytest.raises(ConnectionAbortedError):
        list(body)
    body.close()


def test_after_the_head_of_such_an_answer_its_length_is_not_said_to_be_nothing(site: Site) -> None:
    site.keeper.catalogue.put(rows(3))
    for what in ("map", "track.gpx", "track.geojson"):
        answer = site.ask("HEAD", f"/api/days/{DAY}/{what}")
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] is None
        assert answer.headers["Content-Type"] == site.get(f"/api/days/{DAY}/{what}").headers["Content-Type"]
