"""`dashcam check`: all checks in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Iterator

from dashcam.check.card import check_folder, check_room, check_speed
from dashcam.check.finding import Finding
from dashcam.check.gps import check_gps, finding_of_running_gps
from dashcam.check.machine import check_clock, check_libraries, check_memory, check_port, check_python
from dashcam.check.noticing import check_button, check_motion
from dashcam.check.share_password import share_password
from dashcam.check.shares import check_shares
from dashcam.errors import LinkError
from dashcam.link.client import ask
from dashcam.link.messages import GetStatus, RecorderStatus
from dashcam.options import ProgramOptions
from dashcam.system.machine_clock import machine_clock

# What the camera is judged by when it could not be tried: 1080p at the usual rate.
_USUAL_BITS_PER_SECOND = 8_000_000
# A clock chip that takes longer is none to go by.
_CHIP_SECONDS = 2.0


def findings(options: ProgramOptions, share_password_file: str = "") -> Iterator[Finding]:
    """One after the other, as each is found; some take seconds. A running recorder is asked instead of disturbed."""
    settings = options.loaded.settings
    yield check_python()
    libraries = check_libraries()
    yield from libraries
    yield check_memory()
    recorder = _running_recorder(options)
    can_try = all(finding.mark != "no" for finding in libraries)
    bits_per_second = _USUAL_BITS_PER_SECOND
    if can_try:
        from dashcam.check.camera import check_camera, findings_of_running

        of_camera, bits_per_second = findings_of_running(recorder) if recorder else check_camera(settings)
        yield from of_camera
    yield finding_of_running_gps(recorder.gps) if recorder else check_gps(settings.gps)
    yield check_motion(settings.motion, recorder)
    if (of_button := check_button(settings.events, recorder)) is not None:
        yield of_button
    yield check_folder(options.data)
    yield check_room(options.data, settings, bits_per_second)
    if recorder is None:
        yield check_speed(options.data, settings, bits_per_second)
    else:
        yield _speed_of_running(recorder)
    clock = machine_clock(settings.clock.machine)
    clock.refresh(_CHIP_SECONDS)
    yield check_clock(settings.clock.zone, clock, recorder.clock if recorder else None)
    yield check_port(settings.web)
    yield from check_shares(settings.shares, lambda: share_password(share_password_file))


def _running_recorder(options: ProgramOptions) -> RecorderStatus | None:
    try:
        return ask(options.state, "recorder", GetStatus(), RecorderStatus)
    except LinkError:
        return None


def _speed_of_running(recorder: RecorderStatus) -> Finding:
    queue = recorder.queue
    words = f"longest wait so far {queue.longest_stall_seconds:.1f} s; at most {queue.high_water_bytes / 1e6:.1f} MB"
    words += f" of {queue.limit_bytes / 1e6:.1f} MB were waiting"
    if queue.dropped_frames:
        return Finding("warn", "speed", f"{words}; {queue.dropped_frames} frames were lost: use a quicker card")
    return Finding("ok", "speed", words)
