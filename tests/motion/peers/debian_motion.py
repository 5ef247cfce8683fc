"""Debian's `motion`, which plays a file in real time as if it were a network camera.

No port is opened and nothing is written. What it sees and when is read from its log as it comes: it says when it has
connected, when an event begins and ends, and when the file is at its end.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.endurance.child_process import dies_with_us
from tests.motion.peers.running import Result, reaped, times_of

_EVENT_GAP_SECONDS = 1
# What Debian ships in /etc/motion/motion.conf, but for what is kept and served, and where the pictures come from.
_SETTINGS = f"""\
daemon off
setup_mode off
log_level 7
width 640
height 480
framerate 15
emulate_motion off
threshold 1500
despeckle_filter EedDl
minimum_motion_frames 1
event_gap {_EVENT_GAP_SECONDS}
pre_capture 0
post_capture 0
picture_output off
movie_output off
webcontrol_port 0
stream_port 0
"""
# The file is opened twice: first for its size, then to be played.
_CONNECTED, _BEGINS, _ENDS, _FILE_ENDS = "Camera source is", "starting event", "End of event", "End of file"


def run(video: Path, folder: Path) -> Result:
    """Plays the whole clip once; `folder` is for its settings. Raises RuntimeError when it ends too early."""
    times = times_of(video)
    frames = len(times) - 1
    rate = max(round(frames / times[-1]), 1)
    settings = folder / f"{video.stem}.conf"
    settings.write_text(
        f"{_SETTINGS}target_dir {folder}\nnetcam_url file://{video.absolute()}\nnetcam_params capture_rate={rate}\n"
    )
    process = subprocess.Popen(
        dies_with_us(["motion", "-n", "-c", str(settings)]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    marks = _follow(process)
    process.terminate()
    cpu_seconds = reaped(process)
    return Result(detections=_detections(marks, times), cpu_s=cpu_seconds, frames=frames)


def _follow(process: subprocess.Popen[str]) -> list[tuple[str, float]]:
    """What was said until the file was at its end, and when."""
    assert process.stderr is not None
    marks = []
    for line in process.stderr:
        now = time.monotonic()
        word = next((mark for mark in (_CONNECTED, _BEGINS, _ENDS, _FILE_ENDS) if mark in line), None)
        if word is not None:
            marks.append((word, now))
        if word == _FILE_ENDS:
            return marks
    process.wait()
    raise RuntimeError(f"motion ended by itself with {process.returncode}")


def _detections(marks: list[tuple[str, float]], times: list[float]) -> list[list[float]]:
    """It plays all pictures at one pace, whole ones a second: the place between begin and end tells which one it is."""
    began = next(moment for word, moment in marks if word == _CONNECTED)
    lasted = marks[-1][1] - began

    def media(moment: float) -> float:
        place = (moment - began) / lasted * (len(times) - 1)
        return times[min(max(int(place), 0), len(times) - 1)]

    found: list[list[float]] = []
    is_open = False
    for word, moment in marks:
        if word == _BEGINS:
            found.append([media(moment), times[-1]])
            is_open = True
        elif word == _ENDS and is_open:
            found[-1][1] = max(media(moment - _EVENT_GAP_SECONDS), found[-1][0])
            is_open = False
    return found
