"""The network drive as the computers of a family and of strangers meet it, by real Samba."""

from __future__ import annotations

import pytest
import smbclient
from smbprotocol.exceptions import LogonFailure, SMBOSError

from dashcam.network.wanted import Wanted, WantedSamba
from tests.shares.rig import ADDRESS, CLIP, CLIP_BYTES, HIDDEN, PASSWORD, Machine, give_to_recorder
from tests.shares.smb_clients import DELETING, Deleting, asked, path_of, session

FOLDER, _, NAME = CLIP.rpartition("/")


def test_the_owner_lists_and_reads(sharing: Machine) -> None:
    listed = asked(sharing, f"ls; cd {FOLDER}; ls; get {NAME} {sharing.folder}/copy.mp4")
    assert "VIDEO" in listed
    assert NAME in listed
    assert (sharing.folder / "copy.mp4").read_bytes() == (sharing.dcim / CLIP).read_bytes()


def test_the_owner_reads_a_range_by_another_program_encrypted(sharing: Machine) -> None:
    with session(sharing) as options:
        assert sorted(smbclient.listdir(path_of(""), **options)) == ["PHOTO", "VIDEO"]
        with smbclient.open_file(path_of(CLIP), "rb", share_access="rw", **options) as file:
            file.seek(1_000_000)
            assert file.read(5000) == (sharing.dcim / CLIP).read_bytes()[1_000_000:1_005_000]
        [connection] = options["connection_cache"].values()
        assert connection.dialect >= 0x0300
        [with_server] = connection.session_table.values()
        assert with_server.encrypt_data


def test_it_is_found_in_the_list_of_shares_by_who_has_the_password(sharing: Machine) -> None:
    assert "Clips of the dashcam" in asked(sharing, "help", f"--list={ADDRESS}")


@pytest.mark.parametrize("user", [None, "guest", "root", "nobody"])
def test_a_stranger_is_refused(sharing: Machine, user: str | None) -> None:
    said = asked(sharing, "ls", user=user, password="")
    assert "NT_STATUS_ACCESS_DENIED" in said or "NT_STATUS_LOGON_FAILURE" in said
    assert "VIDEO" not in said


def test_a_wrong_password_is_refused(sharing: Machine) -> None:
    assert "NT_STATUS_LOGON_FAILURE" in asked(sharing, "ls", password=PASSWORD[:-1])
    with pytest.raises(LogonFailure), session(sharing, password="password"):
        pass


@pytest.mark.parametrize("protocol", ["NT1", "SMB2_02", "SMB2_10"])
def test_an_old_protocol_is_refused(sharing: Machine, protocol: str) -> None:
    said = asked(sharing, "ls", f"--max-protocol={protocol}", f"--option=client min protocol={protocol}")
    assert "NT_STATUS" in said
    assert "VIDEO" not in said


@pytest.mark.parametrize("protocol", ["SMB3_00", "SMB3_02", "SMB3_11"])
def test_every_protocol_of_the_third_kind_is_taken(sharing: Machine, protocol: str) -> None:
    limits = (f"--max-protocol={protocol}", f"--option=client min protocol={protocol}")
    assert "VIDEO" in asked(sharing, "ls", *limits)


@pytest.mark.parametrize(
    "command",
    [
        "put /etc/hostname new.mp4",
        f"rm {NAME}",
        f"rename {NAME} other.mp4",
        "mkdir new",
        f"setmode {NAME} +r",
        f"put /etc/hostname {NAME}",
    ],
)
def test_nothing_can_be_changed(sharing: Machine, command: str) -> None:
    before = files_of(sharing)
    assert "NT_STATUS_ACCESS_DENIED" in asked(sharing, f"cd {FOLDER}; {command}")
    assert files_of(sharing) == before


def files_of(machine: Machine) -> dict[str, bytes]:
    paths = [path for path in machine.dcim.rglob("*") if path.is_file()]
    return {str(path.relative_to(machine.dcim)): path.read_bytes() for path in paths}


def test_what_is_hidden_cannot_be_seen_or_read(sharing: Machine) -> None:
    listed = asked(sharing, "recurse on; ls")
    assert NAME in listed
    for name in HIDDEN:
        assert (sharing.dcim / name).is_file()
        assert name.rpartition("/")[2] not in listed
        said = asked(sharing, f"get {name} {sharing.folder}/stolen")
        assert "NT_STATUS_OBJECT_NAME_NOT_FOUND" in said
    assert not (sharing.folder / "stolen").exists()


def test_a_link_leads_nowhere(own_machine: Machine) -> None:
    own_machine.apply(Wanted(smb=WantedSamba(name="dashcam", workgroup="HOME")), PASSWORD)
    (own_machine.dcim / "way-out").symlink_to("/etc")
    (own_machine.dcim / "VIDEO" / "passwd").symlink_to("/etc/passwd")
    own_machine.start_smb()
    assert "NT_STATUS" in asked(own_machine, "cd way-out; ls")
    assert "root:" not in asked(own_machine, "get VIDEO/passwd -")


class TestWhereDeletingIsAllowed:
    @pytest.fixture
    def deletable(self, own_machine: Machine) -> Machine:
        own_machine.apply(Wanted(smb=WantedSamba(name="dash cam", workgroup="HOME", may_delete=True)), PASSWORD)
        own_machine.start_smb()
        return own_machine

    def test_clips_are_deleted_and_moved_but_never_altered(self, deletable: Machine) -> None:
        clip = deletable.dcim / CLIP
        content = clip.read_bytes()

        def ask(command: str) -> str:
            return asked(deletable, f"cd {FOLDER}; {command}", share="dash cam")

        assert "NT_STATUS_ACCESS_DENIED" in ask(f"put /etc/hostname {NAME}")
        with session(deletable) as options, pytest.raises(SMBOSError, match="ACCESS_DENIED"):
            smbclient.open_file(rf"\\{ADDRESS}\dash cam\{CLIP}".replace("/", "\\"), "r+b", **options)
        assert clip.read_bytes() == content
        assert len(content) == CLIP_BYTES

        assert "NT_STATUS" not in ask(f"rename {NAME} moved.mp4")
        assert clip.with_name("moved.mp4").read_bytes() == content
        assert "NT_STATUS" not in ask("rm moved.mp4")
        assert not clip.with_name("moved.mp4").exists()

    @pytest.mark.parametrize("way", DELETING)
    def test_a_clip_is_deleted_by_whatever_a_program_asks_for(self, deletable: Machine, way: Deleting) -> None:
        """Each is the recorder's, 0644, in a folder of the card's group; who deletes is neither."""
        with session(deletable) as options:
            way(rf"\\{ADDRESS}\dash cam\{CLIP}".replace("/", "\\"), options)
        assert not (deletable.dcim / CLIP).exists()

    @pytest.mark.parametrize("command", ["setmode {} +rhs", "utimes {} 2001:01:01-10:00:00 -1 -1 2001:01:01-10:00:00"])
    def test_neither_modes_nor_times_of_a_clip_change(self, deletable: Machine, command: str) -> None:
        def facts() -> tuple[int, int]:
            found = (deletable.dcim / CLIP).stat()
            return found.st_mode, found.st_mtime_ns

        before = facts()
        said = asked(deletable, f"cd {FOLDER}; {command.format(NAME)}; allinfo {NAME}", share="dash cam")
        assert "write_time" in said, "it has been asked"
        assert facts() == before

    def test_an_empty_folder_is_removed_and_a_full_one_moved(self, deletable: Machine) -> None:
        (deletable.dcim / "VIDEO/empty").mkdir()
        give_to_recorder(deletable.dcim)
        said = asked(deletable, "cd VIDEO; rmdir empty; rename 2026-11-20 kept", share="dash cam")
        assert "NT_STATUS" not in said
        assert not (deletable.dcim / "VIDEO/empty").exists()
        assert (deletable.dcim / "VIDEO/kept" / NAME).is_file()

    def test_files_are_put_so_that_recorder_and_keeper_can_work_with_them(self, deletable: Machine) -> None:
        said = asked(deletable, "mkdir VIDEO/own; cd VIDEO/own; put /etc/hostname new.mp4", share="dash cam")
        assert "NT_STATUS" not in said
        folder = deletable.dcim / "VIDEO/own"
        assert (folder.stat().st_mode & 0o7777, folder.group()) == (0o2775, deletable.places.card_group)
        new = folder / "new.mp4"
        assert (new.stat().st_mode & 0o7777, new.group()) == (0o644, deletable.places.card_group)

    def test_a_file_that_is_being_written_cannot_be_put_seen_or_deleted(self, deletable: Machine) -> None:
        temporary = deletable.dcim / HIDDEN[0]
        said = asked(
            deletable, f"cd {FOLDER}; put /etc/hostname .tmp-x; rm {temporary.name}; cd ..; deltree *", share="dash cam"
        )
        assert "NT_STATUS_OBJECT_NAME_NOT_FOUND" in said
        assert temporary.is_file()
        assert not temporary.with_name(".tmp-x").exists()
