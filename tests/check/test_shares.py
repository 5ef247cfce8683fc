"""The shares tried from the inside, by real Samba and vsftpd, right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.check.finding import Finding
from dashcam.check.share_password import share_password
from dashcam.check.shares import NOT_TRIED, check_shares
from dashcam.errors import BadRequest
from dashcam.network.wanted import Wanted, WantedFtp, WantedSamba
from dashcam.settings.schema_network import SharesSettings
from tests.shares.rig import PASSWORD, SHARE_USER, Machine, machine

BOTH = SharesSettings(smb=True, ftp=True)


@pytest.fixture
def own_machine() -> Iterator[Machine]:
    with machine() as made:
        yield made


def tried(made: Machine, settings: SharesSettings, password: str | None = PASSWORD) -> list[Finding]:
    return check_shares(settings, lambda: password, user=SHARE_USER, smb_port=made.smb_port, ftp_port=made.ftp_port)


def test_shares_that_are_as_they_should_be(own_machine: Machine) -> None:
    own_machine.apply(Wanted(smb=WantedSamba(name="dashcam", workgroup="HOME"), ftp=WantedFtp()), PASSWORD)
    own_machine.start_smb()
    own_machine.start_ftp()
    assert tried(own_machine, BOTH) == [
        Finding("ok", "drive", "logged in and listed 2 folders, read from a clip, could not write"),
        Finding("ok", "ftp", "logged in and listed 2 folders, could not write, by TLS"),
    ]
    smb, ftp = tried(own_machine, BOTH, "another password")
    assert (smb.mark, ftp.mark) == ("warn", "warn")
    assert "does not take this password" in smb.words
    assert "does not take this password" in ftp.words
    [missing] = tried(own_machine, SharesSettings(smb=True, smb_name="car"))
    assert (missing.mark, "see the shares on the page" in missing.words) == ("warn", True)


def test_a_share_that_may_be_written_to_is_found_out(own_machine: Machine) -> None:
    wanted = WantedSamba(name="dashcam", workgroup="HOME", may_delete=True)
    own_machine.apply(Wanted(smb=wanted), PASSWORD)
    own_machine.start_smb()
    allowed = SharesSettings(smb=True, smb_delete=True)
    assert tried(own_machine, allowed)[0].words.endswith("could delete but not alter")

    [finding] = tried(own_machine, SharesSettings(smb=True))
    assert finding.mark == "warn"
    assert "may write" in finding.words
    assert not list(own_machine.dcim.glob("dashcam-check*"))

    for path in own_machine.dcim.rglob("*.*"):
        path.chmod(0o666)
    [finding] = tried(own_machine, allowed)
    assert "may write to the clips" in finding.words


def test_shares_that_do_not_answer_are_told(own_machine: Machine) -> None:
    assert [finding.mark for finding in tried(own_machine, BOTH)] == ["warn", "warn"]


def test_without_a_password_it_is_said_that_they_were_not_tried() -> None:
    assert check_shares(BOTH, lambda: None) == [Finding("ok", kind, NOT_TRIED) for kind in ("drive", "ftp")]


def test_nobody_is_asked_for_the_password_of_shares_that_are_off() -> None:
    def ask() -> str:
        raise AssertionError

    assert check_shares(SharesSettings(), ask) == []


def test_the_password_is_the_first_line_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(PASSWORD.encode() + b"\r\nand a note\n")
    assert share_password(str(file)) == PASSWORD
    file.write_bytes(b"\n")
    assert share_password(str(file)) is None
    with pytest.raises(BadRequest, match="cannot be read"):
        share_password(str(tmp_path / "none"))
    assert share_password("") is None
