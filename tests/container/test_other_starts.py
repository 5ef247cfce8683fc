"""Other starts of the appliance: without a camera, by /etc/rc.local; and its end, asked for on the page."""

from __future__ import annotations

from pathlib import Path

from dashcam.system.appliance import KEEPER_UNIT, PAGE_PORTS, RECORDER_UNIT, TARGET_UNIT, WEB_UNIT
from tests.conftest import CHECKOUT
from tests.container.container import Container
from tests.container.parts import PROGRAM_UNITS, RELEASE, appliance_files


def test_without_recorder_and_camera_the_page_answers_and_switches_off(tree: Path, tmp_path: Path) -> None:
    files = appliance_files(tmp_path / "before", film=None, held=RECORDER_UNIT)
    with Container(tree, tmp_path / "no-camera", files=files) as machine:
        machine.wait_until_active("multi-user.target")
        machine.wait_until_active(WEB_UNIT)
        assert machine.show(RECORDER_UNIT, "ActiveState")["ActiveState"] == "activating", "nothing has waited for it"
        for port in PAGE_PORTS:
            assert machine.fetch(f"http://127.0.0.1:{port}/").status == 200

        (machine.root / RELEASE.relative_to("/")).touch()
        machine.wait_until_active(RECORDER_UNIT)
        status = machine.recorder()
        assert not status.is_recording
        assert "camera" in status.reason
        assert status.reason in machine.fetch("http://127.0.0.1/api/status").text

        answer = machine.fetch("http://127.0.0.1/api/power/off", "POST")
        assert answer.status in (200, 202), answer.text
        assert machine.wait_for_end() == 0


def test_rc_local_starts_the_same_and_does_no_harm_when_it_runs(tree: Path, film: Path, tmp_path: Path) -> None:
    files = appliance_files(tmp_path / "before", film=film)
    script = files / "etc/rc.local"
    script.write_text("#!/bin/sh -e\n" + (CHECKOUT / "boot/rc.local").read_text() + "exit 0\n")
    script.chmod(0o755)
    disable = (
        "cd /etc/systemd/system; systemctl disable dashcam*.service dashcam*.socket dashcam*.target\n"
        "systemctl list-unit-files 'dashcam*' --state=enabled --no-legend >/left || true"
    )
    with Container(tree, tmp_path / "rc-local", files=files, prepare=disable) as machine:
        assert (machine.root / "left").read_text() == "", "nothing of it starts by itself"
        machine.wait_until_active(TARGET_UNIT)
        machine.wait_until_recording()
        for unit in PROGRAM_UNITS:
            machine.wait_until_active(unit)
        processes = {unit: machine.number(unit, "MainPID") for unit in PROGRAM_UNITS}
        machine.run("/etc/rc.local")
        assert {unit: machine.number(unit, "MainPID") for unit in PROGRAM_UNITS} == processes
        assert machine.is_active(KEEPER_UNIT)
