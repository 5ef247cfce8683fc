"""The recorder watches itself: camera, writer, and what systemd and the followers are told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dashcam.recorder.watch import Alarm, Sighting, judge

if TYPE_CHECKING:
    from dashcam.recorder.camera_duty import CameraDuty
    from dashcam.recorder.report import Outlook, Reporter
    from dashcam.recorder.writer import ClipWriter
    from dashcam.system.notify import Notifier

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.5
_TELL_SECONDS = 1.0
# The writer's loop turns at least twice a second when idle.
_WRITER_TURN_SECONDS = 10.0
# What systemd may call ready although nothing is recorded: there is nothing to write, or nowhere to write it.
_READY_WITHOUT_RECORDING = {"stopped", "guarding", "off", "no_card", "card_full", "card_read_only", "no_camera"}


class Supervision:
    """`turn` is called twice a second by the main thread."""

    turn_seconds = _TURN_SECONDS

    def __init__(
        self,
        duty: CameraDuty,
        writers: Sequence[ClipWriter],
        reporter: Reporter,
        notifier: Notifier,
        end_process: Callable[[str], None],
    ) -> None:
        self._duty = duty
        self._writers = writers
        self._reporter = reporter
        self._notifier = notifier
        self._end_process = end_process
        self._told_at = 0.0
        self._told: tuple[object, ...] = ()
        self._words = ""
        self._is_ready = False
        self._seen: set[Alarm] = set()
        self._alarms: set[Alarm] = set()

    def turn(self, *, has_recorded: bool) -> None:
        """One look at everything."""
        self._look()
        now = time.monotonic()
        news = (self._reporter.news(), has_recorded, self._alarms)
        # Once a second is enough while there is no news.
        if news != self._told or now - self._told_at >= _TELL_SECONDS:
            self._told, self._told_at = news, now
            self._reporter.tell_followers()
            self._tell_systemd(self._reporter.outlook(), has_recorded=has_recorded)

    def _look(self) -> None:
        """Believes what it sees twice: a process that was held up itself finds old packets once, and then new ones."""
        verdicts = judge(self._sighting())
        seen_before, self._seen = self._seen, {verdict.alarm for verdict in verdicts}
        for verdict in verdicts:
            if verdict.alarm not in seen_before:
                continue
            if verdict.alarm not in self._alarms:
                log.error("%s", verdict.text)
            if verdict.is_fatal:
                self._end_process(verdict.text)
            elif verdict.alarm in ("camera_silent", "no_keyframe"):
                self._duty.fail(verdict.text)
        self._alarms = self._seen & seen_before

    def _sighting(self) -> Sighting:
        now = time.monotonic()

        def age(since: float | None) -> float:
            return 0.0 if since is None else now - since

        pulse, running, opening_since = self._duty.pulse, self._duty.running, self._duty.opening_since
        writer_busy_seconds = max(age(writer.busy_since) for writer in self._writers)
        if running is None:
            return Sighting(None, None, 0.0, 0.0, writer_busy_seconds, opening_seconds=age(opening_since))
        last_packet, last_keyframe = pulse.last_packet, pulse.last_keyframe or pulse.first_packet
        return Sighting(
            packet_age_seconds=None if last_packet is None else now - last_packet,
            keyframe_age_seconds=None if last_keyframe is None else now - last_keyframe,
            longest_gop_seconds=pulse.longest_gop_seconds,
            frame_seconds=1 / (running.facts.fps * running.speed) if running.facts.fps else 0.0,
            writer_busy_seconds=writer_busy_seconds,
            waiting_seconds=age(self._duty.opened_at) if last_packet is None else 0.0,
        )

    def _tell_systemd(self, outlook: Outlook, *, has_recorded: bool) -> None:
        if outlook.state == "guarding":
            words = f"guarding: {outlook.reason}"
        else:
            words = "recording" if outlook.is_recording else f"NOT RECORDING: {outlook.reason}"
        if words != self._words:
            self._words = words
            self._notifier.status(words)
        if not self._is_ready and (has_recorded or outlook.state in _READY_WITHOUT_RECORDING):
            self._is_ready = True
            self._notifier.ready()
        if self._is_healthy(outlook):
            self._notifier.watchdog()

    def _is_healthy(self, outlook: Outlook) -> bool:
        """Frames arrive, or there is a known reason why none do; and the writer's loop turns."""
        turned_at = min(writer.turned_at for writer in self._writers)
        turns = time.monotonic() - turned_at < _WRITER_TURN_SECONDS or "writer_slow" in self._alarms
        return turns and "camera_silent" not in self._alarms and outlook.state != "camera_failed"
