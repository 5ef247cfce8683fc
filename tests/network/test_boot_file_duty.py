"""The boot file is taken over once a change, its secrets leave it, and the power may go between any two steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashcam.network.base import NetworkTrouble, OwnAccessPoint
from dashcam.network.boot_file_memory import MEMORY_NAME
from dashcam.network.own_folder import own_folder
from dashcam.settings.save import save_changes
from tests.network.boot_file_rig import FILE, NOWHERE, REMARK, PowerCut, Rig, check_all_taken


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A card with a boot partition, fresh from the computer."""
    return Rig(tmp_path)


def test_everything_is_taken_over_and_secrets_leave_the_file(rig: Rig) -> None:
    rig.write(FILE)
    duty = rig.start()
    duty.take()
    assert duty.report is not None
    assert "S3cret" not in str(duty.report)
    rig.apply()
    duty.take()
    check_all_taken(rig)
    assert (rig.told, len(rig.passwords)) == (1, 1)
    assert duty.report.mistakes == ("line 11: there is no such setting; did you mean 'camera.fps'?",)
    report = rig.text("dashcam-report.txt")
    assert all(words in report for words in ("Country: DE", "the network Zoe’s iPhone", "line 11: ", "\r\n"))
    info = rig.text("dashcam-info.txt")
    assert all(
        words in info for words in ("dashcam-7Q2F", "k3v9x2m7p4ht", "http://10.41.0.1/", "http://dashcam.local/")
    )


def test_at_the_next_start_nothing_is_done_again(rig: Rig) -> None:
    rig.write(FILE)
    rig.start().take()
    rig.apply()
    rig.start().take()
    rig.apply()
    writes, steps = len(rig.written), rig.steps
    rig.start().take()
    assert (len(rig.written), rig.steps) == (writes, steps)


def test_what_the_page_has_changed_since_stays(rig: Rig) -> None:
    rig.write(FILE)
    rig.start().take()
    rig.apply()
    save_changes(rig.state, {"camera.rotation": 0, "network.country": None}, NOWHERE)
    rig.write(rig.text("dashcam.toml").replace("ftp = yes", "ftp = no"))
    rig.start().take()
    assert (rig.value("camera.rotation"), rig.value("network.country"), rig.value("shares.ftp")) == (0, None, False)
    rig.write(rig.text("dashcam.toml").replace("rotation = 180", "rotation = 90"))
    rig.start().take()
    assert rig.value("camera.rotation") == 90


def test_a_new_password_in_the_file_is_taken_over_again(rig: Rig) -> None:
    rig.write(FILE)
    rig.start().take()
    rig.apply()
    rig.write(rig.text("dashcam.toml").replace(REMARK, 'password = "another S3cret"', 1))
    rig.start().take()
    rig.apply()
    assert rig.passwords == ["owner S3cret", "another S3cret"]
    assert "S3cret" not in rig.text("dashcam.toml")
    assert rig.networks["Zoe’s iPhone".encode()].key == "phone S3cret"


def test_the_power_may_go_between_any_two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "whole").mkdir()
    rig: Rig | None = None

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            assert rig is not None
            rig.step()
            found = function(*arguments, **named)
            rig.step()
            return found

        return call

    module = "dashcam.network.boot_file_duty"
    for name, function in (("save_changes", save_changes), ("write_memory", None)):
        found = function or __import__(module, fromlist=[name]).write_memory
        monkeypatch.setattr(f"{module}.{name}", counted(found))
    rig = whole = Rig(tmp_path / "whole")
    whole.write(FILE)
    whole.start().take()
    assert whole.steps >= 14
    for step in range(1, whole.steps + 1):
        (tmp_path / str(step)).mkdir()
        rig = Rig(tmp_path / str(step))
        rig.write(FILE)
        rig.cut_at = step
        with pytest.raises(PowerCut):
            rig.start().take()
        # At the next start root may have done what was wanted before the program comes to it.
        if step % 2:
            rig.apply()
        rig.start().take()
        rig.apply()
        rig.start().take()
        check_all_taken(rig)


def test_what_is_not_there_yet_is_tried_again_and_its_secret_stays_meanwhile(rig: Rig) -> None:
    rig.trouble = NetworkTrouble("no_service", "NetworkManager does not run")
    rig.write(FILE)
    duty = rig.start()
    duty.take()
    rig.apply()
    assert "phone S3cret" in rig.text("dashcam.toml")
    assert not (rig.partition / "dashcam-report.txt").exists()
    assert duty.report is not None
    assert any("NetworkManager does not run" in words for words in duty.report.mistakes)
    assert rig.value("network.country") == "DE"
    rig.trouble = None
    duty.take()
    assert not rig.networks
    rig.now += 10
    duty.take()
    rig.apply()
    check_all_taken(rig)


def test_what_never_succeeds_is_told_in_the_report_after_a_while(rig: Rig) -> None:
    rig.trouble = NetworkTrouble("forbidden", "polkit does not let us")
    rig.write(FILE)
    duty = rig.start()
    for _ in range(4):
        duty.take()
        rig.now += 40
    rig.apply()
    assert "polkit does not let us" in rig.text("dashcam-report.txt")
    assert "S3cret" not in rig.text("dashcam-report.txt")


def test_secrets_that_cannot_be_removed_are_told_plainly(rig: Rig) -> None:
    rig.is_writable = False
    rig.write(FILE)
    duty = rig.start()
    duty.take()
    assert duty.report is not None
    assert not duty.report.secrets_left
    rig.now += 91
    duty.take()
    assert duty.report.secrets_left
    assert any("could not be removed from the file" in words for words in duty.report.mistakes)
    # Nothing is handed on again, neither now nor at the next start.
    rig.start().take()
    assert (len(rig.passwords), rig.told) == (1, 1)
    rig.is_writable = True
    rig.apply()
    duty.take()
    assert not duty.report.secrets_left
    check_all_taken(rig)


def test_a_network_that_was_taken_over_and_is_gone_is_told(rig: Rig) -> None:
    rig.write(FILE)
    rig.start().take()
    rig.apply()
    rig.networks.clear()
    duty = rig.start()
    duty.take()
    assert duty.report is not None
    assert "the network Zoe’s iPhone is not saved any more" in " ".join(duty.report.mistakes)
    assert not rig.networks


def test_another_address_needs_the_password_again(rig: Rig) -> None:
    rig.write(FILE)
    rig.start().take()
    rig.apply()
    rig.write(
        rig.text("dashcam.toml")
        .replace("[override]", "[override]\r\n")
        .replace("name = “Z", "hidden = yes\r\nname = “Z")
    )
    duty = rig.start()
    duty.take()
    assert duty.report is not None
    assert "write its password again" in " ".join(duty.report.mistakes)


def test_a_state_that_cannot_be_written_takes_nothing_out_of_the_file(rig: Rig) -> None:
    rig.write(FILE)
    rig.state.write_text("in the way")
    duty = rig.start()
    duty.take()
    rig.apply()
    assert "owner S3cret" in rig.text("dashcam.toml")
    rig.state.unlink()
    rig.now += 10
    duty.take()
    rig.apply()
    check_all_taken(rig)


def test_without_a_file_there_is_no_report_and_one_that_comes_is_taken(rig: Rig) -> None:
    duty = rig.start()
    duty.take()
    assert duty.report is None
    assert rig.wanted is None
    rig.write("country = DE\n")
    duty.take()
    assert duty.report is not None
    assert duty.report.taken == ("Country: DE",)


def test_one_that_cannot_be_read_is_told(rig: Rig) -> None:
    rig.path.mkdir()
    duty = rig.start()
    duty.take()
    assert duty.report is not None
    assert "It cannot be read" in duty.report.mistakes[0]


def test_a_changed_access_point_is_told_beside_the_file(rig: Rig) -> None:
    rig.write("country = DE\n")
    duty = rig.start()
    rig.own = None
    duty.take()
    rig.apply()
    assert "Password" not in rig.text("dashcam-info.txt")
    rig.own = OwnAccessPoint(b"dashcam-7Q2F", "another-key")
    duty.renew()
    duty.take()
    rig.apply()
    assert "another-key" in rig.text("dashcam-info.txt")


def test_the_memory_holds_no_secret(rig: Rig) -> None:
    rig.write(FILE)
    rig.start().take()
    assert "S3cret" not in (own_folder(rig.state) / MEMORY_NAME).read_text()
    rig.apply()
    rig.start().take()
    assert '"sha256":""' in (own_folder(rig.state) / MEMORY_NAME).read_text()
