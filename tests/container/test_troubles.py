"""Programs that freeze, are killed, flooded and restarted: the recording goes on, and no number is given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.system.appliance import KEEPER_UNIT, NETWORK_UNIT, RECORDER_UNIT, WEB_UNIT
from tests.container.container import Container
from tests.container.flood import FLOOD
from tests.container.parts import FILM_RATE, PROGRAM_UNITS

_FRAME_NS = 1_000_000_000 // FILM_RATE


def _sidecars(machine: Container) -> list[Sidecar]:
    found = [read_sidecar(path) for path in (machine.root / "data/DCIM/VIDEO").glob("*/*.json")]
    return sorted(found, key=lambda sidecar: _number(sidecar.id))


def _number(clip_id: str) -> tuple[int, int]:
    boot, sequence = clip_id.split("-")
    return int(boot), int(sequence)


def _names(machine: Container) -> set[str]:
    return {path.name for path in (machine.root / "data/DCIM/VIDEO").glob("*/*.mp4")}


def _open_clip(machine: Container) -> str:
    clip = machine.wait_until_recording().open_clip
    assert clip is not None
    return clip.id


def _wait_for_new_process(machine: Container, unit: str, old: int) -> None:
    """Until systemd has started it anew and it is ready."""
    machine.wait(f"{unit} anew", lambda: machine.number(unit, "MainPID") not in (0, old) and machine.is_active(unit))


def test_frozen_recorder_is_started_anew_and_its_numbers_go_on(machine: Container) -> None:
    before, names = _open_clip(machine), _names(machine)
    restarts = machine.number(RECORDER_UNIT, "NRestarts")
    old = machine.number(RECORDER_UNIT, "MainPID")
    machine.run("systemctl", "kill", "--signal=STOP", RECORDER_UNIT)
    _wait_for_new_process(machine, RECORDER_UNIT, old)
    assert machine.number(RECORDER_UNIT, "NRestarts") == restarts + 1
    assert "Watchdog timeout" in machine.run("journalctl", "--unit", RECORDER_UNIT, "--no-pager")
    after = _open_clip(machine)
    assert _number(after) > _number(before)
    assert machine.recorder().open_clip is not None
    assert names < _names(machine), "what was there is there, and the new one has a name of its own"


def test_page_that_is_flooded_and_killed_costs_no_frame(machine: Container) -> None:
    machine.wait_until_active(WEB_UNIT)
    first = _open_clip(machine)
    go_on = machine.root / "run/flood"
    go_on.touch()
    with ThreadPoolExecutor(1) as pool:
        flood = pool.submit(machine.run, "/usr/bin/python3", "-I", "-c", FLOOD, "/run/flood")
        try:
            for _ in range(2):
                old = machine.number(WEB_UNIT, "MainPID")
                machine.run("systemctl", "kill", "--signal=KILL", WEB_UNIT)
                _wait_for_new_process(machine, WEB_UNIT, old)
            last = _open_clip(machine)
        finally:
            go_on.unlink()
        answered, failed = map(int, flood.result().split())
    assert answered > 20
    machine.wait("the end of the last clip", lambda: _number(_sidecars(machine)[-1].id) >= _number(last))
    clips = [clip for clip in _sidecars(machine) if _number(first) <= _number(clip.id) <= _number(last)]
    assert len(clips) > 1
    assert [clip.dropped_frames for clip in clips] == [0] * len(clips)
    assert machine.recorder().queue.dropped_frames == 0
    for clip, following in pairwise(clips):
        assert clip.media_start_ns is not None
        assert following.media_start_ns is not None
        missing = (following.media_start_ns - clip.media_start_ns) / _FRAME_NS - clip.frames
        assert abs(missing) < 0.5, f"between {clip.id} and {following.id}; {failed} requests failed"


def test_programs_survive_restarts_in_any_order(machine: Container) -> None:
    for unit in PROGRAM_UNITS:
        machine.wait_until_active(unit)
    orders = ([WEB_UNIT], [RECORDER_UNIT], [KEEPER_UNIT, WEB_UNIT], [NETWORK_UNIT, RECORDER_UNIT], [*PROGRAM_UNITS])
    seen = {_open_clip(machine)}
    for units in orders:
        machine.run("systemctl", "restart", *units)
        if RECORDER_UNIT in units:
            new = _open_clip(machine)
            assert new not in seen
            seen.add(new)
        # systemd counts anew from each restart that was asked for.
        assert {unit: machine.number(unit, "NRestarts") for unit in units} == dict.fromkeys(units, 0)
    assert [unit for unit in PROGRAM_UNITS if not machine.is_active(unit)] == []

    def all_is_told() -> bool:
        text = machine.fetch("http://127.0.0.1/api/status").text
        return '"is_recording":true' in text and '"keeper":null' not in text

    machine.wait("the page's word of recorder and keeper", all_is_told)


def test_all_numbers_and_names_were_given_once(machine: Container) -> None:
    """After all that this machine has gone through so far."""
    clips = _sidecars(machine)
    assert len({clip.id for clip in clips}) == len(clips) > 1
    assert _number(clips[-1].id) < (machine.recorder().boot + 1, 0)
    times = [clip.started_monotonic_ns for clip in clips if clip.started_monotonic_ns is not None]
    assert times == sorted(times), "their order is that of the recording"
