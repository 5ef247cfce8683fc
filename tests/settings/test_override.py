"""`[override]` of the boot partition lies above what the page has saved, and a bad or missing file changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashcam.settings import LoadedSettings, load_settings
from dashcam.settings.load import BOOT_FILE_VARIABLE

NOWHERE = Path("/nonexistent/dashcam.toml")


@pytest.fixture
def boot_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file on a boot partition; it is not there yet."""
    path = tmp_path / "firmware" / "dashcam.toml"
    path.parent.mkdir()
    monkeypatch.setenv(BOOT_FILE_VARIABLE, str(path))
    return path


def _load(state: Path, *assignments: str) -> LoadedSettings:
    return load_settings(state, assignments, NOWHERE)


def test_it_is_above_what_is_saved_and_below_the_command_line(tmp_path: Path, boot_file: Path) -> None:
    (tmp_path / "settings.toml").write_text('[camera]\nfps = 15\nname = "inside"\nwidth = 640\n')
    boot_file.write_bytes(
        "\ufeff[override]\r\ncamera.fps = 20\r\ncamera.name = “rear”\r\nstamp.video = yes\r\n".encode()
    )
    loaded = _load(tmp_path, "camera.name=left")
    camera = loaded.settings.camera
    assert (camera.fps, camera.name, camera.width, loaded.settings.stamp.video) == (20, "left", 640, True)
    assert loaded.origins == {
        "camera.fps": "boot",
        "camera.name": "command",
        "camera.width": "saved",
        "stamp.video": "boot",
    }
    assert loaded.saved["camera.fps"] == 15
    assert not loaded.mistakes


def test_only_the_live_part_counts_at_every_start(tmp_path: Path, boot_file: Path) -> None:
    boot_file.write_text('country = "DE"\nrotation = 180\nnonsense\n[[wifi]]\npassword = "S3cret-word\n[override]\n')
    loaded = _load(tmp_path)
    assert (loaded.origins, loaded.mistakes) == ({}, ())


def test_sections_below_it_mean_the_same(tmp_path: Path, boot_file: Path) -> None:
    boot_file.write_text("[override.camera]\nrotation = 180\n")
    assert _load(tmp_path).settings.camera.rotation == 180


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("kamera.fps = 15", "line 2: there is no such setting; did you mean 'camera.fps'?"),
        ("S3cret = 1", "line 2: there is no such setting; write section.name = value"),
        ("camera.rotation = 45", "line 2: camera.rotation: choose one of 0, 90, 180, 270"),
        ('clock.zone = "S3cret"', "line 2: clock.zone: "),
        ("camera.kind = S3cret", "line 2: camera.kind: "),
        ('camera.name = "S3cret', "line 2: the quotation mark at the end is missing"),
    ],
)
def test_a_mistake_names_the_boot_partition_and_the_line_but_not_the_value(
    tmp_path: Path, boot_file: Path, line: str, words: str
) -> None:
    boot_file.write_text(f"[override]\n{line}\nweb.port = 81\n")
    loaded = _load(tmp_path)
    assert (loaded.settings.web.port, loaded.origins) == (81, {"web.port": "boot"})
    assert len(loaded.mistakes) == 1
    assert loaded.mistakes[0].startswith(f"boot partition, dashcam.toml, {words}")
    assert "S3cret" not in loaded.mistakes[0]


def test_whoever_writes_the_card_or_the_state_runs_no_program(tmp_path: Path, boot_file: Path) -> None:
    system = tmp_path / "system.toml"
    system.write_text('[events]\ncommand = "/usr/local/bin/tell-me"\n')
    (tmp_path / "settings.toml").write_text('[events]\ncommand = "sh -c id"\nbefore_seconds = 7\n')
    boot_file.write_text('[override]\nevents.command = "sh -c id"\nevents.after_seconds = 8\n')
    loaded = load_settings(tmp_path, (), system)
    events = loaded.settings.events
    assert (events.command, events.before_seconds, events.after_seconds) == ("/usr/local/bin/tell-me", 7, 8)
    assert loaded.origins["events.command"] == "system"
    assert [mistake.partition(": events.command: ")[2][:19] for mistake in loaded.mistakes] == [
        "it runs a program, "
    ] * 2
    assert "events.command" not in loaded.saved
    given = load_settings(tmp_path, ("events.command=/bin/tell",), system).settings.events.command
    assert given == "/bin/tell"


def test_on_a_laptop_the_state_is_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[events]\ncommand = "true"\n')
    loaded = _load(tmp_path)
    assert (loaded.settings.events.command, loaded.mistakes) == ("true", ())


def test_a_boot_partition_that_is_not_there_changes_nothing(tmp_path: Path, boot_file: Path) -> None:
    assert _load(tmp_path) == LoadedSettings(settings=_load(tmp_path).settings)
    boot_file.parent.rmdir()
    assert not _load(tmp_path).mistakes
    boot_file.parent.write_text("a file where the folder was")
    assert not _load(tmp_path).mistakes


def test_one_that_cannot_be_read_is_told_and_changes_nothing(tmp_path: Path, boot_file: Path) -> None:
    os.mkfifo(boot_file)
    loaded = _load(tmp_path)
    assert loaded.origins == {}
    assert [mistake.startswith(f"boot partition: {boot_file} cannot be read") for mistake in loaded.mistakes] == [True]


def test_the_first_place_with_a_file_counts(tmp_path: Path, boot_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "boot" / "dashcam.toml"
    older.parent.mkdir()
    older.write_text("[override]\ncamera.fps = 5\n")
    monkeypatch.setenv(BOOT_FILE_VARIABLE, f"{boot_file}:{older}")
    assert _load(tmp_path).settings.camera.fps == 5
    boot_file.write_text("[override]\ncamera.fps = 20\n")
    assert _load(tmp_path).settings.camera.fps == 20


def test_without_the_variable_nobody_looks_for_one(
    tmp_path: Path, boot_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot_file.write_text("[override]\ncamera.fps = 20\n")
    monkeypatch.delenv(BOOT_FILE_VARIABLE)
    assert _load(tmp_path).origins == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(content=st.binary(max_size=300))
def test_whatever_stands_there_the_settings_can_be_loaded(tmp_path: Path, boot_file: Path, content: bytes) -> None:
    boot_file.write_bytes(b"[override]\n" + content)
    assert _load(tmp_path).settings is not None
