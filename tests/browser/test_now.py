"""What happens now: saving, the mode, guarding, events, and boxes around what moves."""

from __future__ import annotations

import threading
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from dashcam.web import motion, status
from tests.browser.looking import HEAR_TONES, until
from tests.web.sites import PATIENCE_SECONDS, Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASK_MILLISECONDS = 2_000
SAVED_TONES = [1047, 1319]
PARKED = m.ModeStatus(wanted="auto", mode="park", words="the car has stood for 10 minutes")
EVENT = m.EventStatus(id="42-19", cause="motion", seconds=12.0, score=62.0, is_durable=True)
BOX = m.MotionRegion(x=0.25, y=0.5, width=0.125, height=0.25, score=62.0)
HIDE = """isHidden => {
    Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
STANDING = "given => import('/js/save-line.js').then((module) => module.standingOf(...given).words)"
MOTION_WORDS = "given => import('/js/motion-boxes.js').then((module) => module.motionWords(...given))"
# Both lie over the picture in the same way, and so does each box.
PLACES = """() => ["#live .shot", ".boxes", ".boxes rect"].map((name) => {
    const box = document.querySelector(name).getBoundingClientRect();
    return [box.left, box.top, box.width, box.height];
})"""


def saves(site: Site) -> list[m.Message]:
    return [request for request in site.recorder.asked if isinstance(request, m.Save)]


def saved_mode(site: Site) -> Any:
    file = site.state / "settings.toml"
    return tomllib.loads(file.read_text()).get("recording", {}).get("mode") if file.exists() else None


def look(page: Page) -> str | None:
    return page.locator("#recording").get_attribute("data-look")


def test_save_is_confirmed_to_eye_and_ear_only_when_the_dashcam_has_answered(page: Page, site: Site) -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def hold(_request: m.Message) -> None:
        is_asked.set()
        assert may_answer.wait(PATIENCE_SECONDS)

    page.add_init_script(HEAR_TONES)
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    site.recorder.answering = hold
    page.locator("#controls .save").click()
    assert is_asked.wait(PATIENCE_SECONDS)
    # Whatever it says, it says after what it has said of this.
    site.recorder.say(warnings=("Less than 15 % of the card is free.",))
    until(page.locator("#notices"), "Less than 15 %")
    assert page.evaluate("tones") == []
    assert page.locator("#messages").inner_text() == ""
    may_answer.set()
    until(page.locator("#messages"), "Saved the last 60 s, 10 s more to come.")
    assert page.evaluate("tones") == SAVED_TONES
    assert len(saves(site)) == 1


def test_whoever_has_switched_the_sound_off_hears_no_save(page: Page, site: Site) -> None:
    page.add_init_script(HEAR_TONES)
    page.add_init_script("localStorage.setItem('sound', 'off')")
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    page.locator("#controls .save").click()
    until(page.locator("#messages"), "Saved")
    assert page.evaluate("tones") == []


def test_the_key_s_saves_but_not_where_somebody_writes(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#settings")
    until(page.locator("#recording"), "Recording")
    page.locator(".settings .section").first.wait_for()
    page.locator("#settings-search").press("s")
    assert page.locator("#settings-search").input_value() == "s"
    assert saves(site) == []
    page.locator("#views a", has_text="Live").click()
    page.keyboard.press("Control+s")
    page.keyboard.press("s")
    until(page.locator("#messages"), "Saved")
    assert saves(site) == [m.Save(cause="button")]


def test_saving_from_the_gallery_tells_how_its_clip_is_made_and_shows_it(
    page: Page, site: Site, clips: list[ClipRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "_KEEPER_FRESH_SECONDS", 0.0)

    def tell(**changes: Any) -> None:
        job = m.JobStatus(id="42-19", kind="cut", words="Save of 70 s", **changes)
        site.keeper.progress = msgspec.structs.replace(site.keeper.progress, jobs=(job,))

    tell(state="running", share=0.4)
    page.clock.install()
    page.goto(f"{site.website.address}/#clips")
    until(page.locator("#recording"), "Recording")
    page.locator("#view-clips .save-now").click()
    line = page.locator("#view-clips .save-line")
    until(line, "s more to come")
    page.clock.fast_forward(ASK_MILLISECONDS)
    until(line, "Saved: cutting 40 %")
    tell(state="done", share=1.0, result_ids=(clips[0].id,))
    page.clock.fast_forward(ASK_MILLISECONDS)
    until(line, "Saved: ready")
    line.locator("a").click()
    page.wait_for_selector("#player[open]")
    assert page.evaluate("location.hash").startswith(f"#clips/{clips[0].id}")


def test_presses_that_overlap_are_one_line_and_a_save_while_parked_is_ready_with_its_event(
    page: Page, site: Site, clips: list[ClipRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "_KEEPER_FRESH_SECONDS", 0.0)
    page.clock.install()
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    job = m.JobStatus(id="42-19", kind="cut", state="running", share=0.4, words="Save of 80 s")
    site.keeper.progress = msgspec.structs.replace(site.keeper.progress, jobs=(job,))
    page.locator("#controls .save").click()
    line = page.locator("#now .save-line")
    until(line, "s more to come")
    # The keeper makes one of both, under the name of the first.
    site.recorder.saved = m.Saved(id="42-20", clip_ids=(), before_seconds=60.0, after_seconds=10.0)
    page.locator("#controls .save").click()
    wait_until(lambda: len(saves(site)) == 2)
    page.clock.fast_forward(ASK_MILLISECONDS)
    until(line, "Saved: cutting 40 %")
    page.evaluate("document.querySelector('#messages').replaceChildren()")
    site.recorder.say(is_recording=False, state="guarding", mode=PARKED, event=None)
    site.recorder.saved = m.Saved(id="42-21", clip_ids=(clips[1].id,), before_seconds=10.0, after_seconds=1.0)
    site.keeper.progress = msgspec.structs.replace(site.keeper.progress, jobs=())
    until(page.locator("#recording"), "Guarding")
    page.locator("#controls .save").click()
    until(page.locator("#messages"), "Saved the last 10 s, 1 s more to come.")
    page.clock.fast_forward(ASK_MILLISECONDS)
    until(line, "Saved: ready")
    assert line.locator("a").get_attribute("href") == f"#clips/{clips[1].id}"
    line.get_by_role("button", name="OK").click()
    assert line.count() == 0


def test_a_save_before_the_mode_goes_off_waits_for_no_clip_to_end(page: Page, site: Site) -> None:
    page.clock.install()
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    page.locator("#controls .save").click()
    line = page.locator("#now .save-line")
    until(line, "s more to come")
    site.recorder.say(is_recording=False, state="off", open_clip=None)
    until(page.locator("#recording"), "The mode is off.")
    page.clock.fast_forward(ASK_MILLISECONDS)
    until(line, "Saved: nothing more is recorded, its clip is being made")


def test_what_becomes_of_a_save_is_told_in_few_words(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/icon.svg")
    over = "Saved: nothing more is recorded, its clip is being made"
    for job, seconds_left, state, words in (
        (None, 9.2, "recording", "Saved, 10 s more to come"),
        (None, 9.2, "guarding", "Saved, 10 s more to come"),
        ({"state": "waiting"}, 9.2, "recording", "Saved, 10 s more to come"),
        ({"state": "waiting"}, -1, "recording", "Saved: cut when this clip ends"),
        ({"state": "waiting"}, 9.2, "off", over),
        ({"state": "waiting"}, -1, "off", over),
        ({"state": "waiting"}, -1, "stopped", over),
        ({"state": "failed", "words": "no room"}, -1, "off", "Saved, but not cut: no room"),
    ):
        assert page.evaluate(STANDING, [job, seconds_left, state]) == words


def test_the_mode_is_told_with_its_reason_and_chosen_by_hand(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    words, choice = page.locator(".mode-words"), page.locator(".mode select")
    until(words, "Drive, all is recorded: GPS has not seen yet whether the car stands.")
    choice.select_option("watch")
    wait_until(lambda: saved_mode(site) == "watch")
    site.recorder.say(mode=m.ModeStatus(wanted="watch", mode="park", words="from 22:00 to 06:00"))
    until(words, "Park, only events are recorded: from 22:00 to 06:00.")
    assert choice.input_value() == "watch"
    choice.select_option("off")
    page.locator("#question .no").click()
    wait_until(lambda: choice.input_value() == "watch")
    assert saved_mode(site) == "watch"
    choice.select_option("off")
    page.locator("#question .yes").click()
    wait_until(lambda: saved_mode(site) == "off")
    site.recorder.say(is_recording=False, state="stopped", open_clip=None)
    until(page.locator("#recording"), "It was stopped by hand.")
    wait_until(lambda: words.inner_text() == "")


def test_guarding_and_a_mode_that_is_off_are_calm(page: Page, site: Site) -> None:
    page.add_init_script(HEAR_TONES)
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    page.locator("#sound").click()
    wait_until(lambda: page.evaluate("tones.splice(0)") == [660, 880])
    site.recorder.say(is_recording=False, state="guarding", reason="only events", open_clip=None, mode=PARKED)
    until(page.locator("#recording"), "Guarding")
    until(page.locator("#recording"), "Records when something moves.")
    blind = m.MotionStatus(state="off", words="motion detection is switched off")
    site.recorder.say(motion=blind)
    until(page.locator("#recording"), "Records only impacts: motion detection is switched off.")
    site.recorder.say(motion=m.MotionStatus(state="still"))
    until(page.locator("#recording"), "Records when something moves.")
    assert look(page) == "guarding"
    assert page.locator("#controls .save").is_enabled()
    until(page.locator("#controls .toggle"), "Stop")
    site.recorder.say(is_recording=True, state="recording", event=EVENT, recording_since_seconds=12.0)
    until(page.locator("#recording .happening"), "Motion 0:1")
    site.recorder.say(is_recording=False, state="off", event=None)
    until(page.locator("#recording"), "Not recording")
    until(page.locator("#recording"), "The mode is off.")
    assert (look(page), page.locator("#recording .happening").is_hidden()) == ("off", True)
    assert page.locator("#controls .save").is_disabled()
    until(page.locator("#controls .toggle"), "Start recording")
    assert page.evaluate("tones") == []
    site.recorder.say(state="card_full", reason="The card is full.")
    wait_until(lambda: page.evaluate("tones") == [880, 660, 880, 660])


def test_status_tells_the_mode_and_what_is_held_for_an_event(page: Page, site: Site) -> None:
    site.recorder.say(is_recording=False, state="guarding", mode=PARKED)
    page.goto(f"{site.website.address}/#status")
    card = page.locator("#view-status .card").first
    for words in (
        "Guarding",
        "park (chosen: auto)",
        "The car has stood for 10 minutes.",
        "8 of 10 s before it, 8.5 MB",
    ):
        until(card, words)
    until(card.locator(".bad", has_text="before it"), "the memory for them is full")
    assert card.locator(".bad", has_text="Guarding").count() == 0
    assert page.locator("#view-status .heading a").first.inner_text() == "Help"


@pytest.mark.usefixtures("pictures")
def test_boxes_lie_over_what_moves_and_cost_nothing_when_off_or_unseen(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "BEAT_SECONDS", 0.1)  # who has gone is noticed by talking to him
    site.recorder.say(motion=m.MotionStatus(state="moving", score=62.0, regions=(BOX,)))
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    switch, words = page.locator(".boxes-switch"), page.locator(".boxes-words")
    switch.wait_for()
    assert site.recorder.motion_viewers == 0
    switch.click()
    wait_until(lambda: site.recorder.motion_viewers == 1)

    def is_drawn() -> bool:
        site.recorder.see(state="moving", score=71.0, regions=(BOX, msgspec.structs.replace(BOX, x=0.5)))
        return (words.inner_text(), page.locator(".boxes rect").count()) == ("Motion 71", 2)

    wait_until(is_drawn)
    until(words, "Motion 62")
    page.locator("#live canvas").press("+")
    picture, layer, box = page.evaluate(PLACES)
    assert layer == pytest.approx(picture, abs=0.5)
    left, top, width, height = picture
    expected = [left + BOX.x * width, top + BOX.y * height, BOX.width * width, BOX.height * height]
    assert box == pytest.approx(expected, abs=1.5)
    page.evaluate(HIDE, True)
    wait_until(lambda: site.recorder.motion_viewers == 0)
    page.evaluate(HIDE, False)
    wait_until(lambda: site.recorder.motion_viewers == 1)
    page.locator("#views a", has_text="Status").click()
    wait_until(lambda: site.recorder.motion_viewers == 0)
    page.goto(site.website.address)
    page.reload()
    wait_until(lambda: site.recorder.motion_viewers == 1)
    switch.click()
    wait_until(lambda: site.recorder.motion_viewers == 0)
    assert words.is_hidden()


def test_how_the_detector_stands_is_told_in_few_words(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/icon.svg")
    for state, why, words in (
        ("off", "the mode is off", "Motion: not looked for, the mode is off"),
        ("learning", "", "Motion: it learns what is always there"),
        ("still", "the light has changed", "Motion: the light has changed"),
        ("still", "", "Motion: nothing moves"),
        ("moving", "", "Motion 62"),
    ):
        assert page.evaluate(MOTION_WORDS, [{"state": state, "words": why, "score": 61.7}]) == words
    # Why is told for some seconds, then it would only be in the way.
    assert page.evaluate(MOTION_WORDS, [{"state": "off", "words": "why"}, False]) == "Motion: not looked for"
