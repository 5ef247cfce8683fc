"""Clips on exFAT, which knows no owners: nothing is asked of it that it would refuse."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dashcam.appliance.carry_out import install, remove
from dashcam.appliance.data_partition import DataPartition, fstab_line
from dashcam.appliance.plan import TMPFILES, plan_for
from tests.appliance_install.trees import CHECKOUT, machine_of, wishes

ORDINARY = (CHECKOUT / "boot/tmpfiles.conf").read_text()


def folders_of(lines: str) -> dict[str, tuple[str, ...]]:
    """What systemd-tmpfiles is to see to: mode, owner and group of each folder."""
    words = [line.split() for line in lines.splitlines() if line.startswith("d ")]
    return {path: tuple(more) for _, path, *more, _ in words}


def text_for(pi: Path, kind: str) -> str:
    plan = plan_for(machine_of(pi)[0], wishes(data_uuid="4711", data_kind=kind))
    [text] = [getattr(change, "content", "") for change in plan if change.key == TMPFILES]
    return str(text)


def test_folders_are_wanted_as_the_mount_options_make_them(pi: Path) -> None:
    """systemd-tmpfiles leaves alone what is so already; all else exFAT answers with EPERM, at every start."""
    options = dict(
        word.partition("=")[::2] for word in fstab_line(DataPartition("4711", "exfat")).split()[3].split(",")
    )
    mode = f"{0o777 & ~int(options['dmask'], 8):04o}"
    found = folders_of(text_for(pi, "exfat"))
    for path in ("/data", "/data/DCIM"):
        assert found.pop(path) == (mode, options["uid"], options["gid"])
    others = folders_of(ORDINARY)
    assert found == {path: others[path] for path in others if not path.startswith("/data")}


def test_elsewhere_the_file_is_as_it_is_looked_at(pi: Path) -> None:
    assert text_for(pi, "ext4") == ORDINARY


def test_a_removal_leaves_clips_alone_whose_owner_cannot_be_changed(pi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, _ = machine_of(pi)
    install(machine, plan_for(machine, wishes(data_kind="exfat")), lambda _: None, is_trial=False)
    clip = pi / "data/DCIM/VIDEO/clip.mp4"
    clip.parent.mkdir()
    clip.write_bytes(b"clip")
    for path in (clip, clip.parent):
        os.chown(path, machine.user_id("dashcam-recorder"), machine.group_id("dashcam-card"))
    change_owner, refused = os.chown, []

    def as_on_exfat(path: Path, *owner: int, follow_symlinks: bool = True) -> None:
        if Path(path).is_relative_to(pi / "data"):
            refused.append(path)
            raise PermissionError(errno.EPERM, "Operation not permitted", str(path))
        change_owner(path, *owner, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "chown", as_on_exfat)
    assert remove(machine, lambda _: None, is_trial=False)
    assert clip in refused
    assert clip.read_bytes() == b"clip"
    assert not (pi / "etc/tmpfiles.d/dashcam.conf").exists()
