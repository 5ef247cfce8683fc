"""Recorder and keeper under shares that are used hard: not one frame is lost, and what is deleted is noticed."""

from __future__ import annotations

import ftplib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import smbclient

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import EVERYTHING
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.network.wanted import Wanted, WantedFtp, WantedSamba
from dashcam.worker import Worker
from tests.endurance.clip_files import frame_numbers
from tests.programs import Programs
from tests.shares.rig import ADDRESS, PASSWORD, SHARE_USER, Machine, give_to_recorder, until
from tests.shares.smb_clients import asked, path_of, session

SETTINGS = (
    "camera.kind=pattern", "camera.width=320", "camera.height=180", "camera.fps=15", "gps.kind=none",
    "recording.segment_seconds=1", "recording.mode=drive", "motion.detect=off", "clock.zone=UTC",
)  # fmt: skip
CLIPS, READS = 6, 30


@pytest.fixture
def _as_on_the_appliance() -> Iterator[None]:
    """What recorder and keeper make can be deleted by the card's group: their units have this."""
    before = os.umask(0o002)
    yield
    os.umask(before)


@contextmanager
def dashcam(machine: Machine, *, may_delete: bool) -> Iterator[Programs]:
    """Shares, recorder and keeper on one card that is empty at first."""
    for path in machine.dcim.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    give_to_recorder(machine.dcim)
    machine.apply(
        Wanted(smb=WantedSamba(name="dashcam", workgroup="HOME", may_delete=may_delete), ftp=WantedFtp()), PASSWORD
    )
    machine.start_smb()
    machine.start_ftp()
    with Programs(machine.folder / "data", machine.folder / "programs.log", *SETTINGS) as programs:
        programs.start("keep")
        programs.start("record")
        programs.wait_until_recording()
        yield programs


def closed_clips(machine: Machine) -> list[Path]:
    paths = (machine.dcim / "VIDEO").rglob("dcp_*.mp4")
    return sorted(path for path in paths if sidecar_of(path).exists())


def reading_by_smb(machine: Machine, counted: list[int]) -> Callable[[threading.Event], None]:
    """A computer that lists and reads all that there is, the open clip with it."""

    def work(stop: threading.Event) -> None:
        with session(machine) as options:
            while not stop.is_set():
                for folder, _, names in smbclient.walk(path_of("VIDEO"), **options):
                    for name in names:
                        with smbclient.open_file(rf"{folder}\{name}", "rb", share_access="rwd", **options) as file:
                            counted.append(len(file.read()))

    return work


def reading_by_ftp(machine: Machine, counted: list[int]) -> Callable[[threading.Event], None]:
    """A program that does the same by FTP."""

    def work(stop: threading.Event) -> None:
        with ftplib.FTP() as ftp:
            ftp.connect(ADDRESS, machine.ftp_port, 60)
            ftp.login(SHARE_USER, PASSWORD)
            while not stop.is_set():
                for folder in ftp.nlst("VIDEO"):
                    for name in ftp.nlst(folder):
                        ftp.retrbinary(f"RETR {name}", lambda block: counted.append(len(block)))

    return work


@pytest.mark.usefixtures("_as_on_the_appliance")
def test_not_a_frame_is_lost_while_both_shares_are_read(own_machine: Machine) -> None:
    deaths: list[BaseException] = []
    by_smb: list[int] = []
    by_ftp: list[int] = []
    with dashcam(own_machine, may_delete=False) as programs:
        readers = [
            Worker("smb-reader", reading_by_smb(own_machine, by_smb), deaths.append),
            Worker("ftp-reader", reading_by_ftp(own_machine, by_ftp), deaths.append),
        ]
        for reader in readers:
            reader.start()
        try:
            until(
                lambda: (
                    bool(deaths) or (len(closed_clips(own_machine)) >= CLIPS and min(len(by_smb), len(by_ftp)) >= READS)
                ),
                "clips while they are read",
            )
        finally:
            for reader in readers:
                assert reader.stop(60)
        assert deaths == []
        queue = programs.recorder().queue
        assert queue.dropped_frames == 0
        programs.stop(("record", "keep"))
    clips = closed_clips(own_machine)
    assert sum(read_sidecar(sidecar_of(clip)).dropped_frames for clip in clips) == 0
    numbers = [number for clip in clips for number in frame_numbers(clip)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(clips) >= CLIPS
    assert sum(by_smb) > 0


@pytest.mark.usefixtures("_as_on_the_appliance")
def test_what_is_deleted_moved_and_put_through_the_drive_is_noticed_by_the_keeper(own_machine: Machine) -> None:
    with dashcam(own_machine, may_delete=True) as programs:
        until(lambda: len(closed_clips(own_machine)) >= 4, "four clips")
        programs.stop(("record",))
        clips = closed_clips(own_machine)
        reader = CatalogueReader(programs.state)

        def known() -> set[str]:
            return {row.path for row in reader.page(EVERYTHING, limit=100).rows}

        names = [str(clip.relative_to(own_machine.dcim)) for clip in clips]
        until(lambda: set(names) <= known(), "the clips in the catalogue")
        deleted, moved = names[1], names[2]
        folder, _, name = deleted.rpartition("/")
        assert "NT_STATUS" not in asked(own_machine, f"cd {folder}; rm {name}")
        day = folder.rpartition("/")[2]
        target = f"EVENT/{day}/{moved.rpartition('/')[2]}"
        said = asked(own_machine, f"mkdir EVENT; mkdir EVENT/{day}; rename {moved} {target}".replace("/", "\\"))
        assert (own_machine.dcim / target).is_file(), said
        until(lambda: deleted not in known() and target in known(), "what was done to the clips")
        reader.close()
