"""Buttons reach the recorder, and its answers reach the page."""

from __future__ import annotations

import pytest

from dashcam import errors
from dashcam.link import messages as m
from tests.web.sites import Site, wait_until

BUTTONS: dict[str, m.Message] = {
    "/api/photo": m.TakePhoto(),
    "/api/save": m.Save(cause="button"),
    "/api/recording/start": m.StartRecording(),
    "/api/recording/stop": m.StopRecording(),
}


def test_photo_save_start_and_stop_do_what_they_say(site: Site) -> None:
    site.recorder.clips_of_hand = ("42-17", "42-18")
    photo = site.post("/api/photo")
    assert (photo.status, photo.json["id"], photo.json["media"]) == (200, "42-20", "/media/42-20")
    assert site.post("/api/save").json["clip_ids"] == ["42-16", "42-17"]
    assert site.post("/api/recording/stop").json == {"clip_ids": ["42-17", "42-18"]}
    wait_until(lambda: site.get("/api/status").json["state"] == "stopped")
    assert site.post("/api/recording/start").json == {"done": True}
    wait_until(lambda: site.get("/api/status").json["is_recording"])
    assert site.recorder.asked == [m.TakePhoto(), m.Save(cause="button"), m.StopRecording(), m.StartRecording()]


def test_reading_presses_no_button(site: Site) -> None:
    for path in [*BUTTONS, "/api/clips/lock", "/api/clips/delete"]:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = site.ask(method, path)
            assert answer.status in (400, 405), (method, path)
    for path in ("/api/status", "/api/clips", "/", "/stream.mjpg", "/media/42-1"):
        for method in ("POST", "DELETE", "PUT", "PATCH"):
            assert site.ask(method, path).error_code == "wrong_method"
    assert site.recorder.asked == []


FAILURES = [
    (errors.NotRecording("Press start first."), 409),
    (errors.CameraError("The camera gave no picture; check its cable."), 503),
    (errors.CameraAbsent("There is no camera; connect one."), 503),
    (errors.CardFull("The card is full; delete clips."), 507),
    (errors.CardError("The card is read-only; replace it."), 503),
    (errors.DashcamError("Something else."), 500),
]


def test_a_refusal_of_the_recorder_is_told_in_its_words(site: Site) -> None:
    for failure, status in FAILURES:
        site.recorder.failure = failure
        for path in BUTTONS:
            answer = site.post(path)
            assert answer.status == status
            assert answer.json == {"error": {"code": failure.code, "message": str(failure)}}


def test_without_a_recorder_buttons_say_so(site: Site) -> None:
    site.recorder.close()
    for path in BUTTONS:
        answer = site.post(path)
        assert (answer.status, answer.error_code) == (503, "unreachable")


def test_save_tells_what_is_kept_and_takes_what_is_wished(site: Site) -> None:
    assert site.post("/api/save").json == {
        "id": "42-19",
        "clip_ids": ["42-16", "42-17"],
        "before_seconds": 60.0,
        "after_seconds": 10.0,
        "words": "Saved the last 60 s, 10 s more to come.",
    }
    site.recorder.saved = m.Saved(
        id="42-19", clip_ids=(), before_seconds=8.4, words="not all of the 300 s asked for: nothing older was recorded"
    )
    answer = site.post("/api/save", {"before_seconds": 300, "after_seconds": 0, "cause": "api"})
    said = "Saved the last 8 s. Not all of the 300 s asked for: nothing older was recorded."
    assert answer.json["words"] == said
    assert site.recorder.asked == [m.Save(cause="button"), m.Save(cause="api", before_seconds=300, after_seconds=0)]


@pytest.mark.parametrize(
    "wish", [{"before_seconds": -1}, {"after_seconds": 601}, {"cause": "motion"}, {"seconds": 5}, [], "60"]
)
def test_a_save_that_cannot_be_is_refused_before_the_recorder_is_asked(site: Site, wish: object) -> None:
    answer = site.post("/api/save", wish)
    assert (answer.status, answer.error_code) == (400, "bad_request")
    assert site.recorder.asked == []
