"""Systems that cannot become the appliance are told what would help, before anything is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.appliance.command import main
from dashcam.appliance.machine import Machine
from dashcam.appliance.packages import PACKAGES, missing_packages
from dashcam.appliance.supported import NotSupported, require_supported
from tests.appliance_install.trees import ELF_64, make_tree, snapshot


def test_raspberry_pi_os_and_debian_are_supported(tmp_path: Path) -> None:
    for number, (python, is_pi) in enumerate((("python3.11", True), ("python3.13", True), ("python3.12", False))):
        require_supported(Machine(make_tree(tmp_path / str(number), is_pi=is_pi, python=python)))


@pytest.mark.parametrize(
    ("python", "elf", "cure"),
    [
        ("python3.9", ELF_64, r"3\.9 and has to be 3\.11 or newer: install Raspberry Pi OS Lite"),
        ("python3.14", ELF_64, "get a newer one"),
        ("python3.11", ELF_64.replace(b"\x02", b"\x01", 1), r"32-bit system.*\(64-bit\)"),
    ],
)
def test_other_pythons_are_refused(tmp_path: Path, python: str, elf: bytes, cure: str) -> None:
    with pytest.raises(NotSupported, match=cure):
        require_supported(Machine(make_tree(tmp_path / "tree", python=python, elf=elf)))


@pytest.mark.parametrize(
    ("missing", "cure"),
    [
        ("usr/lib/systemd/systemd", "no systemd.*scripts/run"),
        ("usr/bin/python3", "sudo apt install python3"),
        ("var/lib/dpkg/status", "no Debian.*scripts/run"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, missing: str, cure: str) -> None:
    tree = make_tree(tmp_path / "tree")
    (tree / missing).unlink()
    with pytest.raises(NotSupported, match=cure):
        require_supported(Machine(tree))


def test_a_refusal_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = make_tree(tmp_path / "tree", python="python3.9")
    before = snapshot(tree)
    assert main(["--root", str(tree), "--dry-run"]) == 1
    assert "3.11 or newer" in capsys.readouterr().out
    assert snapshot(tree) == before


def test_a_tree_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path / "nowhere"), "--dry-run"]) == 1
    assert f"there is no folder {tmp_path / 'nowhere'}" in capsys.readouterr().out


def test_packages_that_a_tree_lacks_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = make_tree(tmp_path / "tree")
    status = tree / "var/lib/dpkg/status"
    text = status.read_text()
    removed = text.replace(
        "Package: vsftpd\nStatus: install ok installed", "Package: vsftpd\nStatus: deinstall ok config-files"
    )
    status.write_text(removed)
    assert [package.name for package in missing_packages(Machine(tree))] == ["vsftpd"]
    assert main(["--root", str(tree), "--dry-run"]) == 1
    assert "install there first: vsftpd" in capsys.readouterr().out


def test_every_package_says_why() -> None:
    assert len({package.name for package in PACKAGES}) == len(PACKAGES)
    assert all(len(package.why) > 5 for package in PACKAGES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--erase", "/dev/sdz1"], "--data-partition"),
        (["--data-partition", "/dev/sdz1"], "machine that runs"),
    ],
)
def test_partitions_are_for_the_machine_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    tree = make_tree(tmp_path / "tree")
    assert main(["--root", str(tree), "--dry-run", *arguments]) == 1
    assert words in capsys.readouterr().out


def test_a_trial_on_a_tree_needs_no_root_and_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = make_tree(tmp_path / "tree")
    before = snapshot(tree)
    assert main(["--root", str(tree), "--dry-run", "--country", "de", "--camera", "imx708"]) == 0
    said = capsys.readouterr().out
    assert "changes would be made" in said
    assert "cfg80211.ieee80211_regdom=DE" in said
    assert snapshot(tree) == before
