"""Command and web address are told of each event once, whatever server, command and card do; nobody waits for them."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.keeper import notice_senders
from dashcam.keeper.notice_box import MOST_TOLD, MOST_WAITING, Notice, NoticeBox
from dashcam.keeper.notice_senders import Sender, webhook_sender
from dashcam.keeper.notices import Notices
from dashcam.place import Place
from dashcam.settings.schema_events import EventsSettings
from tests.clips.rows import event, row
from tests.keeper.rig import Rig
from tests.keeper.told import LIMIT_SECONDS, wait_until
from tests.made_clips import put_clip


class Listener:
    """A web server that answers with what it is told, and has what came."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.bodies: list[dict[str, object]] = []
        self.asked = 0
        self.slow = threading.Event()
        self.slow.set()
        self.server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def start(self) -> None:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.asked += 1
                listener.slow.wait(LIMIT_SECONDS)
                status = listener.answers.pop(0) if listener.answers else 204
                if status == 204:
                    assert self.headers["Content-Type"] == "application/json"
                    listener.bodies.append(json.loads(body))
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                listener.asked += 1000  # a POST became a GET

            def log_message(self, *_words: object) -> None:
                """Nothing."""

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    made.start()
    yield made
    made.slow.set()
    made.stop()


@pytest.fixture
def box(tmp_path: Path) -> NoticeBox:
    return NoticeBox(tmp_path)


def add(box: NoticeBox, *numbers: int) -> None:
    box.add([Notice(clip_id=f"1-{number}", content=json.dumps({"clip": number})) for number in numbers], ["webhook"])


@pytest.fixture
def sending(box: NoticeBox, listener: Listener) -> Iterator[Sender]:
    sender = webhook_sender(box, listener.address, first_rest_seconds=0.02)
    sender.start()
    yield sender
    listener.slow.set()
    sender.close()


def clips(listener: Listener) -> list[object]:
    return [body["clip"] for body in listener.bodies]


def test_what_waits_is_posted_in_order(box: NoticeBox, listener: Listener, sending: Sender) -> None:
    add(box, 1, 2, 3)
    sending.wake()
    wait_until(lambda: box.first("webhook") is None)
    assert clips(listener) == [1, 2, 3]


@pytest.mark.parametrize("status", [500, 503, 429, 302])
def test_a_server_in_trouble_is_asked_again(box: NoticeBox, listener: Listener, sending: Sender, status: int) -> None:
    listener.answers = [status, status]
    add(box, 1, 2)
    sending.wake()
    wait_until(lambda: box.first("webhook") is None)
    assert (clips(listener), listener.asked) == ([1, 2], 4)


def test_what_a_server_refuses_for_good_holds_nothing_up(box: NoticeBox, listener: Listener, sending: Sender) -> None:
    listener.answers = [404]
    add(box, 1, 2)
    sending.wake()
    wait_until(lambda: box.first("webhook") is None)
    assert (clips(listener), listener.asked) == ([2], 2)


def test_a_server_that_is_gone_and_back_gets_all_that_waited(
    box: NoticeBox, listener: Listener, sending: Sender
) -> None:
    listener.stop()
    add(box, 1, 2)
    sending.wake()
    wait_until(lambda: sending._rest_seconds > 0.1)
    listener.start()
    wait_until(lambda: box.first("webhook") is None)
    assert clips(listener) == [1, 2]


def test_what_waits_survives_a_restart(tmp_path: Path, box: NoticeBox, listener: Listener, sending: Sender) -> None:
    listener.answers = [500] * 3
    add(box, 1)
    sending.wake()
    wait_until(lambda: listener.asked >= 1)
    sending.close()
    again = NoticeBox(tmp_path)
    later = webhook_sender(again, listener.address, first_rest_seconds=0.02)
    later.start()
    wait_until(lambda: again.first("webhook") is None)
    later.close()
    assert clips(listener) == [1]


def test_a_server_that_never_answers_is_given_up_and_holds_up_nobody(
    box: NoticeBox, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_senders, "_WEBHOOK_SECONDS", 0.05)
    listener.slow.clear()
    sender = webhook_sender(box, listener.address, first_rest_seconds=0.02)
    sender.start()
    add(box, 1)
    sender.wake()
    wait_until(lambda: listener.asked >= 2)
    assert box.first("webhook") is not None
    monkeypatch.setattr(notice_senders, "_WEBHOOK_SECONDS", 30.0)
    listener.slow.set()
    wait_until(lambda: box.first("webhook") is None)
    sender.close()
    assert 1 in clips(listener)


def test_nonsense_for_an_address_is_told_and_no_thread_dies(box: NoticeBox) -> None:
    sender = webhook_sender(box, "http://[nonsense", first_rest_seconds=0.02)
    sender.start()
    add(box, 1)
    sender.wake()
    wait_until(lambda: sender._rest_seconds > 0.1 or box.first("webhook") is None)
    assert sender._worker.is_alive
    sender.close()


def test_when_too_many_wait_the_oldest_are_given_up_and_counted(tmp_path: Path, box: NoticeBox) -> None:
    add(box, *range(1, MOST_WAITING + 1))
    add(box, 1000, 1001)
    first = box.first("webhook")
    assert first is not None
    assert (first.clip_id, box.dropped) == ("1-3", 2)
    assert NoticeBox(tmp_path).dropped == 2


def test_what_was_told_is_never_new_again_however_much_is_deleted(box: NoticeBox) -> None:
    assert box.new_among(["1-5", "1-k2"]) == [], "what was there before anybody wanted to hear of it is old"
    assert box.new_among(["1-4", "1-5", "1-6", "1-k1", "1-k3", "2-1"]) == ["1-6", "1-k3", "2-1"]
    told = [Notice(clip_id=f"2-{number}", content="{}") for number in range(1, MOST_TOLD + 10)]
    box.add(told, [])
    assert box.new_among(["1-6", "2-3", "2-300", "2-1000", "9-k3", "9-k2"]) == ["2-1000", "9-k3"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"older": ["x"]}', b"\xff"])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "notices.json").write_bytes(content)
    box = NoticeBox(tmp_path)
    assert box.new_among(["1-1"]) == []
    assert box.new_among(["1-1", "1-2"]) == ["1-2"]


WRITER = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def settings_for(tmp_path: Path, listener: Listener | None = None) -> EventsSettings:
    command = f"{sys.executable} -c \"{WRITER}\" '{tmp_path / 'told by command'}'"
    return EventsSettings(command=command, webhook=listener.address if listener is not None else "")


def test_new_events_are_told_once_old_ones_and_what_was_found_later_never(tmp_path: Path, listener: Listener) -> None:
    catalogue = CatalogueWriter(tmp_path)
    catalogue.open()
    catalogue.put([row(1, kind="event", event=event("motion"))])
    notices = Notices(tmp_path, catalogue, settings_for(tmp_path, listener))
    notices.start()
    assert not notices.step()
    place = Place(latitude=50.5, longitude=8.25, speed_mps=3.0)
    catalogue.put(
        [
            row(
                2,
                kind="event",
                event=event("impact", "1-2", score=80.0, words="1.4 g"),
                place=place,
                clock_source="gps",
            ),
            row(3, kind="event", event=event("motion", "1-2", part=2)),
            row(4, kind="event", event=event("motion", "1-4", found_later=True)),
            row(5, id="1-k5", kind="event", event=event("hand", "1-k5")),
            row(6, id="1-k6", kind="event", event=event("button", "1-k6"), lock_cause="button", clock_source="none"),
            row(7),
        ]
    )
    assert notices.step()
    assert not notices.step()
    wait_until(lambda: len(listener.bodies) == 2 and notices.box.first("command") is None)
    impact, button = listener.bodies
    assert impact == {
        "event": "1-2",
        "clip": "1-2",
        "cause": "impact",
        "time": "1970-01-01T00:02:10.000Z",
        "place": {"latitude": 50.5, "longitude": 8.25},
        "score": 80.0,
        "camera": "front",
        "path": "event/2026-11-20/1_2.mp4",
        "seconds": 60.0,
        "is_saved": True,
        "words": "1.4 g",
        "page": None,
    }
    assert (button["clip"], button["time"], button["is_saved"]) == ("1-k6", None, True)
    lines = (tmp_path / "told by command").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [impact, button]
    # Switched off and on again: what happened in between is old.
    notices.take(EventsSettings())
    catalogue.put([row(8, kind="event", event=event("motion", "1-8"))])
    assert not notices.step()
    notices.take(settings_for(tmp_path, listener))
    assert not notices.step()
    catalogue.put([row(9, kind="event", event=event("motion", "1-9"))])
    assert notices.step()
    wait_until(lambda: len(listener.bodies) == 3)
    assert listener.bodies[-1]["clip"] == "1-9"
    notices.close()
    catalogue.close()


def test_nothing_is_kept_or_sent_while_nobody_wants_to_hear(tmp_path: Path) -> None:
    catalogue = CatalogueWriter(tmp_path)
    catalogue.open()
    notices = Notices(tmp_path, catalogue, EventsSettings())
    catalogue.put([row(1, kind="event", event=event("motion"))])
    assert not notices.step()
    assert not (tmp_path / "notices.json").exists()
    notices.close()
    catalogue.close()


def test_the_keeper_tells_of_an_event_when_its_clip_is_on_the_card(
    make_rig: Callable[..., Rig], listener: Listener
) -> None:
    rig = make_rig(f"events.webhook={listener.address}").start()
    rig.scan()
    put_clip(rig.data, "42-3", kind="EVENT", event=event("motion", "42-3"))
    rig.scan()
    wait_until(lambda: len(listener.bodies) == 1)
    assert listener.bodies[0]["path"] == "EVENT/2026-11-20/dcp_20261120144500.mp4"


def test_a_dead_address_holds_the_keeper_up_in_nothing(make_rig: Callable[..., Rig]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        rig = make_rig(f"events.webhook=http://127.0.0.1:{deaf.getsockname()[1]}/").start()
        rig.scan()
        put_clip(rig.data, "42-3", kind="EVENT", event=event("motion", "42-3"))
        rig.scan().assert_whole()
        assert rig.session.notices.box.first("webhook") is not None
