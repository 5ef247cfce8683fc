"""The card: written to for real, and judged by a table of cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.check.card import (
    Speed,
    check_folder,
    check_room,
    check_speed,
    existing_folder,
    file_system_of,
    judge_speed,
    measure_speed,
)
from dashcam.settings import load_settings
from dashcam.settings.schema import Settings

MEGABIT = 1_000_000

MOUNTINFO = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 179:1 / /media/my\040card rw,relatime - vfat /dev/mmcblk0p1 rw
31 30 0:40 / /media/my\040card/inner rw - tmpfs tmpfs rw
32 22 0:41 / /media/twice rw - ext4 /dev/sdb1 rw
33 22 0:42 / /media/twice rw shared:7 master:2 - exfat /dev/sdc1 rw
broken line
"""


def settings(*assignments: str) -> Settings:
    loaded = load_settings(None, assignments, Path("/absent"))
    assert not loaded.mistakes
    return loaded.settings


@pytest.mark.parametrize(
    ("megabytes", "sync_seconds", "mark", "hint"),
    [
        (20.0, 0.05, "ok", "20.0 MB/s written and synced, 1.0 are needed; longest sync 50 ms"),
        (2.0, 0.05, "warn", "just enough"),
        (0.9, 0.05, "no", "too slow; use another card"),
        (20.0, 9.0, "warn", "stands still for long"),
        (20.0, 7.9, "ok", "longest sync 7900 ms"),
    ],
)
def test_speed_is_judged_by_what_the_camera_needs(megabytes: float, sync_seconds: float, mark: str, hint: str) -> None:
    finding = judge_speed(Speed(megabytes * 1e6, sync_seconds), 8 * MEGABIT, queue_seconds=16.0)
    assert finding.mark == mark
    assert hint in finding.words


def test_speed_is_measured_and_leaves_nothing_behind(tmp_path: Path) -> None:
    speed = measure_speed(tmp_path, pieces=2)
    assert speed.bytes_per_second > 0
    assert 0 < speed.worst_sync_seconds < 2e6 / speed.bytes_per_second
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_be_written_is_ok_and_stays_empty(tmp_path: Path) -> None:
    finding = check_folder(tmp_path)
    assert finding.mark in ("ok", "warn")  # by its file system
    assert "can be written to, file system" in finding.words
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    assert "(it will be made)" in check_folder(tmp_path / "new").words
    assert check_speed(tmp_path / "new", settings(), bits_per_second=1).mark != "no"
    assert not (tmp_path / "new").exists()


def test_a_card_that_is_not_there_could_not_be_recorded_to(tmp_path: Path) -> None:
    card = tmp_path / "not mounted" / "card"
    assert existing_folder(card) is None
    for finding in (
        check_folder(card),
        check_room(card, settings(), 8 * MEGABIT),
        check_speed(card, settings(), 8 * MEGABIT),
    ):
        assert finding.mark == "no"
    assert "put the card in" in check_folder(card).words


def test_a_folder_that_nobody_can_write_to_could_not_be_recorded_to() -> None:
    # In /proc not even root can make a file.
    assert check_folder(Path("/proc/dashcam")).mark == "no"
    assert check_speed(Path("/proc/dashcam"), settings(), 8 * MEGABIT).mark == "no"


@pytest.mark.parametrize(
    ("quota", "bits_per_second", "mark", "hint"),
    [
        ("10 MB", 8 * MEGABIT, "no", "too little for two clips"),
        ("300 MB", 8 * MEGABIT, "warn", "the loop holds 5 minutes"),
        ("300 MB", 1000, "ok", "hours at 0.0 Mbit/s"),
    ],
)
def test_room_is_told_in_hours(quota: str, bits_per_second: int, mark: str, hint: str, tmp_path: Path) -> None:
    finding = check_room(tmp_path, settings(f"storage.loop_quota={quota}"), bits_per_second)
    assert (finding.mark, hint in finding.words) == (mark, True), finding


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home", "ext4"),
        ("/media/my card", "vfat"),
        ("/media/my card/DCIM", "vfat"),
        ("/media/my card/inner/x", "tmpfs"),
        ("/media/my card 2", "ext4"),
        ("/media/twice", "exfat"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(folder: str, kind: str, tmp_path: Path) -> None:
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(MOUNTINFO)
    assert file_system_of(Path(folder), mountinfo) == kind


def test_the_file_system_of_this_machine_is_known(tmp_path: Path) -> None:
    assert file_system_of(Path("/proc")) == "proc"
    assert file_system_of(tmp_path) != "unknown"
    assert file_system_of(tmp_path, tmp_path / "absent") == "unknown"
