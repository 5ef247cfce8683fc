"""Settings come in layers, and a mistake in one never takes the others down."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashcam.errors import SettingsError
from dashcam.settings import Settings, bytes_of, load_settings
from dashcam.settings.checks import check_queue
from dashcam.settings.describe import every_section, every_setting, with_table
from dashcam.settings.quantity import machine_memory_bytes

README = Path(__file__).parents[2] / "README.md"
NOWHERE = Path("/nonexistent/dashcam.toml")


def test_built_in_settings_need_no_file() -> None:
    loaded = load_settings(None, system_file=NOWHERE)
    assert (loaded.settings, loaded.mistakes) == (Settings(), ())


def test_a_pipe_in_the_settings_place_holds_up_nobody(tmp_path: Path) -> None:
    """Another program of the appliance may have put it there; the recorder would wait for ever."""
    os.mkfifo(tmp_path / "settings.toml")
    loaded = load_settings(tmp_path, ["camera.fps=9"], NOWHERE)
    assert loaded.settings.camera.fps == 9
    assert ["cannot be read" in mistake for mistake in loaded.mistakes] == [True]


def test_later_layers_win(tmp_path: Path) -> None:
    system = tmp_path / "dashcam.toml"
    system.write_text('[camera]\nkind = "usb"\nfps = 25\nname = "rear"\n[web]\nport = 81\n')
    (tmp_path / "settings.toml").write_bytes(b'\xef\xbb\xbf[camera]\r\nfps = 15\r\nname = "inside"\r\n')
    settings = load_settings(tmp_path, ["camera.name=left"], system).settings
    camera = settings.camera
    assert (camera.kind, camera.fps, camera.name, settings.web.port) == ("usb", 15, "left", 81)


@pytest.mark.parametrize(
    ("assignment", "word"),
    [
        ("camera.knd=pattern", "did you mean 'camera.kind'"),
        ("camera.kind=patern", "pattern"),
        ("camera.rotation=45", "camera.rotation"),
        ("web.port=70000", "65535"),
        ("recording.autostart=perhaps", "true, false"),
        ("storage.loop_quota=lots", "storage.loop_quota"),
        ("storage.loop_quota=75", "with its unit"),
        ("storage.free_floor=0 %", "at least 1 %"),
        ("camera.fps", "section.name=value"),
        ("clock.zone=Europe/Brelin", "such as Europe/Berlin"),
    ],
)
def test_a_mistake_keeps_the_default_and_is_told(assignment: str, word: str) -> None:
    loaded = load_settings(None, [assignment, "web.host=127.0.0.1"], NOWHERE)
    assert loaded.settings.camera == Settings().camera
    assert loaded.settings.web.host == "127.0.0.1"
    assert len(loaded.mistakes) == 1
    assert word in loaded.mistakes[0]


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    system = tmp_path / "dashcam.toml"
    system.write_text('[camra]\nfps = 1\n[camera]\nfps = "fast"\nwidth = -1\nkind = "pattern"\n')
    loaded = load_settings(None, [], system)
    assert loaded.settings.camera.kind == "pattern"
    told = "\n".join(loaded.mistakes)
    assert len(loaded.mistakes) == 3
    assert all(word in told for word in ("[camera]", "camera.fps", "camera.width", str(system)))


def test_a_file_that_is_no_toml_is_told_and_passed_over(tmp_path: Path) -> None:
    system = tmp_path / "dashcam.toml"
    system.write_text("[camera\nkind = pattern")
    loaded = load_settings(None, ["camera.fps=12"], system)
    assert loaded.settings.camera.fps == 12
    assert len(loaded.mistakes) == 1


def test_a_number_given_for_a_text_is_that_text() -> None:
    assert load_settings(None, ["camera.source=0"], NOWHERE).settings.camera.source == "0"


def test_it_is_known_where_a_value_comes_from_and_what_the_page_has_saved(tmp_path: Path) -> None:
    system = tmp_path / "dashcam.toml"
    system.write_text("[camera]\nfps = 25\nwidth = 640\n[web]\nport = 81\n")
    (tmp_path / "settings.toml").write_text('[camera]\nfps = 15\nname = "inside"\nheight = -1\n')
    loaded = load_settings(tmp_path, ["camera.name=left", "camera.kind=usb"], system)
    assert loaded.origins == {
        "camera.fps": "saved",
        "camera.width": "system",
        "web.port": "system",
        "camera.name": "command",
        "camera.kind": "command",
    }
    assert loaded.saved == {"camera.fps": 15.0, "camera.name": "inside"}
    assert len(loaded.mistakes) == 1


def test_every_setting_can_be_shown_by_its_facts() -> None:
    facts = {fact.name: fact for fact in every_setting()}
    fps, kind, rate = facts["camera.fps"], facts["camera.kind"], facts["preview.rate"]
    assert (fps.kind, fps.low, fps.high, fps.low_is_excluded, fps.applies) == ("float", 0, 240, False, "camera")
    assert (kind.kind, kind.choices) == ("choice", ("auto", "picamera", "usb", "replay", "pattern"))
    assert (rate.low, rate.high, rate.low_is_excluded, rate.applies) == (0, 30, True, "at_once")
    assert facts["storage.loop_quota"].kind == facts["recording.queue"].kind == "quantity"
    assert (facts["recording.autostart"].kind, facts["web.port"].applies) == ("bool", "page")
    assert (facts["camera.name"].kind, facts["camera.name"].longest) == ("text", 32)
    assert facts["recording.segment_seconds"].applies == facts["camera.name"].applies == "next_clip"
    # What a form cannot bound, a phone could fill the memory with.
    assert [fact.name for fact in facts.values() if fact.kind == "text" and fact.longest is None] == []


def test_every_section_has_a_label_and_a_help() -> None:
    assert [section.name for section in every_section() if not section.help or section.label == section.name] == []


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("16 MB", 16_000_000), ("2GiB", 2**31), ("80 %", 800), ("150%", 1000), ("12", 12), ("0.5 kB", 500)],
)
def test_amounts(quantity: str, expected: int) -> None:
    assert bytes_of(quantity, 1000) == expected


@pytest.mark.parametrize("quantity", ["", "much", "5 parsecs", "-3 MB", "1e9"])
def test_what_is_no_amount_is_refused(quantity: str) -> None:
    with pytest.raises(SettingsError):
        bytes_of(quantity, 1000)


# What Linux leaves of the 512 MB of the smallest board.
BOARD_BYTES = 416 * 1024 * 1024


def test_the_queue_may_have_a_quarter_of_the_memory_there_is() -> None:
    check_queue("100 MB", BOARD_BYTES)
    with pytest.raises(SettingsError, match="to 109 MB, a quarter of this machine's memory"):
        check_queue("110 MB", BOARD_BYTES)
    check_queue("512 MB", 8 * 2**30)
    with pytest.raises(SettingsError, match=r"to 512 MB$"):
        check_queue("513 MB", 8 * 2**30)
    # However small a machine says it is, there is something that can be written.
    check_queue("2 MB", 0)


def test_a_queue_that_this_machine_cannot_hold_is_a_mistake_and_the_default_stays(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f'[recording]\nqueue = "{machine_memory_bytes() // 3} B"\n')
    loaded = load_settings(tmp_path, (), NOWHERE)
    assert loaded.settings.recording.queue == "16 MB"
    assert "recording.queue" in loaded.mistakes[0]


def test_every_setting_has_a_label_and_a_help() -> None:
    assert [fact.name for fact in every_setting() if not fact.label or not fact.help or fact.label == fact.name] == []


def test_the_readme_shows_the_settings_of_today() -> None:
    page = README.read_text(encoding="utf-8")
    assert with_table(page) == page
