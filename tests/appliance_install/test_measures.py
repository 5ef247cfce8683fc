"""The boot measures: one table for what is done and what is told, and no line that the firmware would not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.appliance.boot_files import LONGEST_LINE, starts_without_initramfs
from dashcam.appliance.carry_out import install
from dashcam.appliance.edits import EditBlock, EditCommandLine
from dashcam.appliance.machine import Machine
from dashcam.appliance.measures import MEASURES, changes_of_measures, left_out, names, table
from dashcam.appliance.plan import plan_for
from tests.appliance_install.trees import BUILT_IN, CHECKOUT, COMMAND_LINE, CONFIG, make_tree, wishes


def test_the_documentation_has_the_table_as_it_is() -> None:
    """Written anew by `scripts/install --measures >boot/MEASURES.md`."""
    assert (CHECKOUT / "boot" / "MEASURES.md").read_text() == table()


def test_every_measure_says_what_it_gains_and_costs() -> None:
    assert len(names()) == len(set(names()))
    for measure in MEASURES:
        assert all((measure.what, measure.gain, measure.risk, measure.undone)), measure
        assert "|" not in measure.what + measure.gain + measure.risk + measure.undone


def test_every_measure_with_a_name_changes_something_on_a_raspberry_pi(tmp_path: Path) -> None:
    machine = Machine(make_tree(tmp_path / "tree"))
    wanted = wishes(country="DE", camera="imx708")
    for measure in MEASURES:
        assert bool(measure.changes(machine, wanted)) == bool(measure.name), measure


def test_no_line_is_longer_than_the_firmware_reads(tmp_path: Path) -> None:
    machine = Machine(make_tree(tmp_path / "tree"))
    blocks = [
        change
        for change in changes_of_measures(machine, wishes(camera="imx708"))
        if isinstance(change, EditBlock) and change.path.endswith("config.txt")
    ]
    assert len(blocks) >= 5
    for block in blocks:
        block.apply(machine)
        assert block.lines[0] == "[all]", "what stands above may be for one kind of board"
    text = (tmp_path / "tree/boot/firmware/config.txt").read_text()
    assert max(len(line) for line in text.splitlines()) <= LONGEST_LINE


def test_elsewhere_those_of_a_raspberry_pi_are_left_out_and_named(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree", is_pi=False)
    machine = Machine(tree)
    changes = list(changes_of_measures(machine, wishes(country="DE", camera="imx708")))
    assert changes
    assert not any(isinstance(change, EditBlock | EditCommandLine) for change in changes)
    assert "no-initramfs" in left_out(machine, wishes())
    assert "journal" not in left_out(machine, wishes())
    assert left_out(Machine(make_tree(tmp_path / "pi")), wishes()) == ""


def test_older_systems_have_their_boot_folder_elsewhere(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    for name in ("config.txt", "cmdline.txt"):
        (tree / "boot/firmware" / name).rename(tree / "boot" / name)
    assert Machine(tree).boot_folder == "/boot"


def test_wifi_that_is_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    machine = Machine(make_tree(tmp_path / "tree"))
    keys = {change.key for change in changes_of_measures(machine, wishes(has_wifi=False))}
    assert "wifi" not in keys
    assert not any("NetworkManager/conf.d" in key for key in keys)


def test_swap_is_asked_of_whoever_looks_after_it(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    assert any("zram-generator" in change.key for change in plan_for(Machine(tree), wishes()))
    generator = tree / "usr/lib/systemd/system-generators/rpi-swap-generator"
    generator.parent.mkdir(parents=True)
    generator.touch()
    keys = [change.key for change in plan_for(Machine(tree), wishes())]
    assert "/etc/rpi/swap.conf.d/60-dashcam.conf" in keys
    assert not any("zram-generator" in key for key in keys)


@pytest.mark.parametrize(
    ("command_line", "config", "kernels", "does"),
    [
        (COMMAND_LINE, CONFIG, [BUILT_IN], True),
        (COMMAND_LINE, CONFIG, [BUILT_IN, BUILT_IN], True),
        ("root=/dev/mmcblk0p2 rootfstype=ext4 rootwait", CONFIG, [BUILT_IN], True),
        # A label or an UUID of a file system is found by an initramfs only.
        ("root=LABEL=writable rootfstype=ext4", CONFIG, [BUILT_IN], False),
        ("root=UUID=4e639091 rootfstype=ext4", CONFIG, [BUILT_IN], False),
        ("rootfstype=ext4", CONFIG, [BUILT_IN], False),
        ("root=PARTUUID=4e639091-02", CONFIG, [BUILT_IN], False),
        ("root=PARTUUID=4e639091-02 rootfstype=f2fs", CONFIG, [BUILT_IN], False),
        (COMMAND_LINE.replace("rootwait", "overlayroot=tmpfs"), CONFIG, [BUILT_IN], False),
        (COMMAND_LINE.replace("rootwait", "boot=overlay"), CONFIG, [BUILT_IN], False),
        (COMMAND_LINE.replace("rootwait", "resize"), CONFIG, [BUILT_IN], False),
        (COMMAND_LINE, CONFIG + "\ninitramfs initrd.gz followkernel\n", [BUILT_IN], False),
        (COMMAND_LINE, CONFIG, [], False),
        (COMMAND_LINE, CONFIG, [BUILT_IN, ""], False),
        (COMMAND_LINE, CONFIG, [BUILT_IN.replace("ext4", "ext2")], False),
        (COMMAND_LINE, CONFIG, [BUILT_IN.replace("mmc_block", "block")], False),
        (COMMAND_LINE, CONFIG, [BUILT_IN.replace("bcm2835", "rtsx")], False),
    ],
)
def test_no_initramfs_only_where_the_kernel_finds_its_root_alone(
    command_line: str, config: str, kernels: list[str], does: bool
) -> None:
    assert starts_without_initramfs(command_line, config, kernels) == does


def test_it_needs_no_plan_that_could_fail_to_be_said(tmp_path: Path) -> None:
    machine = Machine(make_tree(tmp_path / "tree"))
    said: list[str] = []
    install(machine, plan_for(machine, wishes(country="DE")), said.append, {}, is_trial=True)
    assert all("\n" not in words for words in said)
