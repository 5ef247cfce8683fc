"""Trials of the start: what comes when, and how that was done before."""

from __future__ import annotations

import time

from dashcam.errors import DashcamError
from dashcam.link import messages as m
from dashcam.link.client import ask
from dashcam.system.appliance import STATE_FOLDER
from tests.vm.guest.telling import run, tell, until, uptime

_LONG = 600.0


def _recorder() -> m.RecorderStatus | None:
    try:
        return ask(STATE_FOLDER, "recorder", m.GetStatus(), m.RecorderStatus, 5.0)
    except DashcamError:
        return None


def _has_durable() -> bool:
    status = _recorder()
    return status is not None and status.open_clip is not None and bool(status.open_clip.path)


def _entered(unit: str) -> float:
    """When a unit became active, in seconds since the kernel started."""
    shown = run("systemctl", "show", unit, "-p", "ActiveEnterTimestampMonotonic", "--value", is_checked=False).strip()
    return int(shown or 0) / 1e6


def order(words: dict[str, str]) -> None:
    """First durable fragment, NetworkManager, page; `was=rc.local`: with the recorder at the end of multi-user."""
    until("the first durable fragment", _has_durable, _LONG)
    durable = uptime()
    until("NetworkManager", lambda: _entered("NetworkManager.service") > 0, _LONG)
    until("multi-user", lambda: _entered("multi-user.target") > 0, _LONG)
    recorder = _entered("dashcam-recorder.service") or durable
    tell(
        "order",
        durable=round(min(recorder, durable), 2),
        network_manager=_entered("NetworkManager.service"),
        web=_entered("dashcam-web.service"),
        multi_user=_entered("multi-user.target"),
        good=words.get("was") == "rc.local" or min(recorder, durable) < _entered("NetworkManager.service"),
    )


def recording(_: dict[str, str]) -> None:
    """Records until the plug is pulled, and tells how far it is."""
    until("the first durable fragment", _has_durable, _LONG)
    while True:
        status = _recorder()
        if status is not None:
            tell("recorded", frames=status.frames_received, fps=status.camera.fps if status.camera else 0.0)
        time.sleep(0.5)


TRIALS = {"order": order, "recording": recording}
