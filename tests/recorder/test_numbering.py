"""An id is never given twice, whatever is lost or exchanged: state, card, or both machine and card."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from dashcam.clips.boot_mark import BOOT_NAME, CARD_MARKER
from dashcam.clips.names import CardFolders
from dashcam.clips.sidecar import write_sidecar
from dashcam.recorder.numbering import Numbering, boots_on_card
from tests.made_clips import sidecar_for, tag_of


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def card(tmp_path: Path) -> CardFolders:
    return new_card(tmp_path / "card")


def new_card(data: Path) -> CardFolders:
    folders = CardFolders(data)
    folders.dcim.mkdir(parents=True)
    return folders


def boot(state: Path, card: CardFolders) -> Numbering:
    """The machine is switched on with this card in it."""
    numbering = Numbering(state)
    numbering.start()
    numbering.meet_card(card)
    return numbering


def put_clip(card: CardFolders, clip_id: str, kind: str = "VIDEO", day: str = "2026-11-20", stem: str = "") -> None:
    path = card.dcim / kind / day / f"{stem or f'dcp_{clip_id}'}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sidecar(path, sidecar_for(tag_of(clip_id), b""))


def test_each_boot_has_a_number_of_its_own_and_counts_from_one(state: Path, card: CardFolders) -> None:
    first, second = boot(state, card), boot(state, card)
    assert [str(first.next_id()), str(first.next_id()), str(second.next_id())] == ["1-1", "1-2", "2-1"]


def test_a_lost_state_is_made_up_for_by_the_card(state: Path, card: CardFolders) -> None:
    assert [boot(state, card).boot for _ in range(3)] == [1, 2, 3]
    shutil.rmtree(state)
    assert boot(state, card).boot == 4
    assert boot(state, card).boot == 5


def test_a_new_card_is_made_up_for_by_the_state(state: Path, card: CardFolders, tmp_path: Path) -> None:
    assert [boot(state, card).boot for _ in range(3)] == [1, 2, 3]
    assert boot(state, new_card(tmp_path / "new")).boot == 4


def test_a_card_of_another_machine_raises_the_number_above_its_own(card: CardFolders, tmp_path: Path) -> None:
    for _ in range(7):
        boot(tmp_path / "old machine", card)
    young = boot(tmp_path / "young machine", card)
    assert young.boot == 8
    assert boot(tmp_path / "young machine", new_card(tmp_path / "its own card")).boot == 9


def test_two_machines_of_the_same_number_do_not_share_it_on_one_card(card: CardFolders, tmp_path: Path) -> None:
    assert boot(tmp_path / "one", card).boot == 1
    assert boot(tmp_path / "other", card).boot == 2


def test_a_card_without_a_marker_is_asked_for_its_clips(state: Path, card: CardFolders) -> None:
    put_clip(card, "12-3")
    put_clip(card, "41-k7", "EVENT")
    put_clip(card, "40-1", "PHOTO")
    (card.dcim / "VIDEO" / "2026-11-20" / "broken.json").write_text("{")
    assert max(boots_on_card(card)) == 41
    assert boot(state, card).boot == 42


class SlowCard:
    """A clock by which reading one file of the card takes a tenth of a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.1
        return self.now


def test_the_recording_does_not_wait_until_a_slow_card_was_looked_through(state: Path, card: CardFolders) -> None:
    for number in range(1, 201):
        put_clip(card, f"{number % 40 + 1}-{number}")
    clock = SlowCard()
    numbering = Numbering(state, clock)
    numbering.start()
    numbering.meet_card(card)
    assert clock.now < 3.0
    assert numbering.boot == 1_000_001
    # From then on the marker tells.
    assert boot(state, card).boot == 1_000_002
    assert boot(state.with_name("other state"), card).boot == 1_000_003


def test_what_was_given_last_is_found_first_on_a_slow_card(state: Path, card: CardFolders) -> None:
    """The number is above the card's also when its marker was lost before."""
    for number in range(1, 101):
        put_clip(card, f"3-{number}", day="2026-11-19")
    put_clip(card, "3000007-1", day="2026-11-20")
    put_clip(card, "2-5", "EVENT", day="2026-11-01")
    numbering = Numbering(state, SlowCard())
    numbering.start()
    numbering.meet_card(card)
    assert numbering.boot == 4_000_001


def test_undated_names_tell_their_boot_without_being_read(state: Path, card: CardFolders) -> None:
    for number in range(1, 101):
        put_clip(card, f"9-{number}", day="undated", stem=f"boot0009_{number:06d}")
    put_clip(card, "2000012-1", day="undated", stem="boot2000012_000001")
    numbering = Numbering(state, SlowCard())
    numbering.start()
    numbering.meet_card(card)
    assert numbering.boot == 2_000_013


def test_a_card_that_cannot_be_marked_does_not_raise_the_number_each_time(state: Path, card: CardFolders) -> None:
    for number in range(1, 101):
        put_clip(card, f"3-{number}")
    (card.dcim / CARD_MARKER).mkdir()
    numbering = Numbering(state, SlowCard())
    numbering.start()
    for _ in range(3):
        with pytest.raises(OSError, match="directory"):
            numbering.meet_card(card)
    assert numbering.boot == 1_000_001


@pytest.mark.parametrize("content", ["", "42", '{"boot": "many"}', '{"boot": 5}', "\xff\x00"])
def test_a_damaged_marker_or_state_is_as_none(state: Path, card: CardFolders, content: str) -> None:
    put_clip(card, "6-1")
    state.mkdir()
    (state / BOOT_NAME).write_text(content)
    (card.dcim / CARD_MARKER).write_text(content)
    assert boot(state, card).boot == 7


def test_cards_are_exchanged_while_it_runs(state: Path, tmp_path: Path) -> None:
    ours, full = new_card(tmp_path / "ours"), new_card(tmp_path / "full")
    put_clip(full, "90-5")
    numbering = boot(state, ours)
    given = [str(numbering.next_id())]
    numbering.meet_card(full)
    given.append(str(numbering.next_id()))
    numbering.meet_card(ours)
    given.append(str(numbering.next_id()))
    assert given == ["1-1", "91-1", "91-2"]
    assert boot(state, ours).boot == 92
    assert boot(tmp_path / "other state", full).boot == 92


def test_a_card_that_comes_back_goes_on_with_the_same_boot(state: Path, card: CardFolders) -> None:
    numbering = boot(state, card)
    numbering.next_id()
    numbering.meet_card(card)
    assert str(numbering.next_id()) == "1-2"


def test_without_a_state_that_can_be_written_the_card_keeps_the_number(card: CardFolders, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("no folder")
    assert [boot(state, card).boot for _ in range(3)] == [1, 2, 3]


def test_nothing_is_written_before_a_card_was_met(state: Path, card: CardFolders) -> None:
    """The state may lie on the card that is missing: below its empty mount point."""
    numbering = Numbering(state)
    numbering.start()
    assert not state.exists()
    assert not numbering.is_settled
    numbering.meet_card(card)
    assert numbering.is_settled
    assert (state / BOOT_NAME).exists()


def test_threads_never_get_the_same_id(state: Path, card: CardFolders) -> None:
    numbering = boot(state, card)
    given: list[str] = []

    def take() -> None:
        given.extend(str(numbering.next_id()) for _ in range(500))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(given)) == 4000
