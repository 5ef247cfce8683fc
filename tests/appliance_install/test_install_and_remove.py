"""The whole plan on a tree in a folder, with the real tools that work on one: done once, and taken back exactly."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dashcam.appliance.carry_out import ChangeFailed, install, remove
from dashcam.appliance.kinds import KINDS
from dashcam.appliance.measures import names
from dashcam.appliance.plan import plan_for
from dashcam.settings.load import load_settings
from tests.appliance_install.trees import machine_of, make_tree, need_root_and_tools, snapshot, wishes


def carry_out(root: Path, **given: object) -> list[str]:
    """One run; what it said."""
    said: list[str] = []
    machine, _ = machine_of(root)
    install(machine, plan_for(machine, wishes(**given)), said.append, given, is_trial=False)
    return said


def take_back(root: Path) -> list[str]:
    said: list[str] = []
    remove(machine_of(root)[0], said.append, is_trial=False)
    return said


def test_it_is_taken_back_with_owners_and_modes(pi: Path) -> None:
    before = snapshot(pi)
    assert carry_out(pi, country="DE", camera="imx708", data_uuid="4711", data_kind="ext4")
    assert snapshot(pi) != before
    assert take_back(pi)
    assert snapshot(pi) == before


def test_elsewhere_than_on_a_raspberry_pi_it_is_taken_back_as_well(folder: Path) -> None:
    need_root_and_tools()
    tree = make_tree(folder / "tree", is_pi=False)
    before = snapshot(tree)
    assert not any("config.txt" in said or "zram" in said for said in carry_out(tree))
    take_back(tree)
    assert snapshot(tree) == before


def test_a_second_run_changes_nothing(pi: Path) -> None:
    carry_out(pi, country="DE", camera="imx708")
    after = snapshot(pi)
    assert carry_out(pi, country="DE", camera="imx708") == []
    assert snapshot(pi) == after


def test_a_trial_says_the_same_and_changes_nothing(pi: Path) -> None:
    before = snapshot(pi)
    said: list[str] = []
    machine, _ = machine_of(pi)
    count = install(machine, plan_for(machine, wishes()), said.append, {}, is_trial=True)
    assert snapshot(pi) == before
    assert count == len(said)
    assert said == carry_out(pi)


def test_the_users_have_their_folders(pi: Path) -> None:
    carry_out(pi)
    machine, _ = machine_of(pi)
    recorder, card = machine.user_id("dashcam-recorder"), machine.group_id("dashcam-card")
    facts = (pi / "data/DCIM").stat()
    assert (facts.st_uid, facts.st_gid, facts.st_mode & 0o7777) == (recorder, card, 0o2775)
    facts = (pi / "var/lib/dashcam").stat()
    assert (facts.st_uid, facts.st_gid, facts.st_mode & 0o7777) == (0, machine.group_id("dashcam-state"), 0o2770)
    assert {("dashcam-recorder", "video"), ("dashcam-keeper", "dashcam-card")} <= machine.memberships()
    assert ("pi", "video") in machine.memberships()


def test_units_start_with_the_machine_and_those_of_debian_do_not(pi: Path) -> None:
    carry_out(pi)
    units = pi / "etc/systemd/system"
    assert (units / "sysinit.target.wants/dashcam-recorder.service").is_symlink()
    assert (units / "sockets.target.wants/dashcam-web.socket").is_symlink()
    masked = {path.name for path in units.iterdir() if path.is_symlink() and str(path.readlink()) == "/dev/null"}
    assert {"smbd.service", "nmbd.service", "vsftpd.service", "samba-ad-dc.service"} <= masked
    assert {"NetworkManager-wait-online.service", "apt-daily.timer", "bluetooth.service"} <= masked
    assert "udisks2.service" not in masked, "what is not there needs no mask"


def test_clips_stay_and_are_nobodys_of_the_dashcam(pi: Path) -> None:
    carry_out(pi)
    machine, _ = machine_of(pi)
    recorder, card = machine.user_id("dashcam-recorder"), machine.group_id("dashcam-card")
    day = pi / "data/DCIM/2026-11-20"
    day.mkdir(mode=0o775)
    clip = day / "clip.mp4"
    clip.write_bytes(b"video")
    for path in (day, clip):
        os.chown(path, recorder, card)
    outside = pi / "home/pi/private"
    outside.mkdir(mode=0o700)
    os.chown(outside, 1000, 1000)
    (day / "planted").symlink_to(outside)
    mine = day / "mine.mp4"
    mine.write_bytes(b"mine")
    os.chown(mine, 1000, 1000)
    (pi / "data/DCIM/EVENT/2026-11-20").mkdir(parents=True)
    take_back(pi)
    assert not (pi / "data/DCIM/EVENT").exists(), "empty folders are no clips"
    assert (mine.stat().st_uid, mine.stat().st_gid) == (1000, 1000), "what is somebody else's stays so"
    assert clip.read_bytes() == b"video"
    for path in (clip, day, pi / "data/DCIM", pi / "data"):
        assert (path.stat().st_uid, path.stat().st_gid) == (0, 0), path
        assert path.stat().st_mode & 0o005, path
    assert (outside.stat().st_uid, outside.stat().st_mode & 0o777) == (1000, 0o700), "links are not followed"


def test_a_folder_of_clips_that_was_there_before_is_its_owners_again(pi: Path) -> None:
    folder = pi / "data/DCIM"
    folder.mkdir(parents=True)
    for path in (folder, folder.parent):
        os.chown(path, 1000, 1000)
        path.chmod(0o700)
    before = snapshot(pi)
    carry_out(pi)
    clip = folder / "clip.mp4"
    clip.write_bytes(b"video")
    os.chown(clip, machine_of(pi)[0].user_id("dashcam-recorder"), 0)
    take_back(pi)
    assert (clip.stat().st_uid, clip.read_bytes()) == (0, b"video")
    clip.unlink()
    assert snapshot(pi) == before


def test_a_power_cut_at_any_tool_is_made_good_by_the_next_run(pi: Path) -> None:
    before = snapshot(pi)
    for word in ("systemd-sysusers", "venv", "pip", "--version", "enable"):
        machine, tools = machine_of(pi)
        tools.fails_at = word
        with pytest.raises(ChangeFailed, match="the power is gone"):
            install(machine, plan_for(machine, wishes()), lambda _: None, {}, is_trial=False)
        assert tools.fails_at == "", word
    # Taken back half-way: nothing is left as well.
    take_back(pi)
    assert snapshot(pi) == before
    carry_out(pi)
    assert carry_out(pi) == []
    take_back(pi)
    assert snapshot(pi) == before


def test_every_measure_can_be_left_out_later(pi: Path) -> None:
    untouched = snapshot(pi)
    carry_out(pi, country="DE", camera="imx708")
    everything = snapshot(pi)
    assert carry_out(pi, country="DE", camera="imx708", without=tuple(names()))
    fewer = snapshot(pi)
    for name in ("boot/firmware/config.txt", "boot/firmware/cmdline.txt", "etc/fstab"):
        assert fewer[name] == untouched[name], name
    assert not any("60-dashcam" in name for name in fewer)
    carry_out(pi, country="DE", camera="imx708")
    journal = "var/lib/dashcam-install/journal.json"
    assert snapshot(pi).keys() == everything.keys()
    assert {**snapshot(pi), journal: ()} == {**everything, journal: ()}
    take_back(pi)
    assert snapshot(pi) == untouched


@pytest.mark.parametrize("name", ["quiet", "country", "wifi-driver", "no-hdmi", "wifi-on"])
def test_leaving_out_one_measure_leaves_the_others(pi: Path, name: str) -> None:
    carry_out(pi, country="DE", camera="imx708", without=(name,))
    first = snapshot(pi)
    carry_out(pi, country="DE", camera="imx708")
    carry_out(pi, country="DE", camera="imx708", without=(name,))
    second = snapshot(pi)
    texts = ("boot/firmware/cmdline.txt", "var/lib/NetworkManager/NetworkManager.state")
    assert {text: second[text] for text in texts} == {text: first[text] for text in texts}
    assert second.keys() == first.keys()


def test_settings_are_good_ones_and_stay_once_edited(pi: Path) -> None:
    carry_out(pi, country="DE")
    path = pi / "etc/dashcam/dashcam.toml"
    loaded = load_settings(pi / "state", system_file=path)
    assert loaded.mistakes == ()
    assert loaded.settings.network.wifi
    assert loaded.settings.network.country == "DE"
    carry_out(pi, country="NL")
    assert 'country = "NL"' in path.read_text(), "nobody has edited it"
    edited = path.read_text() + "# mine\n"
    path.write_text(edited)
    carry_out(pi, country="FR")
    assert path.read_text() == edited


def test_a_new_version_of_the_program_replaces_the_old_one(pi: Path) -> None:
    carry_out(pi)
    folder = pi / "opt/dashcam"
    old = (folder / "venv").readlink()
    (folder / old).rename(folder / "venv-000000000000")
    (folder / "venv").unlink()
    (folder / "venv").symlink_to("venv-000000000000")
    said = carry_out(pi)
    assert len(said) == 1
    assert "install the program" in said[0]
    assert [path.name for path in folder.iterdir() if not path.is_symlink()] == [str(old)]


def test_what_was_there_under_our_names_comes_back(pi: Path) -> None:
    mine = pi / "usr/local/bin/dashcam"
    mine.parent.mkdir(parents=True)
    mine.write_text("#!/bin/sh\necho mine\n")
    mine.chmod(0o700)
    os.chown(mine, 1000, 1000)
    alias = pi / "etc/systemd/system/vsftpd.service"
    alias.symlink_to("/usr/lib/systemd/system/other-ftp.service")
    before = snapshot(pi)
    carry_out(pi)
    assert mine.read_text() != "#!/bin/sh\necho mine\n"
    take_back(pi)
    assert snapshot(pi) == before


def test_what_the_owner_changed_meanwhile_stays(pi: Path) -> None:
    carry_out(pi)
    config, line = pi / "boot/firmware/config.txt", pi / "boot/firmware/cmdline.txt"
    config.write_text(config.read_text().replace("max_framebuffers=2", "max_framebuffers=1") + "dtoverlay=i2c-rtc\n")
    line.write_text(line.read_text().replace("rootwait", "rootwait usbhid.mousepoll=0"))
    take_back(pi)
    assert "max_framebuffers=1\n" in config.read_text()
    assert config.read_text().endswith("[all]\ndtoverlay=i2c-rtc\n")
    assert "dashcam" not in config.read_text()
    words = line.read_text().split()
    assert "usbhid.mousepoll=0" in words
    assert "console=serial0,115200" in words
    assert not {"quiet", "brcmfmac.feature_disable=0x2282000"} & set(words)
    assert line.read_text().count("\n") == 1


def test_the_journal_knows_every_kind_that_is_planned(pi: Path) -> None:
    carry_out(pi, country="DE", camera="imx708")
    path = pi / "var/lib/dashcam-install/journal.json"
    kinds = {entry["kind"] for entry in json.loads(path.read_text())["changes"].values()}
    assert kinds <= KINDS.keys()
    assert len(kinds) > 6
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_removing_where_nothing_is_installed_changes_nothing(pi: Path) -> None:
    before = snapshot(pi)
    assert take_back(pi) == []
    assert snapshot(pi) == before
