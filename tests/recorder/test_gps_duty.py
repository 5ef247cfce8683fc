"""The receiver's owner: what it is opened with, what becomes of its fixes, and what it never does to the recording."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from dashcam import RELEASE_DATE
from dashcam.camera.base import Camera
from dashcam.clock import NANOSECONDS, Anchor, WallClock
from dashcam.gps.base import Fix, GpsState, NoReceiver, Receiver, Verdict
from dashcam.gps.tracker import FixSink
from dashcam.recorder.camera_duty import CameraDuty, CameraWish, Running
from dashcam.recorder.card import Card
from dashcam.recorder.gps_duty import GpsDuty, ReceiverWish, place_of
from dashcam.recorder.moments import Moments
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.packet_queue import PacketQueue
from dashcam.recorder.preview import Preview
from dashcam.recorder.track_log import TrackLog
from dashcam.recorder.trip import TripMeter
from dashcam.recorder.trouble import Trouble
from dashcam.settings import Settings, load_settings
from dashcam.settings.schema import GpsSettings
from dashcam.worker import Worker
from tests.gps.made import fix
from tests.packets import FACTS
from tests.recorder.asked import wait_until


def settings(*assignments: str) -> Settings:
    return load_settings(None, assignments, Path("/nonexistent")).settings


def camera_duty(of: Settings, kind: str | None, trouble: Trouble | None = None) -> CameraDuty:
    """A camera of this kind runs; None: none does."""
    duty = CameraDuty(of, PacketQueue(1000), Preview(of.preview), or_pattern=True, end_process=lambda _reason: None)
    if kind is not None:
        duty.running = Running(cast(Camera, None), replace(FACTS, kind=kind), False, CameraWish.of(of))
    duty.trouble = trouble
    return duty


def wish_of(*assignments: str, camera: str | None = "usb", trouble: Trouble | None = None) -> ReceiverWish | None:
    return ReceiverWish.of(settings(*assignments), camera_duty(settings(*assignments), camera, trouble))


def sure(wish: ReceiverWish | None) -> ReceiverWish:
    assert wish is not None
    return wish


class ToyReceiver:
    """Connected or not, as a test says; counts what is done with it."""

    def __init__(self, on_fix: FixSink, *, is_real: bool) -> None:
        self.on_fix = on_fix
        self.given = GpsState(kind="serial", device="toy", is_connected=True, is_real=is_real)
        self.closings = 0

    def start(self) -> None:
        """Nothing to do."""

    def state(self) -> GpsState:
        return self.given

    def close(self) -> None:
        self.closings += 1


@dataclass
class Opener:
    """In place of `open_receiver`."""

    is_real: bool = True
    opened: list[ToyReceiver] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    error: Exception | None = None

    def __call__(
        self, settings: GpsSettings, on_fix: FixSink, *, reference: date, speed: float, or_simulated: bool
    ) -> Receiver:
        assert reference == date.fromisoformat(RELEASE_DATE)
        if self.error is not None:
            raise self.error
        self.opened.append(ToyReceiver(on_fix, is_real=self.is_real))
        return self.opened[-1]


class Bench:
    """A running duty with everything that its fixes go to."""

    def __init__(self, data: Path, opener: Opener) -> None:
        self.seconds = 0.0
        self.anchors: list[Anchor] = []
        numbering = Numbering(data / ".state")
        card = Card(data, numbering, WallClock(), "UTC")
        self.moments = Moments(WallClock(), "UTC")
        self.track = TrackLog(card, numbering, lambda: "64 MB")
        self.trip = TripMeter()
        self.duty = GpsDuty(
            moments=self.moments,
            track=self.track,
            trip=self.trip,
            offer_time=self.anchors.append,
            open_receiver=opener,
            monotonic=lambda: self.seconds,
        )
        self._worker = Worker("GPS", self.duty.work)

    def __enter__(self) -> Bench:
        self._worker.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._worker.stopping.set()
        self.duty.wake()
        assert self._worker.stop(60)


@pytest.mark.parametrize(
    ("assignments", "camera", "or_simulated", "speed"),
    [
        ((), "usb", False, 1),
        ((), "picamera", False, 1),
        ((), "replay", False, 1),
        ((), "pattern", True, 1),
        (("camera.kind=pattern", "camera.speed=10"), "pattern", True, 1),
        (("gps.kind=serial",), "pattern", False, 1),
        (("gps.kind=none",), "pattern", False, 1),
        (("gps.kind=replay", "camera.speed=10"), "replay", False, 10),
    ],
)
def test_the_simulated_drive_belongs_to_the_drawn_camera(
    assignments: tuple[str, ...], camera: str, or_simulated: bool, speed: float
) -> None:
    wish = sure(wish_of(*assignments, camera=camera))
    assert (wish.or_simulated, wish.speed) == (or_simulated, speed)


def test_the_camera_comes_first_but_nobody_waits_for_one_that_is_missing() -> None:
    assert wish_of(camera=None) is None
    assert wish_of(camera=None, trouble=Trouble("no_camera", "there is none")) is not None


@pytest.mark.parametrize("change", ["gps.log_quota=1 MB", "gps.speed_unit=mph", "gps.telemetry=no", "camera.speed=2"])
def test_what_is_written_of_a_drive_is_no_reason_for_another_receiver(change: str) -> None:
    assert wish_of(change) == wish_of()


@pytest.mark.parametrize("change", ["gps.kind=none", "gps.device=/dev/ttyUSB3", "gps.port=2948"])
def test_another_receiver_is_another_wish(change: str) -> None:
    assert wish_of(change) != wish_of()


def test_a_receiver_is_opened_once_for_one_wish_and_closed_for_another(tmp_path: Path) -> None:
    opener = Opener()
    with Bench(tmp_path, opener) as bench:
        assert not bench.duty.state().is_connected
        for _ in range(3):
            bench.duty.follow(wish_of())
            bench.duty.follow(None)
            wait_until(lambda: len(opener.opened) == 1 and bench.duty.state().is_connected, "a receiver")
        bench.duty.follow(wish_of("gps.kind=serial"))
        wait_until(lambda: len(opener.opened) == 2, "another receiver")
        wait_until(lambda: opener.opened[0].closings == 1, "the first is closed")
    assert opener.opened[1].closings == 1


def moving(seconds: float) -> Fix:
    return fix(seconds, utc_seconds=1_800_000_000 + seconds, place=(52.5, 13.4 + seconds / 1e4))


@pytest.mark.parametrize("is_real", [True, False])
def test_good_fixes_go_everywhere_and_only_a_real_receiver_gives_the_time(tmp_path: Path, is_real: bool) -> None:
    opener = Opener(is_real=is_real)
    with Bench(tmp_path, opener) as bench:
        bench.duty.follow(wish_of())
        wait_until(lambda: bench.duty.state().is_connected, "a receiver")
        for second in range(4):
            opener.opened[0].on_fix(moving(second))
        opener.opened[0].on_fix(fix(4, verdict="imprecise", utc_seconds=1_800_000_004))
        assert bench.track.waiting_lines == 4
        assert bench.moments.place_at(3 * NANOSECONDS) == place_of(moving(3))
        assert bench.trip.status(3 * NANOSECONDS) is not None
        # From the third on, and the place of the last one is only a guess, but not its time.
        assert [anchor.source for anchor in bench.anchors] == (["gps"] * 3 if is_real else [])


@pytest.mark.parametrize("verdict", ["no_fix", "imprecise", "implausible", "stale"])
def test_from_a_fix_that_is_not_good_on_the_place_is_not_known(tmp_path: Path, verdict: Verdict) -> None:
    opener = Opener()
    with Bench(tmp_path, opener) as bench:
        bench.duty.follow(wish_of())
        wait_until(lambda: bench.duty.state().is_connected, "a receiver")
        opener.opened[0].on_fix(moving(3))
        assert bench.moments.place_at(4 * NANOSECONDS) is not None
        opener.opened[0].on_fix(fix(4, verdict=verdict))
        assert bench.moments.place_at(4 * NANOSECONDS) is None
        opener.opened[0].on_fix(moving(5))
        assert bench.moments.place_at(5 * NANOSECONDS) == place_of(moving(5))


@pytest.mark.parametrize(("speed", "last_known_ms"), [(1, 5250), (10, 4125)])
def test_a_silent_receiver_tells_the_place_for_a_second_more_of_its_own_time(
    tmp_path: Path, speed: int, last_known_ms: int
) -> None:
    opener = Opener(is_real=False)
    with Bench(tmp_path, opener) as bench:
        bench.duty.follow(wish_of("gps.kind=replay", f"camera.speed={speed}", camera="replay"))
        wait_until(lambda: bench.duty.state().is_connected, "a receiver")
        for number in range(5):
            opener.opened[0].on_fix(moving(4 - (4 - number) / speed))
        assert bench.moments.place_at(last_known_ms * 1_000_000) == place_of(moving(4))
        assert bench.moments.place_at(last_known_ms * 1_000_000 + 1) is None


def test_what_a_closed_receiver_says_too_late_is_not_heard(tmp_path: Path) -> None:
    opener = Opener()
    with Bench(tmp_path, opener) as bench:
        bench.duty.follow(wish_of())
        wait_until(lambda: bench.duty.state().is_connected, "a receiver")
        bench.duty.follow(wish_of("gps.kind=serial"))
        wait_until(lambda: len(opener.opened) == 2, "another receiver")
        opener.opened[0].on_fix(moving(0))
        assert bench.track.waiting_lines == 0


def test_a_fix_that_overtakes_the_opening_waits_for_it(tmp_path: Path) -> None:
    class Hasty(Opener):
        """Its first fix comes, in a thread of its own, before it is known."""

        def __call__(
            self, settings: GpsSettings, on_fix: FixSink, *, reference: date, speed: float, or_simulated: bool
        ) -> Receiver:
            self.hurry = threading.Thread(target=on_fix, args=(moving(0),))
            self.hurry.start()
            return super().__call__(settings, on_fix, reference=reference, speed=speed, or_simulated=or_simulated)

    with Bench(tmp_path, Hasty()) as bench:
        bench.duty.follow(wish_of())
        wait_until(lambda: bench.track.waiting_lines == 1, "the fix")


def test_a_mistake_in_opening_is_told_and_the_next_wish_is_tried(tmp_path: Path) -> None:
    opener = Opener(error=RuntimeError("nobody foresaw this"))
    with Bench(tmp_path, opener) as bench:
        bench.duty.follow(wish_of())
        wait_until(lambda: "nobody foresaw this" in bench.duty.state().words, "words")
        opener.error = None
        bench.duty.follow(wish_of("gps.kind=serial"))
        wait_until(lambda: bench.duty.state().is_connected, "a receiver")


@pytest.mark.parametrize(
    ("assignments", "is_missed"),
    [
        ((), False),
        (("gps.kind=none",), False),
        (("gps.kind=simulated",), False),
        (("gps.kind=serial",), True),
        (("gps.kind=gpsd",), True),
        (("gps.kind=replay",), True),
        (("gps.device=/dev/ttyUSB3",), True),
    ],
)
def test_only_who_has_configured_a_receiver_is_told_that_it_is_missing(
    tmp_path: Path, assignments: tuple[str, ...], is_missed: bool
) -> None:
    opener = Opener()
    with Bench(tmp_path, opener) as bench:
        bench.duty.follow(wish_of(*assignments))
        wait_until(lambda: bench.duty.state().is_connected, "a receiver")
        assert bench.duty.complaint == ""
        opener.opened[0].given = GpsState(kind="serial", words="it is gone; plug it in again")
        assert bench.duty.complaint == ""  # it is looked for
        bench.seconds += 31
        assert bench.duty.complaint == ("GPS: it is gone; plug it in again" if is_missed else "")
        opener.opened[0].given = GpsState(kind="serial", is_connected=True)
        assert bench.duty.complaint == ""


def test_what_can_never_work_is_told_at_once(tmp_path: Path) -> None:
    class Hopeless(Opener):
        """Has nothing to open."""

        def __call__(self, *_positional: object, **_named: object) -> Receiver:
            return NoReceiver("replay needs a file")

    with Bench(tmp_path, Hopeless()) as bench:
        bench.duty.follow(wish_of("gps.kind=replay"))
        wait_until(lambda: bench.duty.complaint == "GPS: replay needs a file", "the complaint")


def test_a_receiver_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    may_close = threading.Event()

    class Hanging(ToyReceiver):
        """Its port does not answer any more."""

        def close(self) -> None:
            may_close.wait()

    class OfHanging(Opener):
        """Opens one of those."""

        def __call__(
            self, settings: GpsSettings, on_fix: FixSink, *, reference: date, speed: float, or_simulated: bool
        ) -> Receiver:
            self.opened.append(Hanging(on_fix, is_real=True))
            self.kinds.append(settings.kind)
            return self.opened[-1]

    opener = OfHanging()
    with Bench(tmp_path, opener) as bench:
        bench.duty.follow(wish_of())
        wait_until(lambda: bench.duty.state().is_connected, "a receiver")
        bench.duty.follow(wish_of("gps.kind=serial"))
        bench.duty.follow(wish_of("gps.kind=gpsd"))
        assert bench.duty.state().is_connected
        may_close.set()
        wait_until(lambda: opener.kinds[-1] == "gpsd", "the last wish")
