"""The detector tried on video files, whatever they are and wherever they lie. Writes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dashcam.clips.event import MotionWindow
from dashcam.errors import BadMedia
from dashcam.media.looks import looks_of
from dashcam.motion.looking import Looker, windows_of
from dashcam.motion.sight import LOOK_WIDTH, MotionWish

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found in one file. `error` is empty, or says why it could not be read."""

    name: str
    windows: tuple[MotionWindow, ...] = ()
    seconds: float = 0.0
    """Media time of the last picture that was looked at."""
    analysed: int = 0
    analysis_cpu_seconds: float = 0.0
    error: str = ""


def try_file(name: str, wish: MotionWish, rate: float, progress: Callable[[float], None]) -> Trial:
    """Looks at one file from beginning to end; `progress` is told the media time that was reached."""
    looker, reached = Looker(wish), 0.0
    try:
        sights = []
        for look in looks_of(Path(name), rate, LOOK_WIDTH):
            sights.append(looker.see(look))
            reached = look.seconds
            progress(reached)
    except FileNotFoundError:
        return Trial(name, error="there is no such file; look at its name again")
    except IsADirectoryError:
        return Trial(name, error=f"it is a folder; name the videos in it: {name}/*")
    except OSError as error:
        return Trial(name, error=f"it cannot be read: {error.strerror or error}")
    except BadMedia as error:
        return Trial(name, error=str(error))
    except Exception as error:
        # Whatever a library raises over strange bytes: the other files are tried all the same.
        log.debug("%s", name, exc_info=True)
        return Trial(name, error=f"it cannot be read: {type(error).__name__}: {error}")
    return Trial(name, tuple(windows_of(sights)), reached, looker.analysed, looker.cpu_seconds)


def as_json(trials: Sequence[Trial]) -> str:
    """One object; times in media seconds."""
    return msgspec.json.encode({trial.name: _facts(trial) for trial in trials}).decode()


def _facts(trial: Trial) -> dict[str, object]:
    facts: dict[str, object] = {"error": trial.error} if trial.error else {}
    return facts | {
        "detections": [[round(window.from_seconds, 3), round(window.to_seconds, 3)] for window in trial.windows],
        "analysis_cpu_s": round(trial.analysis_cpu_seconds, 6),
        "analysed": trial.analysed,
    }


def as_lines(trial: Trial) -> list[str]:
    """For people: each stretch of motion with its strength, or that there was none."""
    if trial.error:
        return [f"{trial.name}: {trial.error}"]
    lines = [f"{trial.name}: {_words(trial)}"]
    lines += [
        f"  {_time(window.from_seconds):>10} - {_time(window.to_seconds):>10}"
        f"  {window.to_seconds - window.from_seconds:6.1f} s  score {window.score:3.0f}"
        for window in trial.windows
    ]
    return lines


def _words(trial: Trial) -> str:
    moving = sum(window.to_seconds - window.from_seconds for window in trial.windows)
    looks = f"{trial.analysed} pictures in {_time(trial.seconds)}"
    cost = f"{1000 * trial.analysis_cpu_seconds / max(trial.analysed, 1):.2f} ms each"
    count = len(trial.windows)
    found = f"motion {count} time{'' if count == 1 else 's'}, {moving:.1f} s" if count else "nothing moves"
    return f"{found} ({looks}, {cost})"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{rest:04.1f}" if hours else f"{minutes}:{rest:04.1f}"
