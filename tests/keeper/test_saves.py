"""A save request locks its clips as soon as they are closed, survives whatever happens in between, and ends."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from dashcam.clips.save_request import ClipRange, SaveRequest, SaveRequests
from dashcam.clips.sidecar import encode_sidecar, encode_tag
from dashcam.clock import NANOSECONDS
from dashcam.keeper.patience import Patience
from dashcam.keeper.saves import made_words
from tests.keeper.rig import Rig
from tests.made_clips import STARTED_NS, clip_bytes, put_clip, sidecar_for, tag_of

MINUTE_NS = 60 * NANOSECONDS


def request(number: int, *clip_ids: str) -> SaveRequest:
    return SaveRequest(
        id=f"42-{number}",
        clip_ids=clip_ids,
        cause="button",
        requested_utc=None,
        kind="lock",
        from_monotonic_ns=0,
        to_monotonic_ns=1,
        at_monotonic_ns=0,
    )


def test_clips_that_are_closed_are_locked_at_once(rig: Rig) -> None:
    for number in (1, 2, 3):
        put_clip(rig.data, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS)
    requests = SaveRequests(rig.options.state)
    requests.add(request(9, "42-1", "42-2"))
    rig.start().scan().assert_whole()
    assert requests.waiting() == []
    assert {row.id: row.lock_cause for row in rig.rows().values()} == {"42-1": "button", "42-2": "button", "42-3": None}


def test_the_open_clip_is_locked_once_it_is_closed(rig: Rig) -> None:
    put_clip(rig.data, "42-1")
    path = put_clip(rig.data, "42-2", started_ns=STARTED_NS + MINUTE_NS, is_closed=False)
    requests = SaveRequests(rig.options.state)
    requests.add(request(9, "42-1", "42-2"))
    with open(path, "r+b") as recorder:
        rig.start()
        for _ in range(3):
            rig.session.dirty.mark_everything()
            rig.settle(waits_for_growing=True)
        assert rig.reader.get("42-1").lock_cause == "button"
        assert requests.protected_ids() == {"42-1", "42-2"}
        tag = tag_of("42-2", started_ns=STARTED_NS + MINUTE_NS)
        content = clip_bytes(encode_tag(tag))[1]
        recorder.write(content)
        path.with_suffix(".json").write_bytes(encode_sidecar(sidecar_for(tag, content)))
    rig.scan().assert_whole()
    assert rig.reader.get("42-2").lock_cause == "button"
    assert requests.waiting() == []


def test_what_is_unlocked_while_its_save_waits_for_another_stays_unlocked(rig: Rig) -> None:
    put_clip(rig.data, "42-1")
    path = put_clip(rig.data, "42-2", started_ns=STARTED_NS + MINUTE_NS, is_closed=False)
    requests = SaveRequests(rig.options.state)
    requests.add(request(8, "42-1"))
    requests.add(request(9, "42-1", "42-2"))
    with open(path, "r+b"):
        rig.start().settle(waits_for_growing=True)
        assert rig.reader.get("42-1").lock_cause == "button"
        assert rig.session.locking.unlock(["42-1"]).done == ("42-1",)
        for _ in range(3):
            rig.session.dirty.mark_everything()
            rig.settle(waits_for_growing=True)
        assert rig.reader.get("42-1").lock_cause is None
        assert requests.protected_ids() == {"42-2"}
        # A later save is heeded.
        requests.add(request(10, "42-1"))
        rig.settle(waits_for_growing=True)
        assert rig.reader.get("42-1").lock_cause == "button"


def test_a_request_of_which_all_was_unlocked_ends(rig: Rig) -> None:
    requests = SaveRequests(rig.options.state)
    requests.add(request(8, "42-1", "42-2"))
    requests.add(request(9, "42-3"))
    requests.withdraw(["42-1"])
    requests.withdraw(["42-2"])
    assert [(waiting.id, waiting.clip_ids) for waiting in requests.waiting()] == [("42-9", ("42-3",))]


def test_a_clip_that_was_cut_off_is_locked_after_its_repair(rig: Rig) -> None:
    put_clip(rig.data, "42-1", is_closed=False)
    requests = SaveRequests(rig.options.state)
    requests.add(request(9, "42-1"))
    rig.start().scan().assert_whole()
    row = rig.reader.get("42-1")
    assert (row.lock_cause, row.integrity) == ("button", "repaired")
    assert requests.waiting() == []


def test_a_request_for_what_is_gone_ends(rig: Rig) -> None:
    put_clip(rig.data, "42-1")
    requests = SaveRequests(rig.options.state)
    requests.add(request(8, "42-77"))
    requests.add(request(9, "42-1", "42-78"))
    rig.start().scan().assert_whole()
    assert requests.waiting() == []
    assert rig.reader.get("42-1").lock_cause == "button"


def test_a_request_of_an_earlier_run_is_done_before_anything_is_deleted(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig("storage.loop_quota=0B")
    put_clip(rig.data, "42-1")
    put_clip(rig.data, "42-2", started_ns=STARTED_NS + MINUTE_NS)
    SaveRequests(rig.options.state).add(request(9, "42-1"))
    rig.start().scan()
    assert [(row.id, row.kind) for row in rig.rows().values()] == [("42-1", "event")]


def test_a_clip_that_is_not_on_the_card_yet_is_waited_for(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(patience=Patience(quiet_seconds=0.0, lonely_seconds=0.0))
    requests = SaveRequests(rig.options.state)
    requests.add(request(9, "42-1"))
    rig.start().scan()
    assert [waiting.id for waiting in requests.waiting()] == ["42-9"]
    put_clip(rig.data, "42-1")
    rig.scan().assert_whole()
    assert requests.waiting() == []
    assert rig.reader.get("42-1").lock_cause == "button"


def test_files_that_are_no_requests_are_passed_over(rig: Rig) -> None:
    put_clip(rig.data, "42-1")
    requests = SaveRequests(rig.options.state)
    requests.add(request(9, "42-1"))
    good = (requests.folder / "42-9.json").read_text()
    (requests.folder / "x.json").write_text(good.replace('"42-9"', '"x"'))
    (requests.folder / "42-8.json").write_text(good)
    (requests.folder / "42-7.json").write_text("{")
    assert [waiting.id for waiting in requests.waiting()] == ["42-9"]
    rig.start().scan().assert_whole()
    assert requests.waiting() == []


def test_that_a_clip_is_shorter_than_asked_for_is_said_once_with_its_reason() -> None:
    whole = replace(request(9, "42-1"), kind="cut", to_monotonic_ns=62 * NANOSECONDS)
    short = replace(whole, words="not all of the 60 s asked for: nothing older was recorded")
    assert made_words(whole, 61.2) == "Saved: a clip of 61.2 s"
    assert made_words(short, 35.3) == f"Saved: a clip of 35.3 s; {short.words}"
    assert made_words(whole, 35.3) == "Saved: a clip of 35.3 s; not the 62 s asked for: no more was recorded"
    assert made_words(replace(whole, parts=(ClipRange(clip_id="42-1"),)), 3.1) == "Cut: a clip of 3.1 s"
