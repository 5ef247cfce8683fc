"""What the network program makes of the settings: root asked, shares started and stopped, and what the page is told."""

from __future__ import annotations

import ftplib
from pathlib import Path

import pytest

from dashcam.errors import BadRequest
from dashcam.network import apply
from dashcam.network.own_folder import own_folder
from dashcam.network.share_units import SharesRefused
from dashcam.network.shares import Shares
from dashcam.network.wanted import SECRETS_NAME, WANTED_NAME, Applied, WantedBootFiles
from dashcam.settings import Settings
from dashcam.settings.schema_network import NetworkSettings, SharesSettings
from dashcam.system.appliance import APPLY_UNIT, FTP_UNIT, SMB_UNIT
from dashcam.system.runtime_folder import runtime_folder
from tests.shares.rig import ADDRESS, PASSWORD, SHARE_USER, Machine
from tests.shares.shares_rig import SECOND, Rig
from tests.shares.smb_clients import asked
from tests.shares.stand_in_systemd import StandInSystemd
from tests.system.stand_in_logind import private_bus

BOTH = Settings(shares=SharesSettings(smb=True, ftp=True))
NEITHER = Settings()


def test_a_machine_that_shares_nothing_is_left_alone(rig: Rig) -> None:
    rig.shares.take(NEITHER)
    rig.turn()
    assert (rig.done(), rig.shares.warnings) == ([], ())
    assert not (own_folder(rig.state) / WANTED_NAME).exists()
    assert [share.words for share in rig.shares.status()] == ["", ""]


def test_nothing_is_shared_without_a_password_and_the_page_is_told(rig: Rig) -> None:
    rig.shares.take(BOTH)
    assert "set up" in rig.status("smb").words
    rig.turn()
    assert rig.done() == [("StartUnit", APPLY_UNIT)]
    for share in rig.shares.status("dashcam"):
        assert (share.is_wanted, share.is_running, share.has_password) == (True, False, False)
        assert "Waits for a password" in share.words


def test_with_the_password_both_run_and_are_told_with_their_addresses(rig: Rig) -> None:
    rig.shares.take(BOTH)
    rig.turn()
    rig.shares.set_password(PASSWORD)
    assert rig.password == PASSWORD
    rig.turn()
    assert rig.done()[-2:] == [("StartUnit", SMB_UNIT), ("StartUnit", FTP_UNIT)]
    smb, ftp = rig.shares.status("dashcam-2", ("10.41.0.1", "192.168.1.5"))
    assert (smb.is_running, smb.has_password, smb.words, smb.user) == (True, True, "", "dashcam")
    assert smb.addresses[:4] == (
        r"\\dashcam-2.local\dashcam",
        "smb://dashcam-2.local/dashcam",
        r"\\10.41.0.1\dashcam",
        "smb://10.41.0.1/dashcam",
    )
    assert ftp.addresses == ("ftp://dashcam-2.local/", "ftp://10.41.0.1/", "ftp://192.168.1.5/")
    assert "TLS" in ftp.words
    assert rig.done() == []
    rig.turn()
    assert rig.done() == []


def running(rig: Rig, settings: Settings = BOTH) -> None:
    rig.shares.take(settings)
    rig.shares.set_password(PASSWORD)
    rig.turn()
    assert rig.systemd.states[SMB_UNIT] == "active"
    rig.done()


def test_what_is_switched_off_is_stopped(rig: Rig) -> None:
    running(rig)
    rig.shares.take(Settings(shares=SharesSettings(smb=False, ftp=True)))
    rig.turn()
    assert rig.done() == [("StartUnit", APPLY_UNIT), ("StopUnit", SMB_UNIT)]
    assert not rig.status("smb").is_wanted
    assert rig.status("smb").addresses == ()
    assert rig.status("ftp").is_running


def test_only_the_share_whose_settings_change_is_started_anew(rig: Rig) -> None:
    running(rig)
    rig.shares.take(Settings(shares=SharesSettings(smb=True, ftp=True, ftp_tls="required")))
    rig.turn()
    assert rig.done() == [("StartUnit", APPLY_UNIT), ("RestartUnit", FTP_UNIT)]
    assert rig.status("ftp").words == ""
    rig.shares.take(Settings(shares=SharesSettings(smb=True, smb_delete=True, ftp=True, ftp_tls="required")))
    rig.turn()
    assert rig.done() == [("StartUnit", APPLY_UNIT), ("RestartUnit", SMB_UNIT)]


def test_a_new_start_of_the_program_disturbs_nobody(rig: Rig) -> None:
    running(rig)
    rig.shares.reload_radio()
    rig.turn()
    rig.done()
    number = rig.wanted().reload_radio
    rig.shares = rig.new_shares()
    rig.shares.take(BOTH)
    rig.turn()
    assert rig.done() == []
    assert rig.status("smb").is_running
    assert rig.wanted().reload_radio == number == 1


def test_what_changed_while_the_program_was_away_is_put_into_force(rig: Rig) -> None:
    running(rig)
    rig.shares = rig.new_shares()
    rig.shares.take(Settings(shares=SharesSettings(smb=True, smb_name="car", ftp=True)))
    rig.turn()
    assert ("StartUnit", APPLY_UNIT) in rig.done()
    assert rig.systemd.states[SMB_UNIT] == "active"
    assert rig.wanted().smb is not None


def test_a_share_that_does_not_start_is_told_and_tried_again_later(rig: Rig) -> None:
    rig.systemd.failing.add(SMB_UNIT)
    rig.shares.take(BOTH)
    rig.shares.set_password(PASSWORD)
    rig.turn(2)
    assert rig.done().count(("StartUnit", SMB_UNIT)) == 1
    assert "journalctl -u dashcam-smb`" in rig.status("smb").words
    assert rig.status("ftp").is_running
    rig.systemd.failing.clear()
    rig.turn(6)
    assert rig.status("smb").is_running


def test_a_share_that_ends_again_and_again_is_told_and_can_be_switched_off(rig: Rig) -> None:
    """systemd starts it anew by itself, and calls it activating all the while."""
    rig.shares.take(BOTH)
    rig.shares.set_password(PASSWORD)
    rig.turn()
    rig.systemd.states[SMB_UNIT] = "auto-restart"
    rig.turn(2)
    assert "journalctl -u dashcam-smb`" in rig.status("smb").words
    rig.done()
    rig.shares.take(NEITHER)
    rig.turn()
    assert ("StopUnit", SMB_UNIT) in rig.done()


def test_what_root_could_not_do_is_told(rig: Rig) -> None:
    rig.answer = {"smb": "testparm is not installed"}
    rig.shares.take(BOTH)
    rig.shares.set_password(PASSWORD)
    rig.turn()
    assert rig.status("smb").words == "testparm is not installed"
    assert not rig.status("smb").is_running
    assert rig.status("ftp").is_running


def test_root_that_does_not_answer_is_asked_again_but_not_all_the_time(rig: Rig) -> None:
    rig.systemd.actions.clear()
    rig.shares.take(BOTH)
    rig.turn(12)  # four minutes
    assert 3 <= rig.done().count(("StartUnit", APPLY_UNIT)) <= 5


def test_without_the_appliance_the_cure_is_told(rig: Rig, tmp_path: Path) -> None:
    rig.systemd.states.clear()
    of_a_laptop = Shares(tmp_path / "state", bus_address="unix:path=/nowhere/bus", applied=rig.applied)
    for shares in (rig.shares, of_a_laptop):
        shares.take(BOTH)
        shares.turn()
        assert "scripts/install" in shares.status()[0].words
        with pytest.raises(SharesRefused, match="scripts/install"):
            shares.set_password(PASSWORD)
    assert not (runtime_folder(rig.state, "network") / SECRETS_NAME).exists()


def test_what_polkit_forbids_is_told(rig: Rig) -> None:
    rig.systemd.is_forbidden = True
    rig.shares.take(BOTH)
    rig.turn()
    assert "does not let the dashcam" in rig.status("smb").words


class TestPassword:
    @pytest.mark.parametrize(
        "password", ["", "1234567", "x" * 64, "with\nline", "with\ttab here", " before and after "]
    )
    def test_one_that_cannot_be_never_leaves_the_program(self, rig: Rig, password: str) -> None:
        rig.shares.take(BOTH)
        with pytest.raises(BadRequest):
            rig.shares.set_password(password)
        assert rig.done() == []

    def test_it_is_set_although_root_was_just_at_work_and_did_not_begin_again(self, rig: Rig) -> None:
        rig.shares.take(BOTH)
        rig.systemd.sleeping_starts = 1
        rig.shares.set_password(PASSWORD)
        assert rig.password == PASSWORD

    def test_why_it_was_not_set_is_told_and_its_file_is_gone(self, rig: Rig) -> None:
        rig.shares.take(BOTH)
        rig.answer = {"password": "Samba does not want it"}
        with pytest.raises(SharesRefused, match="Samba does not want it"):
            rig.shares.set_password(PASSWORD)
        assert list(runtime_folder(rig.state, "network").glob("*secret*")) == []

    def test_root_that_never_takes_it_is_not_waited_for_for_long(self, rig: Rig) -> None:
        rig.systemd.actions.clear()
        rig.shares.take(BOTH)
        with pytest.raises(SharesRefused, match="journalctl"):
            rig.shares.set_password(PASSWORD)
        assert list(runtime_folder(rig.state, "network").glob("*secret*")) == []

    def test_it_is_in_no_log(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(0):
            running(rig)
        assert caplog.text
        assert PASSWORD not in caplog.text


def test_the_boot_partition_is_written_to_and_what_came_of_it_is_known(rig: Rig) -> None:
    rig.shares.take(NEITHER)
    rig.shares.write_boot_files(WantedBootFiles(report="gut"))
    assert rig.shares.boot_files == ()
    rig.turn()
    assert rig.wanted().boot_files.report == "gut"
    rig.shares.take(Settings(network=NetworkSettings(wifi=True, country="DE", host_name="car")))
    rig.turn()
    wanted = rig.wanted()
    assert (wanted.wifi, wanted.country, wanted.host_name, wanted.boot_files.report) == (True, "DE", "car", "gut")


def test_all_of_it_with_real_root_samba_and_vsftpd(
    own_machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = own_machine.places
    state = own_machine.folder / "state"
    monkeypatch.setenv("DASHCAM_RUNTIME", str(own_machine.folder))
    with private_bus(tmp_path, monkeypatch) as address:
        systemd = StandInSystemd(address)
        systemd.actions["StartUnit", APPLY_UNIT] = lambda: _ignored(apply.run(places))
        systemd.actions["StartUnit", SMB_UNIT] = own_machine.start_smb
        systemd.actions["StartUnit", FTP_UNIT] = own_machine.start_ftp
        systemd.actions["StopUnit", FTP_UNIT] = lambda: own_machine.stop("ftp")
        systemd.start()
        now = iter(range(0, 10**15, 20 * SECOND))
        shares = Shares(
            state, bus_address=address, applied=places.runtime / "applied.json", monotonic_ns=lambda: next(now)
        )
        shares.take(BOTH)
        shares.set_password(PASSWORD)
        for _ in range(4):
            shares.turn()
        assert [share.is_running for share in shares.status()] == [True, True]
        assert "VIDEO" in asked(own_machine, "ls")
        with ftplib.FTP() as ftp:
            ftp.connect(ADDRESS, own_machine.ftp_port, 60)
            ftp.login(SHARE_USER, PASSWORD)
            assert sorted(ftp.nlst()) == ["PHOTO", "VIDEO"]

        # Another password: the old one is of no use any more, without anything being started anew.
        shares.set_password("quite another one")
        assert "NT_STATUS_LOGON_FAILURE" in asked(own_machine, "ls")
        assert "VIDEO" in asked(own_machine, "ls", password="quite another one")

        shares.take(Settings(shares=SharesSettings(smb=True)))
        for _ in range(4):
            shares.turn()
        assert [share.is_running for share in shares.status()] == [True, False]
        with pytest.raises(OSError, match="refused"):
            ftplib.FTP().connect(ADDRESS, own_machine.ftp_port, 60)
        own_machine.stop_all()
        systemd.close()
    assert list((own_machine.folder / "network").iterdir()) == []


def _ignored(_applied: Applied) -> None:
    """What root answers is read from its file."""
