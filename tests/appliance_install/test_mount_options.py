"""The boot partition, which dashcam.toml is on: its group may read it, and all is as it was afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.appliance.carry_out import install, remove
from dashcam.appliance.measures import changes_of_measures
from dashcam.appliance.mount_options import FSTAB, OpenToGroup, open_to_group, options_of
from dashcam.system.patient_tool import run_patiently
from tests.appliance_install.trees import machine_of, wishes

PLACE, GROUP = "/boot/firmware", "dashcam-state"
CLOSED = "PARTUUID=4e639091-01  /boot/firmware  vfat\tdefaults,umask=0077,ro  0  2"
TABLE = f"proc /proc proc defaults 0 0\n# {CLOSED}\n{CLOSED}\nPARTUUID=4e639091-02 / ext4 umask=0077 0 1\n"
OPENED = TABLE.replace(f"\n{CLOSED}", f"\n{CLOSED.replace('umask=0077,ro', 'ro,gid=dashcam-state,umask=0027')}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("defaults", "defaults"),
        ("defaults,umask=0022", "defaults,umask=0022"),
        ("umask=000,ro", "umask=000,ro"),
        ("fmask=0133,dmask=0022", "fmask=0133,dmask=0022"),
        ("umask=0077", "gid=dashcam-state,umask=0027"),
        ("umask=077,uid=1000", "uid=1000,gid=dashcam-state,umask=0027"),
        ("gid=adm,umask=0027", "gid=dashcam-state,umask=0027"),
        ("fmask=0177,dmask=0077,noatime", "noatime,gid=dashcam-state,fmask=0137,dmask=0027"),
        ("fmask=0133,dmask=0077", "gid=dashcam-state,fmask=0133,dmask=0027"),
        ("umask=what", "umask=what"),
    ],
)
def test_what_is_closed_is_opened_to_the_group_and_to_nobody_else(before: str, after: str) -> None:
    assert open_to_group(before, GROUP) == after
    assert open_to_group(after, GROUP) == after, "twice is once"


def test_the_line_is_found_as_mount_finds_it(tmp_path: Path) -> None:
    table = tmp_path / "fstab"
    table.write_text(OPENED)
    words = ["findmnt", "--fstab", "--tab-file", str(table), "--noheadings", "--output", "OPTIONS", PLACE]
    assert run_patiently(words).strip() == options_of(OPENED, PLACE) == "defaults,ro,gid=dashcam-state,umask=0027"
    assert options_of(OPENED, "/boot") is None
    assert options_of(OPENED, "/") is None


def put(tree: Path) -> None:
    machine, _ = machine_of(tree)
    plan = [change for change in changes_of_measures(machine, wishes()) if isinstance(change, OpenToGroup)]
    assert [(change.place, change.group) for change in plan] == [(PLACE, GROUP)]
    install(machine, plan, lambda _: None, is_trial=False)


def take_back(tree: Path) -> str:
    remove(machine_of(tree)[0], lambda _: None, is_trial=False)
    return fstab_of(tree).read_text()


def fstab_of(tree: Path) -> Path:
    return tree / FSTAB.lstrip("/")


def test_it_is_done_once_and_taken_back_to_the_byte(pi: Path) -> None:
    fstab_of(pi).write_text(TABLE)
    for _ in range(2):
        put(pi)
        assert fstab_of(pi).read_text() == OPENED
    assert take_back(pi) == TABLE


def test_where_everybody_may_read_nothing_is_changed(pi: Path) -> None:
    before = fstab_of(pi).read_text()
    put(pi)
    assert fstab_of(pi).read_text() == before
    assert take_back(pi) == before


def test_what_the_owner_has_edited_since_stays_but_for_the_group_that_goes(pi: Path) -> None:
    fstab_of(pi).write_text(TABLE)
    put(pi)
    fstab_of(pi).write_text(OPENED.replace("umask=0027", "umask=0023"))
    assert options_of(take_back(pi), PLACE) == "defaults,ro,umask=0023"
