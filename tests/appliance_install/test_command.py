"""The command line: what was said once holds until something else is said."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from dashcam.appliance.command import command_line, main, wishes_of, with_partition
from dashcam.appliance.journal import Journal
from dashcam.appliance.machine import Machine
from dashcam.appliance.plan import leftovers, plan_for
from dashcam.appliance.units import MaskUnit
from dashcam.appliance.wishes import Wishes
from tests.appliance_install.test_card import make_card, partitions
from tests.appliance_install.trees import Tools, machine_of, make_tree, snapshot, wishes


def said(words: str, before: dict[str, object] | None = None) -> Wishes:
    return wishes_of(command_line().parse_args(words.split()), before or {})


def test_nothing_said_is_the_usual() -> None:
    assert said("") == Wishes(checkout=said("").checkout)
    assert said("").has_wifi


def test_what_was_said_before_holds() -> None:
    before = {"country": "DE", "camera": "imx708", "without": ["no-hdmi"], "has_wifi": False, "data_uuid": "4711"}
    found = said("", before)
    assert (found.country, found.camera, found.without) == ("DE", "imx708", ("no-hdmi",))
    assert (found.has_wifi, found.data_uuid) == (False, "4711")


def test_what_is_said_now_stands_above() -> None:
    before = {"country": "DE", "camera": "imx708", "without": ["no-hdmi"], "has_wifi": False}
    found = said("--country nl --camera auto --without nothing --wifi", before)
    assert (found.country, found.camera, found.without, found.has_wifi) == ("NL", "", (), True)
    assert said("--without quiet --without zram", before).without == ("quiet", "zram")


def test_an_entry_of_another_version_does_no_harm() -> None:
    assert said("", {"something": "new"}) == said("")


@pytest.mark.parametrize(
    "words", ["--country Germany", "--country 12", "--camera imx", "--without everything", "--foo"]
)
def test_mistyped_words_are_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        said(words)
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err


def test_what_the_programs_left_goes_and_saved_networks_stay(
    pi: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(pi)
    monkeypatch.setattr("dashcam.appliance.command.Machine", lambda root: machine_of(root)[0])
    assert main(["--root", str(pi), "--country", "DE"]) == 0
    assert main(["--root", str(pi)]) == 0
    assert capsys.readouterr().out.endswith("dashcam: all was as it should be\n")
    made = leftovers(machine_of(pi)[0])
    assert len(made) == 3
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("made by the dashcam")
    (pi / "var/lib/dashcam/settings.toml").write_text("[camera]\n")
    home = made[0].with_name("home.nmconnection")
    home.write_text("the owner's")
    assert main(["--root", str(pi), "--remove"]) == 0
    assert "all is as it was" in capsys.readouterr().out
    assert home.read_text() == "the owner's"
    home.unlink()
    for folder in (home.parent, home.parent.parent):
        folder.rmdir()
    assert snapshot(pi) == before
    assert main(["--root", str(pi), "--remove"]) == 0
    assert "it is not installed here" in capsys.readouterr().out


def test_the_boot_partition_gets_a_file_to_fill_in_which_is_never_overwritten(pi: Path) -> None:
    machine, _ = machine_of(pi)
    (change,) = [change for change in plan_for(machine, wishes()) if change.key == "/boot/firmware/dashcam.toml"]
    assert not change.is_done(machine)
    change.apply(machine)
    path = pi / "boot/firmware/dashcam.toml"
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") > 10
    path.chmod(0o755)
    assert change.is_done(machine), "a FAT file system has modes of its own"
    path.write_text("password = 'mine'\n")
    assert change.is_done(machine)


class Live(Tools):
    """The machine that runs: systemctl is only noted."""

    def __call__(self, words: object, content: bytes = b"") -> str:
        assert isinstance(words, list)
        self.asked.append(words)
        return ""


def test_a_share_daemon_that_ran_runs_again_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a live machine, seen through its questions to systemctl."""
    tools = Live(tmp_path)
    tree = make_tree(tmp_path / "tree")
    machine = Machine(tree, tool=tools)
    monkeypatch.setattr(Machine, "is_live", True)
    change = MaskUnit(unit="smbd.service", why="", at_once=True)
    memory = change.remember(machine)
    assert memory["runs"]
    change.apply(machine)
    change.undo(machine, memory)
    assert [words[-2:] for words in tools.asked] == [
        ["is-active", "smbd.service"],
        ["stop", "smbd.service"],
        ["systemctl", "daemon-reload"],
        ["start", "smbd.service"],
    ]
    assert not (tree / "etc/systemd/system/smbd.service").is_symlink()


def test_who_may_not_read_what_is_there_is_told_the_cure(
    pi: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_journal: Journal) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/etc/polkit-1/rules.d/50-dashcam.rules")

    monkeypatch.setattr(Journal, "read", refuse)
    assert main(["--root", str(pi), "--dry-run"]) == 1
    said_last = capsys.readouterr().out.splitlines()[-1]
    assert "50-dashcam.rules" in said_last
    assert "sudo" in said_last


def test_a_removal_ends_the_firewall_at_once_and_the_own_access_point_last(
    pi: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashcam.appliance.command.Machine", lambda root: machine_of(root)[0])
    assert main(["--root", str(pi)]) == 0
    tools = Live(pi)
    monkeypatch.setattr("dashcam.appliance.command.Machine", lambda root: Machine(root, tool=tools))
    monkeypatch.setattr(Machine, "is_live", True)
    assert main(["--root", str(pi), "--remove"]) == 0
    assert tools.asked[:2] == [["systemctl", "stop", "dashcam*"], ["nft", "delete", "table", "inet", "dashcam"]]
    assert tools.asked[-1] == ["nmcli", "connection", "delete", "dashcam-ap"]
    assert "networks that were added stay known" in capsys.readouterr().out


@pytest.mark.parametrize(("card_bytes", "is_told"), [(4 * 1024**3, True), (400 * 1024**2, False)])
def test_room_at_the_end_of_the_card_is_told_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card_bytes: int, is_told: bool
) -> None:
    card = make_card(tmp_path / "card", size=card_bytes)
    before = partitions(card)
    monkeypatch.setattr("dashcam.appliance.command.root_disk", lambda _machine: str(card))
    monkeypatch.setattr(Machine, "is_live", True)
    told: list[str] = []
    asked = command_line().parse_args([])
    assert with_partition(Machine(tmp_path), wishes(), asked, told.append) == wishes()
    assert ["--data-partition free" in words for words in told] == [True] * is_told
    assert with_partition(Machine(tmp_path), wishes(data_uuid="4711"), asked, told.append).data_uuid == "4711"
    assert len(told) == is_told
    assert partitions(card) == before
