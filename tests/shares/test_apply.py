"""What root does for the network program: believes nothing, does what it can, and says what it could not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from dashcam.network import apply
from dashcam.network.apply_places import Places
from dashcam.network.wanted import (
    Applied,
    ShareSecret,
    Wanted,
    WantedBootFiles,
    WantedCut,
    WantedFtp,
    WantedSamba,
)
from dashcam.system.tool import ToolFailed
from tests.shares.rig import PASSWORD, SHARE_USER, RootOfNothing, places_below, require_programs

BOTH = Wanted(smb=WantedSamba(name="dashcam", workgroup="HOME"), ftp=WantedFtp(tls="off"))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    require_programs()
    return places_below(tmp_path)


def applied_of(places: Places, wanted: Wanted | bytes | None, password: str | None = None) -> Applied:
    if wanted is not None:
        places.wanted.write_bytes(wanted if isinstance(wanted, bytes) else msgspec.json.encode(wanted))
    if password is not None:
        places.secrets.write_bytes(msgspec.json.encode(ShareSecret(password=password)))
    applied = apply.run(places)
    assert msgspec.json.decode((places.runtime / "applied.json").read_bytes(), type=Applied) == applied
    return applied


def noted(places: Places) -> list[tuple[str, ...]]:
    assert isinstance(places.run, RootOfNothing)
    words, places.run.noted = places.run.noted, []
    return [word for word in words if word[0] != "systemctl"]


def files_below(folder: Path) -> dict[str, tuple[bytes, int]]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "applied.json"]
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode) for path in paths}


def test_at_the_first_start_nothing_is_shared_and_only_the_page_let_in(places: Places) -> None:
    assert applied_of(places, None) == Applied(wanted_sha256="")
    assert "{ 80, 8000 }" in (places.runtime / "nftables.nft").read_text()
    assert noted(places) == [("nft", "--file", str(places.runtime / "nftables.nft"))]


def test_doing_it_twice_changes_nothing_but_the_answer(places: Places) -> None:
    first = applied_of(places, BOTH, PASSWORD)
    assert first == Applied(wanted_sha256=hashlib.sha256(places.wanted.read_bytes()).hexdigest(), has_password=True)
    before = files_below(places.runtime), files_below(places.kept)
    answer = (places.runtime / "applied.json").stat().st_ino, (places.runtime / "applied.json").stat().st_mtime_ns
    assert applied_of(places, None) == first
    assert (files_below(places.runtime), files_below(places.kept)) == before
    again = (places.runtime / "applied.json").stat()
    assert (again.st_ino, again.st_mtime_ns) != answer


def test_the_password_is_kept_as_hashes_alone_and_its_file_is_gone(places: Places) -> None:
    applied_of(places, BOTH, PASSWORD)
    assert not places.secrets.exists()
    everything = {**files_below(places.runtime), **files_below(places.kept), **files_below(places.wanted.parent)}
    assert not [name for name, (content, _) in everything.items() if PASSWORD.encode() in content]
    assert not [name for name, (content, _) in everything.items() if PASSWORD.encode("utf-16-le") in content]
    line = (places.kept / "ftp.passwd").read_text()
    assert line.startswith(f"{SHARE_USER}:$6$")
    assert (places.kept.stat().st_mode & 0o777, (places.kept / "ftp.passwd").stat().st_mode & 0o777) == (0o700, 0o600)


def test_ports_open_with_the_password_and_close_with_the_share(places: Places) -> None:
    rules = places.runtime / "nftables.nft"
    applied_of(places, BOTH)
    assert "{ 80, 8000 }" in rules.read_text()
    applied_of(places, None, PASSWORD)
    assert "{ 80, 8000, 445, 21, 40000-40009 }" in rules.read_text()
    applied_of(places, Wanted())
    assert "{ 80, 8000 }" in rules.read_text()


def test_a_password_that_cannot_be_is_refused_and_the_old_one_stays(places: Places) -> None:
    applied_of(places, BOTH, PASSWORD)
    before = files_below(places.kept)
    for secret, words in (
        (msgspec.json.encode(ShareSecret(password="two\nlines of it")), "line breaks"),
        (b'{"password": "short"}', "8 to 63"),
        (b"geheim but no JSON", "8 to 63"),
        (b"x" * 5000, "longer"),
    ):
        places.secrets.write_bytes(secret)
        applied = apply.run(places)
        assert words in applied.password
        assert "geheim" not in applied.password
        assert applied.has_password
        assert not places.secrets.exists()
        assert files_below(places.kept) == before


def test_a_link_in_place_of_the_password_is_removed_and_not_followed(places: Places, tmp_path: Path) -> None:
    of_somebody = tmp_path / "of-somebody"
    of_somebody.write_bytes(msgspec.json.encode(ShareSecret(password=PASSWORD)))
    places.secrets.symlink_to(of_somebody)
    assert "cannot be read" in apply.run(places).password
    assert of_somebody.exists()
    assert not places.secrets.is_symlink()
    assert not (places.kept / "ftp.passwd").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"country": "DE", "unknown": 1}',
        b'{"country": "DE\\n"}',
        b'{"interface": "wlan0\\n"}',
        b'{"host_name": "a b"}',
        b'{"page_ports": [0]}',
        b"[" * 100_000,
        b'{"host_name": "' + b"x" * 500_000 + b'"}',
    ],
)
def test_what_is_not_understood_shares_nothing(places: Places, content: bytes) -> None:
    applied_of(places, BOTH, PASSWORD)
    applied = applied_of(places, content)
    assert applied.wanted_sha256 == ""
    assert "Nothing is shared until" in applied.troubles[0]
    assert "{ 80, 8000 }" in (places.runtime / "nftables.nft").read_text()


def test_a_folder_in_place_of_what_is_wanted_keeps_nothing_else_from_being_done(places: Places) -> None:
    places.wanted.mkdir()
    places.secrets.mkdir()
    applied = apply.run(places)
    assert "not what the network program has written" in applied.troubles[0]
    assert "not what the network program has written" in applied.password
    assert "{ 80, 8000 }" in (places.runtime / "nftables.nft").read_text()


def test_without_a_place_for_passwords_there_is_a_firewall(places: Places) -> None:
    places.kept.write_text("a file where the folder was")
    applied = applied_of(places, BOTH)
    assert "cannot be written" in applied.troubles[0]
    assert applied.smb
    assert not applied.has_password
    assert "{ 80, 8000 }" in (places.runtime / "nftables.nft").read_text()


def test_what_somebody_else_has_written_is_not_believed(places: Places, tmp_path: Path) -> None:
    other = replace(places, writers=frozenset({os.getuid() + 1}))
    assert "not what the network program has written" in applied_of(other, BOTH).troubles[0]

    places.wanted.unlink()
    (tmp_path / "elsewhere").write_bytes(msgspec.json.encode(BOTH))
    places.wanted.symlink_to(tmp_path / "elsewhere")
    assert applied_of(places, None).troubles

    places.wanted.unlink()
    os.mkfifo(places.wanted)
    assert applied_of(places, None).troubles

    places.wanted.unlink()
    os.link(tmp_path / "elsewhere", places.wanted)
    assert applied_of(places, None).troubles


def test_names_that_would_be_more_than_names_leave_the_share_as_it_was(places: Places) -> None:
    applied_of(places, BOTH, PASSWORD)
    before = (places.runtime / "smb.conf").read_bytes()
    applied = applied_of(places, Wanted(smb=WantedSamba(name="x]\n[global", workgroup="HOME")))
    assert "write letters" in applied.smb
    assert applied.ftp == ""
    assert (places.runtime / "smb.conf").read_bytes() == before


class Without(RootOfNothing):
    """A machine on which some programs fail, or are not there."""

    def __init__(self, *names: str, is_missing: bool = False) -> None:
        super().__init__()
        self.names = names
        self.is_missing = is_missing

    def __call__(self, words: Sequence[str], content: bytes = b"", *, limit_seconds: float = 20.0) -> str:
        if words[0] in self.names:
            raise ToolFailed(f"{words[0]} does not want to", is_missing=self.is_missing)
        return super().__call__(words, content, limit_seconds=limit_seconds)


def test_what_does_not_work_keeps_nothing_else_from_being_done(places: Places, tmp_path: Path) -> None:
    (tmp_path / "radios" / "phy0").mkdir(parents=True)
    wanted = msgspec.structs.replace(BOTH, wifi=True, country="DE", boot_files=WantedBootFiles(report="x"))
    broken = replace(places, run=Without("testparm", "smbpasswd", "nft", "rfkill", "iw"))
    applied = applied_of(broken, wanted, PASSWORD)
    assert "testparm does not want to" in applied.smb
    assert "smbpasswd does not want to" in applied.password
    assert applied.ftp == ""
    assert [words.partition(":")[0] for words in applied.troubles] == [
        "The firewall is not in force",
        "The radio may be switched off",
        "The radio does not know its country",
        "This machine has no boot partition to write to.",
    ]
    assert (broken.runtime / "vsftpd.conf").is_file()
    assert not broken.secrets.exists()


def test_a_program_that_is_not_there_is_told_with_the_cure(places: Places) -> None:
    applied = applied_of(replace(places, run=Without("nft", "smbpasswd", is_missing=True)), BOTH, PASSWORD)
    assert "install nftables" in applied.troubles[0]
    assert "scripts/install" in applied.password


def test_the_radio_is_switched_on_and_told_its_country_where_it_is_ours(places: Places, tmp_path: Path) -> None:
    ours = Wanted(wifi=True, country="DE")
    applied_of(places, ours)
    assert [words[0] for words in noted(places)] == ["nft"]  # there is no radio
    (tmp_path / "radios" / "phy0").mkdir(parents=True)
    applied_of(places, ours)
    assert noted(places)[1:] == [("rfkill", "unblock", "wlan"), ("iw", "reg", "set", "DE")]
    applied_of(places, Wanted(country="DE"))
    assert [words[0] for words in noted(places)] == ["nft"]


def test_the_driver_is_loaded_anew_once_for_each_new_number_and_never_at_the_start(
    places: Places, tmp_path: Path
) -> None:
    for name in ("brcmfmac", "brcmfmac_wcc"):
        (tmp_path / "modules" / name).mkdir(parents=True)
    for number, is_reloaded in ((3, False), (3, False), (4, True), (4, False), (1, True)):
        assert applied_of(places, Wanted(reload_radio=number)).reload_radio == number
        found = [words for words in noted(places) if words[0] == "modprobe"]
        both = [("modprobe", "--remove", "brcmfmac_wcc", "brcmfmac"), ("modprobe", "brcmfmac")]
        assert found == (both if is_reloaded else [])


def test_ssh_stays_open_where_it_is_on_and_nowhere_else(places: Places) -> None:
    rules = places.runtime / "nftables.nft"
    applied_of(replace(places, run=Without("systemctl")), Wanted())
    assert "tcp dport { 22" not in rules.read_text()
    applied_of(places, Wanted())
    assert "tcp dport { 22 } accept" in rules.read_text()
    (places.ssh / "sshd_config.d").mkdir(parents=True)
    (places.ssh / "sshd_config").write_text("#Port 22\nPort 2222\nPortal 3\n")
    (places.ssh / "sshd_config.d/10-own.conf").write_text("port 443\nPort 99999\n")
    applied_of(places, Wanted())
    assert "tcp dport { 2222, 443 } accept" in rules.read_text()


class TestOfTheBootPartition:
    OLD = b'password = "geheim"\r\nname = "x"\r\n'
    CUT = WantedCut(start=11, end=19, put=b'""')

    @pytest.fixture
    def boot(self, tmp_path: Path) -> Path:
        folder = tmp_path / "boot"
        folder.mkdir()
        (folder / "config.txt").write_bytes(b"arm_boost=1\n")
        (folder / "dashcam.toml").write_bytes(self.OLD)
        return folder

    def wanted(self, read: bytes) -> Wanted:
        digest = hashlib.sha256(read).hexdigest()
        files = WantedBootFiles(settings_cuts=(self.CUT,), settings_read_sha256=digest, report="gut\r\n", info="key")
        return Wanted(boot_files=files)

    def test_its_three_files_are_written_and_nothing_else(self, places: Places, boot: Path) -> None:
        applied = applied_of(places, self.wanted(self.OLD))
        assert applied.troubles == ()
        assert set(applied.boot_files) == {"dashcam.toml", "dashcam-report.txt", "dashcam-info.txt"}
        assert {path.name: path.read_bytes() for path in boot.iterdir()} == {
            "config.txt": b"arm_boost=1\n",
            "dashcam.toml": b'password = ""\r\nname = "x"\r\n',
            "dashcam-report.txt": b"gut\r\n",
            "dashcam-info.txt": b"key",
        }

    def test_again_nothing_is_written(self, places: Places, boot: Path) -> None:
        applied_of(places, self.wanted(self.OLD))
        before = {path.name: path.stat().st_ino for path in boot.iterdir()}
        assert applied_of(places, None).troubles == ()
        assert {path.name: path.stat().st_ino for path in boot.iterdir()} == before

    def test_a_file_that_is_not_the_one_that_was_read_is_left_alone(self, places: Places, boot: Path) -> None:
        applied = applied_of(places, self.wanted(b"another one"))
        assert applied.boot_files == ("dashcam-report.txt", "dashcam-info.txt")
        assert (boot / "dashcam.toml").read_bytes() == self.OLD

    def test_cuts_beyond_its_end_change_nothing(self, places: Places, boot: Path) -> None:
        wanted = self.wanted(self.OLD)
        cut = WantedCut(start=5, end=5000, put=b"")
        files = msgspec.structs.replace(wanted.boot_files, settings_cuts=(cut,))
        applied = applied_of(places, msgspec.structs.replace(wanted, boot_files=files))
        assert "does not fit" in applied.troubles[0]
        assert (boot / "dashcam.toml").read_bytes() == self.OLD

    def test_no_link_is_followed(self, places: Places, boot: Path, tmp_path: Path) -> None:
        (tmp_path / "shadow").write_bytes(b"root")
        (boot / "dashcam-info.txt").symlink_to(tmp_path / "shadow")
        assert "is no file" in applied_of(places, self.wanted(self.OLD)).troubles[0]
        assert (tmp_path / "shadow").read_bytes() == b"root"

    def test_it_is_writable_for_that_moment_only(self, places: Places, boot: Path, tmp_path: Path) -> None:
        mounts = tmp_path / "mounts"
        mounts.write_text(f"none / ext4 rw 0 0\n/dev/p1 {boot} vfat ro,noatime 0 0\n")
        read_only = replace(places, mounts=mounts)
        applied_of(read_only, self.wanted(self.OLD))
        remounts = [words for words in noted(read_only) if words[0] == "mount"]
        assert remounts == [("mount", "-o", f"remount,{mode}", str(boot)) for mode in ("rw", "ro")]
        applied_of(read_only, None)
        assert not [words for words in noted(read_only) if words[0] == "mount"]


def test_only_root_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert apply.main(["--data", str(tmp_path), "--state", str(tmp_path)]) == 1
    assert list(tmp_path.iterdir()) == []
