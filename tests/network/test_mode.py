"""The rules of the network mode, one by one: what it sees, and what it does about it."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest

from dashcam.network.base import PREPARE, UNAVAILABLE, UNMANAGED, RadioState, Station
from dashcam.network.mode import step
from dashcam.network.mode_rules import RULES
from dashcam.network.mode_state import (
    Answered,
    Heard,
    KeyChanged,
    Looked,
    Scan,
    Told,
    TryAsked,
)
from tests.network.mode_story import HOME, IDLE, JOINED, OCCUPIED, OPEN, PHONE, Story, kinds


def test_a_known_network_in_reach_is_joined() -> None:
    told = Story(PHONE, HOME)
    assert kinds(told.pass_seconds(3, b"Home", b"Stranger")) == [("join", "home")]
    assert told.phase == "joining"
    told.answer(radio=dataclasses.replace(JOINED, uuid="home"))
    assert told.phase == "joined"


def test_of_two_the_users_order_decides_then_strength() -> None:
    told = Story(HOME, PHONE)
    assert kinds(told.pass_seconds(3, b"Home", b"Phone")) == [("join", "phone")]
    equal = Story(HOME, dataclasses.replace(PHONE, priority=HOME.priority))
    equal.now += 3
    seen = {b"Home": Heard(equal.now, 40), b"Phone": Heard(equal.now, 70)}
    equal.tell(Looked(equal.now, IDLE, seen))
    assert equal.mode.order is not None
    assert equal.mode.order.uuid == "phone"


def test_with_none_in_reach_it_listens_for_twenty_seconds_then_opens_its_access_point() -> None:
    told = Story(PHONE)
    assert told.pass_seconds(18) == []
    assert len([action for action in told.done if isinstance(action, Scan)]) >= 4
    assert kinds(told.pass_seconds(5)) == [("open", "")]


def test_what_is_in_the_list_only_from_before_is_not_there() -> None:
    told = Story(PHONE, radio=JOINED)
    told.heard[b"Phone"] = Heard(told.now, 90)
    told.radio = IDLE
    assert kinds(told.pass_seconds(30)) == [("open", "")]


def test_a_loss_that_the_kernel_tells_is_a_loss_whatever_network_manager_believes() -> None:
    told = Story(PHONE, radio=JOINED)
    told.is_linked = False
    told.pass_seconds(5)
    assert told.phase == "looking"
    told.is_linked = True
    assert told.pass_seconds(2) == []
    assert told.phase == "joined"


def test_a_phone_that_flaps_gets_no_access_point_in_between() -> None:
    told = Story(PHONE, radio=JOINED)
    for _ in range(5):
        told.is_linked = False
        assert told.pass_seconds(18) == []
        told.is_linked = True
        told.pass_seconds(2)
    assert told.phase == "joined"


def test_a_network_that_joins_by_itself_is_left_to_it() -> None:
    told = Story(PHONE)
    told.radio = dataclasses.replace(JOINED, number=PREPARE)
    assert told.pass_seconds(10, b"Phone") == []
    assert told.phase == "joining"


def test_an_access_point_with_somebody_on_it_is_never_left() -> None:
    told = Story(PHONE).open()
    told.radio = OCCUPIED
    assert told.pass_seconds(3000, b"Phone") == []
    told.radio = dataclasses.replace(OPEN, stations=None)
    assert told.pass_seconds(600) == []
    assert "Nobody can tell" in told.mode.words


def test_who_has_left_without_a_word_is_not_on_it() -> None:
    told = Story(PHONE).open()
    told.radio = dataclasses.replace(OPEN, stations=(Station("aa:bb:cc:dd:ee:ff", 400.0),))
    assert kinds(told.pass_seconds(25)) == [("leave", "")]


def test_who_sleeps_until_it_is_asked_is_on_it() -> None:
    """hostapd.conf, ap_max_inactivity: only after 300 s of silence the access point asks whether somebody is there."""
    told = Story(PHONE).open()
    told.radio = dataclasses.replace(OPEN, stations=(Station("aa:bb:cc:dd:ee:ff", 302.0),))
    assert kinds(told.pass_seconds(300)) == []


def test_with_nobody_on_it_it_looks_around_often_at_first_and_seldom_later() -> None:
    told = Story(PHONE).open()
    looks = []
    for _ in range(900):
        for order in told.pass_seconds(1):
            if order.kind == "leave":
                assert order.spares_guests
                looks.append(told.now)
                told.answer(radio=IDLE)
            else:
                told.answer(radio=OPEN)
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert max(gaps[:8]) <= 40
    assert 150 <= gaps[-1] <= 175


def test_without_a_known_network_there_is_nothing_to_look_for() -> None:
    told = Story().open()
    assert told.pass_seconds(1000) == []
    assert "add a phone's hotspot" in told.mode.words


def test_a_guest_who_comes_at_the_last_moment_stays() -> None:
    told = Story(PHONE).open()
    [order] = told.pass_seconds(25)
    assert order.kind == "leave"
    told.answer("occupied", radio=OCCUPIED)
    assert told.phase == "access_point"
    assert told.pass_seconds(100) == []


def test_a_look_that_finds_the_phone_joins_it_and_one_that_does_not_opens_again() -> None:
    told = Story(PHONE).open()
    told.pass_seconds(25)
    told.answer(radio=IDLE)
    assert kinds(told.pass_seconds(3, b"Phone")) == [("join", "phone")]
    other = Story(PHONE).open()
    assert other.until_order().kind == "leave"
    other.answer(radio=IDLE)
    assert other.pass_seconds(6) == []
    assert kinds(other.pass_seconds(5)) == [("open", "")]


def test_a_wrong_key_is_told_and_tried_again_rarely() -> None:
    told = Story(PHONE)
    told.pass_seconds(3, b"Phone")
    told.answer("wrong_key", words="The key is wrong.")
    joins = 0
    for _ in range(1300):
        for order in told.pass_seconds(1, b"Phone"):
            joins += order.kind == "join"
            if order.kind == "join":
                told.answer("wrong_key", IDLE, "The key is wrong.")
            else:
                told.answer(radio=OPEN if order.kind == "open" else IDLE)
    assert told.mode.troubles["phone"].words == "The key is wrong."
    assert 2 <= joins <= 4
    told.radio = OPEN
    told.pass_seconds(1)
    assert "The key is wrong." in told.mode.words


def test_another_key_is_tried_at_once() -> None:
    told = Story(PHONE)
    told.pass_seconds(3, b"Phone")
    told.answer("wrong_key")
    told.open()
    told.pass_seconds(21)
    assert told.mode.order is None
    told.tell(KeyChanged("phone"))
    assert told.until_order().kind == "leave"
    assert told.now < told.mode.opened_at + 30


def test_a_try_answers_first_then_leaves_even_with_somebody_on_it() -> None:
    told = Story(PHONE).open()
    told.radio = OCCUPIED
    told.pass_seconds(5)
    assert told.tell(TryAsked("phone")) == []
    assert told.pass_seconds(2) == []
    [order] = told.pass_seconds(2)
    assert (order.kind, order.spares_guests) == ("leave", False)


def test_a_try_that_fails_ends_on_the_access_point_and_says_why() -> None:
    told = Story(PHONE, HOME, radio=JOINED)
    told.tell(TryAsked("home"))
    told.pass_seconds(4)
    told.answer(radio=IDLE)
    assert kinds(told.pass_seconds(30, b"Phone")) == [("open", "")]
    assert "not in reach" in told.mode.troubles["home"].words


def test_a_hidden_network_is_called_by_name_and_tried_unheard_when_asked_for() -> None:
    hidden = dataclasses.replace(PHONE, is_hidden=True)
    told = Story(hidden)
    assert Scan((b"Phone",)) in told.done
    told.tell(TryAsked("phone"))
    told.pass_seconds(4)
    told.answer()
    assert kinds(told.pass_seconds(12)) == [("join", "phone")]


def test_a_late_answer_means_nothing() -> None:
    told = Story(PHONE)
    [order] = told.pass_seconds(3, b"Phone")
    told.pass_seconds(30)  # it is given up
    assert told.mode.order is not None
    assert told.mode.order.epoch > order.epoch
    before = told.mode
    told.mode, actions = step(told.mode, Answered(order.epoch), told.now)
    assert (told.mode, actions) == (before, ())


def test_what_was_seen_before_the_answer_is_old() -> None:
    told = Story(PHONE).open()
    told.pass_seconds(25)
    assert told.mode.order is not None
    told.now += 1
    told.tell(Answered(told.mode.order.epoch))
    assert told.tell(Looked(told.now - 0.5, OPEN)) == []
    assert told.mode.order is None


def test_the_ladder_for_a_radio_that_opens_nothing() -> None:
    told, done = Story(PHONE), []
    for _ in range(200):
        if told.mode.order is None:
            told.pass_seconds(1)
        else:
            done.append(told.mode.order.kind)
            told.answer("not_ready" if done[-1] == "open" else None)
    assert done[:8] == ["open", "open", "leave", "open", "cycle", "open", "reload", "open"]
    assert set(done[8:]) == {"open"}
    assert len(done) < 16
    assert "recording goes on" in told.mode.words


def test_a_radio_that_does_not_come_up_or_vanishes_is_helped() -> None:
    told = Story(PHONE, radio=dataclasses.replace(IDLE, number=UNAVAILABLE))
    assert told.pass_seconds(12) == []
    assert kinds(told.pass_seconds(6)) == [("cycle", "")]
    gone = Story(PHONE, radio=JOINED)
    gone.radio = RadioState()
    assert kinds(gone.pass_seconds(20)) == [("cycle", "")]
    assert "vanished" in gone.mode.words


@pytest.mark.parametrize(
    ("radio", "phase", "words"),
    [
        (RadioState(), "no_radio", "no Wi-Fi radio"),
        (dataclasses.replace(IDLE, number=UNMANAGED), "failed", "managed yes"),
    ],
)
def test_what_cannot_be_is_a_state_with_words(radio: RadioState, phase: str, words: str) -> None:
    told = Story(PHONE, radio=radio)
    assert told.pass_seconds(100) == []
    assert (told.phase, words in told.mode.words) == (phase, True)


def test_without_network_manager_it_says_so_and_goes_on_when_it_is_there() -> None:
    told = Story(PHONE)
    told.tell(Looked(told.now, RadioState(), blindness="NetworkManager does not run."))
    assert (told.phase, told.mode.words) == ("no_radio", "NetworkManager does not run.")
    assert kinds(told.pass_seconds(4, b"Phone")) == [("join", "phone")]


def test_switched_off_it_does_nothing_at_all() -> None:
    told = Story(PHONE).open()
    told.tell(Told(is_on=False))
    assert told.phase == "off"
    assert told.pass_seconds(500, b"Phone") == []


def test_started_anew_it_finds_its_access_point_as_it_is() -> None:
    told = Story(PHONE, radio=OCCUPIED)
    assert told.phase == "access_point"
    assert told.done == []


def test_a_new_name_is_taken_once_nobody_is_on_it() -> None:
    told = Story(PHONE).open()
    told.radio = OCCUPIED
    told.tell(Told(is_on=True, own_ssid=b"other"))
    assert told.pass_seconds(60) == []
    told.radio = OPEN
    assert kinds(told.pass_seconds(2)) == [("leave", "")]


def test_every_rule_says_what_it_is() -> None:
    assert all(rule.__doc__ for rule in RULES)
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
