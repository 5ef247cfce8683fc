"""The card as the recorder opens it: where clips go, and what is said when none can."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clock import NANOSECONDS, WallClock
from dashcam.errors import AlreadyRunning, CardError
from dashcam.recorder.card import Card, NewPlace, mount_point_of
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.trouble import trouble_of

NOON = int(datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC).timestamp()) * NANOSECONDS


def new_card(data: Path, *, zone: str = "UTC", state: str = ".state", utc_ns: int = NOON) -> Card:
    """At 0 of the monotonic clock it is `utc_ns`."""
    numbering = Numbering(data / state)
    numbering.start()
    return Card(data, numbering, WallClock(lambda: 0, lambda: utc_ns), zone)


def test_a_clip_is_called_after_the_local_time_of_its_first_frame(tmp_path: Path) -> None:
    place = new_card(tmp_path, zone="Asia/Tokyo").place_for_clip(4 * 3600 * NANOSECONDS)
    assert place.final == tmp_path / "DCIM/VIDEO/2026-11-21/dcp_20261121010000.mp4"
    assert place.temporary == place.final.with_name(".tmp-dcp_20261121010000.mp4")
    assert place.final.parent.is_dir()


@pytest.mark.parametrize("taken", ["VIDEO", "EVENT"])
@pytest.mark.parametrize("suffix", [".mp4", ".json"])
def test_a_name_is_not_used_while_anything_has_it(tmp_path: Path, taken: str, suffix: str) -> None:
    """A clip may have been locked meanwhile, and come back."""
    there = tmp_path / "DCIM" / taken / "2026-11-20" / f"dcp_20261120120000{suffix}"
    there.parent.mkdir(parents=True)
    there.touch()
    assert new_card(tmp_path).place_for_clip(0).final.name == "dcp_20261120120000_2.mp4"


def test_a_link_that_leads_nowhere_has_its_name_too(tmp_path: Path) -> None:
    there = tmp_path / "DCIM/PHOTO/2026-11-20/dcp_20261120120000.jpg"
    there.parent.mkdir(parents=True)
    there.symlink_to(tmp_path / "nowhere")
    assert new_card(tmp_path).place_for_photo(0).final.name == "dcp_20261120120000_2.jpg"


@pytest.mark.parametrize(("top", "place_of"), [("VIDEO", Card.place_for_clip), ("PHOTO", Card.place_for_photo)])
def test_a_day_that_leads_elsewhere_is_not_recorded_into(
    tmp_path: Path, top: str, place_of: Callable[[Card, int], NewPlace]
) -> None:
    card = new_card(tmp_path / "card")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = tmp_path / "card" / "DCIM" / top
    folder.mkdir(parents=True)
    (folder / "2026-11-20").symlink_to(elsewhere)
    place = place_of(card, 0)
    assert place.final.parent == folder / "undated"
    assert place.final.stem == "boot0001_000001"
    assert place.anchor.source == "system", "only the name lacks the time"
    (folder / "undated").rmdir()
    (folder / "undated").symlink_to(elsewhere)
    with pytest.raises(CardError, match="undated is a link"):
        place_of(card, 0)
    assert list(elsewhere.iterdir()) == []


def test_the_hour_that_comes_twice_gives_no_name_twice(tmp_path: Path) -> None:
    fold = int(datetime(2027, 10, 31, 0, 30, tzinfo=UTC).timestamp()) * NANOSECONDS
    card = new_card(tmp_path, zone="Europe/Berlin", utc_ns=fold)
    names = []
    for start in (0, 3600 * NANOSECONDS):
        place = card.place_for_clip(start)
        place.final.touch()
        names.append(place.final.name)
    assert names == ["dcp_20271031023000.mp4", "dcp_20271031023000_2.mp4"]


def test_photos_and_clips_share_one_sequence_but_no_names(tmp_path: Path) -> None:
    card = new_card(tmp_path)
    clip, photo = card.place_for_clip(0), card.place_for_photo(0)
    assert (str(clip.id), str(photo.id)) == ("1-1", "1-2")
    assert photo.final == tmp_path / "DCIM/PHOTO/2026-11-20/dcp_20261120120000.jpg"


def test_the_data_folder_is_made_if_only_it_is_missing(tmp_path: Path) -> None:
    new_card(tmp_path / "data").open()
    assert CardFolders(tmp_path / "data").of_kind("loop").is_dir()
    with pytest.raises(FileNotFoundError):
        new_card(tmp_path / "no such disk" / "data").open()
    assert not (tmp_path / "no such disk").exists()


def test_one_dashcam_at_a_time_has_a_card(tmp_path: Path) -> None:
    first, second = new_card(tmp_path), new_card(tmp_path, state="other")
    second.claim()
    first.open()
    with pytest.raises(AlreadyRunning, match="stop it, or use another --data folder"):
        second.claim()
    with pytest.raises(AlreadyRunning):
        second.open()
    first.close()
    first.close()
    second.claim()
    second.open()
    with pytest.raises(AlreadyRunning):
        first.open()


def test_a_claim_makes_nothing_and_tells_of_nothing_else(tmp_path: Path) -> None:
    new_card(tmp_path / "data").claim()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    card = new_card(tmp_path)
    before = card.place_for_clip(0)
    shutil.rmtree(tmp_path / "DCIM")
    after = card.place_for_clip(0)
    assert after.final.parent.is_dir()
    assert after.id.number > before.id.number
    assert not sidecar_of(after.final).exists()


def test_another_card_in_its_place_is_opened_anew(tmp_path: Path) -> None:
    """What lies there now has its own lock and its own boot numbers."""
    card = new_card(tmp_path / "card", state="../state")
    card.open()
    (tmp_path / "card").rename(tmp_path / "taken out")
    (tmp_path / "card").mkdir()
    place = card.place_for_clip(0)
    assert place.final.is_relative_to(tmp_path / "card")
    assert place.final.parent.is_dir()
    rival = new_card(tmp_path / "card", state="../rival's state")
    with pytest.raises(AlreadyRunning):
        rival.open()


def test_a_folder_lies_where_its_file_system_is_mounted(tmp_path: Path) -> None:
    assert mount_point_of(Path("/")) == Path("/")
    assert mount_point_of(Path("/proc/sys/kernel")) == Path("/proc")
    link = tmp_path / "link"
    link.symlink_to("/proc/sys")
    assert mount_point_of(link) == Path("/proc")
    assert mount_point_of(tmp_path / "not" / "there") == mount_point_of(tmp_path)


def test_space_is_zero_when_the_card_is_gone(tmp_path: Path) -> None:
    assert new_card(tmp_path).space().free_bytes > 0
    gone = new_card(tmp_path / "no such disk" / "data")
    assert (gone.space().total_bytes, gone.is_present) == (0, False)


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "card_full", "full and nothing may be deleted; unlock"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "card_full", "full"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "card_read_only", "check its lock switch"),
        (OSError(errno.EACCES, os.strerror(errno.EACCES)), "card_read_only", "may not be written by this user"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "no_card", "no card at /card (Input/output error); put it in"),
        (FileNotFoundError(errno.ENOENT, "gone"), "no_card", "put it in or mount it"),
        (CardError("/card is not mounted any more"), "no_card", "/card is not mounted any more; put the card in"),
        (AlreadyRunning("another dashcam uses it"), "no_card", "another dashcam uses it"),
    ],
)
def test_every_error_of_a_card_is_a_state_with_words(error: Exception, state: str, words: str) -> None:
    trouble = trouble_of(error, Path("/card"))
    assert trouble.state == state
    assert words in trouble.reason


def test_clips_of_loop_and_events_never_get_the_same_name_though_neither_file_is_there_yet(tmp_path: Path) -> None:
    """Their pictures would have one name, and a locked clip could not move to EVENT."""
    card = new_card(tmp_path)
    loop, event = card.place_for_clip(0), card.place_for_event(0, None)
    assert event.final == tmp_path / "DCIM/EVENT/2026-11-20/dcp_20261120120000_2.mp4"
    assert loop.final == tmp_path / "DCIM/VIDEO/2026-11-20/dcp_20261120120000.mp4"
    assert card.place_for_photo(0).final.stem == "dcp_20261120120000"


def test_an_event_gets_the_id_that_it_was_promised_in_this_boot(tmp_path: Path) -> None:
    card = new_card(tmp_path)
    assert card.place_for_event(0, ClipId(1, False, 77)).id == ClipId(1, False, 77)
    assert card.place_for_event(0, ClipId(2, False, 77)).id == ClipId(1, False, 1)
