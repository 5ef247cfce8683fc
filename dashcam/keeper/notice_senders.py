"""Sends notices, one after the other, each way in a thread of its own that nobody waits for."""

from __future__ import annotations

import logging
import shlex
import threading
import time
from collections.abc import Callable

from dashcam import __version__
from dashcam.errors import DashcamError, LinkError
from dashcam.keeper.notice_box import Notice, NoticeBox, Way
from dashcam.system.run_command import run_command
from dashcam.worker import Worker

log = logging.getLogger(__name__)

COMMAND_SECONDS, COMMAND_TRIES = 30.0, 4
_WEBHOOK_SECONDS = 10.0
# Doubled from one failure to the next.
_FIRST_REST_SECONDS, _LONGEST_REST_SECONDS = 2.0, 600.0
_CLOSE_SECONDS = 3.0
# Of the answer nothing is needed.
_ANSWER_BYTES = 1024
# It says that it would never take this one; anything else may be better later.
_REFUSALS = frozenset(range(400, 500)) - {408, 425, 429}

# Sends one to where the setting says. Raises DashcamError when it may be better later, Refused when not.
Send = Callable[[str, Notice, threading.Event], None]


class Refused(DashcamError):
    """This notice is not taken, now or later."""


class Sender:
    """Sends what waits in the box one way, the oldest first."""

    def __init__(
        self,
        box: NoticeBox,
        way: Way,
        where: str,
        send: Send,
        *,
        most_tries: int | None,
        first_rest_seconds: float = _FIRST_REST_SECONDS,
    ) -> None:
        """`where` is the setting; empty: nothing is sent. `most_tries` of one notice; None: until it is taken."""
        self._box = box
        self._way = way
        self._where = where
        self._send = send
        self._most_tries = most_tries
        self._tries = 0
        self._first_rest_seconds = self._rest_seconds = first_rest_seconds
        self._not_before = 0.0
        self._wake = threading.Event()
        self._worker = Worker(f"keeper-{way}", self._work)

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def take(self, where: str) -> None:
        """Another place to send to; it is tried at once."""
        if where != self._where:
            self._where = where
            self._not_before, self._rest_seconds, self._tries = 0.0, self._first_rest_seconds, 0
            self.wake()

    def wake(self) -> None:
        """Something waits in the box."""
        self._wake.set()

    def close(self) -> None:
        """What waits stays in the box. May be called twice."""
        self._worker.stopping.set()
        self._wake.set()
        self._worker.stop(_CLOSE_SECONDS)

    def _work(self, stop: threading.Event) -> None:
        while True:
            self._wake.clear()
            if stop.is_set():
                return
            notice = self._box.first(self._way) if self._where.strip() else None
            rest_seconds = self._not_before - time.monotonic()
            if notice is None:
                self._wake.wait()
            elif rest_seconds > 0:
                self._wake.wait(rest_seconds)
            else:
                self._try(notice, stop)

    def _try(self, notice: Notice, stop: threading.Event) -> None:
        try:
            self._send(self._where, notice, stop)
        except Refused as error:
            log.warning("%s of event %s: %s", self._way, notice.clip_id, error)
        except DashcamError as error:
            if stop.is_set():
                return  # it is tried again after the next start
            log.warning("%s of event %s: %s", self._way, notice.clip_id, error)
            self._tries += 1
            if self._most_tries is None or self._tries < self._most_tries:
                self._not_before = time.monotonic() + self._rest_seconds
                self._rest_seconds = min(2 * self._rest_seconds, _LONGEST_REST_SECONDS)
                return
        except Exception:
            # Whatever a library raises over an address: the keeper has other work, and the next event another notice.
            log.exception("%s of event %s failed", self._way, notice.clip_id)
        self._rest_seconds, self._tries = self._first_rest_seconds, 0
        try:
            self._box.done(self._way, notice)
        except OSError as error:
            # Rather twice than never; but not again and again.
            log.warning("it cannot be kept that event %s was told: %s", notice.clip_id, error)
            self._not_before = time.monotonic() + _LONGEST_REST_SECONDS


def command_sender(box: NoticeBox, command: str, first_rest_seconds: float = _FIRST_REST_SECONDS) -> Sender:
    """Runs the command of the setting until it succeeds, a few times at most: others wait behind it."""
    return Sender(box, "command", command, run_for, most_tries=COMMAND_TRIES, first_rest_seconds=first_rest_seconds)


def webhook_sender(box: NoticeBox, address: str, first_rest_seconds: float = _FIRST_REST_SECONDS) -> Sender:
    """Posts to the address of the setting until it is taken."""
    return Sender(box, "webhook", address, post, most_tries=None, first_rest_seconds=first_rest_seconds)


def run_for(command: str, notice: Notice, stop: threading.Event) -> None:
    """Without a shell: words are parted as a shell would. Raises DashcamError."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Refused(f"events.command cannot be read: {error}") from error
    run_command(words, notice.content.encode() + b"\n", COMMAND_SECONDS, stop)


def post(address: str, notice: Notice, _stop: threading.Event) -> None:
    """Raises DashcamError."""
    # Their modules are megabytes that a keeper without a webhook does not need.
    import http.client
    import urllib.error
    import urllib.request

    headers = {"Content-Type": "application/json", "User-Agent": f"dashcam/{__version__}"}
    try:
        request = urllib.request.Request(address, notice.content.encode(), headers, method="POST")  # noqa: S310
        # A POST must not become a GET on the way: another address is for the owner to write down.
        stays = type("Stays", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *_about: None})
        with urllib.request.build_opener(stays).open(request, timeout=_WEBHOOK_SECONDS) as answer:
            answer.read(_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        words = f"events.webhook answers {error.code}"
        raise (Refused(words) if error.code in _REFUSALS else LinkError(words)) from error
    except OSError as error:
        raise LinkError(f"events.webhook is not reached: {error}") from error
    except (http.client.HTTPException, ValueError) as error:
        # Their words have pieces of the address, which may be secret, or whatever a server has sent.
        raise LinkError(f"events.webhook is not reached: {type(error).__name__}") from None
