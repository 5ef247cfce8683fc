"""Trials of the start and of the machine's limits: what comes when, who may have how much, a webcam."""

from __future__ import annotations

import json
from pathlib import Path

from dashcam.system.appliance import RECORDER_UNIT, STATE_FOLDER, WEB_UNIT
from tests.vm.guest.card import has_durable, recorder
from tests.vm.guest.telling import TrialFailed, run, tell, until, uptime

_LONG = 900.0
_CAP_BYTES = 24 * 1024 * 1024


def order(words: dict[str, str]) -> None:
    """First durable fragment, NetworkManager, page; `was=rc.local`: with the recorder at the end of multi-user."""
    until("the first durable fragment", has_durable, _LONG)
    seen = uptime()
    until("NetworkManager", lambda: _entered("NetworkManager.service") > 0, _LONG)
    until("multi-user", lambda: _entered("multi-user.target") > 0, _LONG)
    until("the page", lambda: _entered(WEB_UNIT) > 0, _LONG)
    # READY is told once the first fragment is durable.
    durable = min(_entered(RECORDER_UNIT) or seen, seen)
    manager = _entered("NetworkManager.service")
    tell(
        "order",
        durable=durable,
        network_manager=manager,
        web=_entered(WEB_UNIT),
        multi_user=_entered("multi-user.target"),
        good=words.get("was") == "rc.local" or durable < manager,
    )
    for path in sorted((STATE_FOLDER / "boots").glob("*.jsonl")):
        tell("marks", program=path.stem, line=json.loads(path.read_text().splitlines()[-1]))
    tell("slowest", units=run("systemd-analyze", "blame", "--no-pager", is_checked=False).split("\n")[:12])
    memory = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    tell("memory", total=memory["MemTotal"].strip(), available=memory["MemAvailable"].strip())


def caps(_: dict[str, str]) -> None:
    """A page that wants more memory than it may is ended and comes back; the recorder does not miss a frame."""
    until("the first durable fragment", has_durable, _LONG)
    until("the page", lambda: _entered(WEB_UNIT) > 0, _LONG)
    for unit in (RECORDER_UNIT, "dashcam-keeper.service", WEB_UNIT, "dashcam-network.service"):
        wanted = run("systemctl", "show", unit, "-p", "MemoryMax", "--value").strip()
        group = run("systemctl", "show", unit, "-p", "ControlGroup", "--value").strip()
        limit = Path(f"/sys/fs/cgroup{group}/memory.max").read_text().strip()
        tell("cap", unit=unit, wanted=wanted, limit=limit, good=wanted == limit != "infinity")
    before = _restarts(WEB_UNIT)
    run("systemctl", "set-property", "--runtime", WEB_UNIT, f"MemoryMax={_CAP_BYTES}", "MemoryHigh=infinity")
    until("the page is ended for its memory", lambda: _restarts(WEB_UNIT) > before, _LONG)
    run("systemctl", "set-property", "--runtime", WEB_UNIT, "MemoryMax=infinity")
    until(
        "the page is back", lambda: run("systemctl", "is-active", WEB_UNIT, is_checked=False).strip() == "active", 120
    )
    status = recorder()
    if status is None:
        raise TrialFailed("the recorder does not answer")
    tell(
        "frames",
        received=status.frames_received,
        dropped=status.queue.dropped_frames,
        good=not status.queue.dropped_frames,
    )


def webcam(_: dict[str, str]) -> None:
    """The kernel's simulated camera as a webcam."""
    until("the first durable fragment", has_durable, _LONG)
    status = recorder()
    if status is None or status.camera is None:
        raise TrialFailed("the recorder has no camera")
    camera = status.camera
    frames = status.frames_received
    until("thirty more frames", lambda: (now := recorder()) is not None and now.frames_received > frames + 30, _LONG)
    tell("webcam", name=camera.name, description=camera.description, driver=camera.kind, good=camera.kind == "usb")


def _entered(unit: str) -> float:
    """When a unit became active, in seconds since the kernel started; 0 before."""
    shown = run("systemctl", "show", unit, "-p", "ActiveEnterTimestampMonotonic", "--value", is_checked=False).strip()
    return round(int(shown or 0) / 1e6, 2)


def _restarts(unit: str) -> int:
    return int(run("systemctl", "show", unit, "-p", "NRestarts", "--value").strip() or 0)


TRIALS = {"order": order, "caps": caps, "webcam": webcam}
