"""A small sample of the boundaries rig: what CI runs of it."""

from __future__ import annotations

from pathlib import Path

from tests.endurance.boundaries import check_pattern, check_replay


def test_no_frame_is_lost_over_twelve_boundaries(tmp_path: Path) -> None:
    print(check_pattern(tmp_path, 12))


def test_a_real_drive_is_recorded_packet_by_packet(tmp_path: Path, shared_data: Path) -> None:
    print(check_replay(tmp_path, shared_data / "driving" / "drive_joined_720p_54s.mp4", 2.2))
