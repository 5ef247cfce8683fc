"""What the page saves is checked as a whole, written durably, and takes nothing with it that was there."""

from __future__ import annotations

import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dashcam.errors import CardError, SettingsError
from dashcam.settings import LoadedSettings, load_settings
from dashcam.settings.describe import every_setting
from dashcam.settings.profiles import PROFILES
from dashcam.settings.save import SettingsRefused, save_changes

NOWHERE = Path("/nonexistent/dashcam.toml")


def saved(state: Path) -> dict[str, Any]:
    file = state / "settings.toml"
    return tomllib.loads(file.read_text()) if file.exists() else {}


def loaded(state: Path) -> LoadedSettings:
    return load_settings(state, (), NOWHERE)


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("camera.fps", "25", 25.0),
        ("camera.fps", 12, 12.0),
        ("camera.rotation", "180", 180),
        ("camera.bitrate", " 4000000 ", 4_000_000),
        ("camera.source", "0", "0"),
        ("camera.source", 0, "0"),
        ("camera.name", "rear window", "rear window"),
        ("recording.autostart", "false", False),
        ("recording.queue", "8 MiB", "8 MiB"),
        ("storage.free_floor", "1 GB", "1 GB"),
        ("preview.rate", 30, 30.0),
        ("preview.width", 320.0, 320),
        ("clock.zone", "Europe/Berlin", "Europe/Berlin"),
        ("web.port", "8080", 8080),
    ],
)
def test_a_value_of_a_form_is_read_as_what_it_means(tmp_path: Path, name: str, given: object, kept: object) -> None:
    save_changes(tmp_path, {name: given}, NOWHERE)
    now = loaded(tmp_path)
    assert (now.saved, now.origins, now.mistakes) == ({name: kept}, {name: "saved"}, ())
    assert type(now.saved[name]) is type(kept)


@pytest.mark.parametrize(
    ("name", "given", "cure"),
    [
        ("camera.fps", 241, "0 to 240"),
        ("camera.fps", "fast", "Write a number"),
        ("camera.fps", float("nan"), "Write a number"),
        ("camera.fps", True, "Write a number"),
        ("camera.fps", [25], "Write a number"),
        ("camera.width", 640.5, "whole number"),
        ("camera.bitrate", 8, "8 Mbit/s are 8000000"),
        ("camera.bitrate", "99999", "at least 100000"),
        ("camera.kind", "patern", "did you mean 'pattern'?"),
        ("camera.rotation", 45, "0, 90, 180, 270"),
        ("camera.name", "", "1 to 32 characters"),
        ("camera.name", "x" * 33, "1 to 32 characters"),
        ("camera.name", "a\nb", "one line"),
        ("preview.rate", 0, "over 0 to 30"),
        ("recording.autostart", "perhaps", "true, false"),
        ("recording.queue", "much", "16 MB, 2 GiB or 80 %"),
        ("recording.queue", "1 kB", "from 2.0 MB to "),
        ("storage.loop_quota", "-5 %", "16 MB, 2 GiB or 80 %"),
        ("storage.loop_quota", {"a": 1}, "16 MB, 2 GiB or 80 %"),
        ("storage.loop_quota", "75", "with its unit"),
        ("storage.loop_quota", 75, "with its unit"),
        ("storage.free_floor", "9" * 400 + " GB", "with its unit"),
        ("storage.loop_quota", "0 %", "at least 1 %"),
        ("storage.event_quota", "0.9%", "at least 1 %"),
        ("storage.free_floor", "0 %", "at least 1 %"),
        ("storage.loop_quota", "75 B", "at least 100 MB"),
        ("storage.event_quota", "99 MB", "at least 100 MB"),
        ("storage.photo_quota", "1 kB", "at least 10 MB"),
        ("storage.free_floor", "0 MB", "at least 10 MB"),
        ("clock.zone", "Europe/Brelin", "such as Europe/Berlin"),
        ("camera.fsp", 25, "did you mean 'camera.fps'?"),
        ("fps", 25, "no setting 'fps'"),
        ("", None, "no setting ''"),
    ],
)
def test_a_bad_value_is_refused_with_its_cure(tmp_path: Path, name: str, given: object, cure: str) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        save_changes(tmp_path, {name: given, "photo.quality": 80}, NOWHERE)
    assert list(refusal.value.fields) == [name]
    assert cure in refusal.value.fields[name]
    assert refusal.value.code == SettingsError.code
    assert not (tmp_path / "settings.toml").exists()


def test_every_bad_value_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        save_changes(tmp_path, {"camera.fps": -1, "web.port": 8080, "photo.quality": 101, "nothing.here": 1}, NOWHERE)
    assert list(refusal.value.fields) == ["camera.fps", "photo.quality", "nothing.here"]


@pytest.mark.parametrize(
    ("before", "changes", "blamed"),
    [
        ({}, {"camera.width": 1280}, ["camera.height"]),
        ({}, {"camera.height": 720}, ["camera.width"]),
        ({"camera.width": 1280, "camera.height": 720}, {"camera.width": None}, ["camera.width"]),
        ({}, {"camera.kind": "replay"}, ["camera.source"]),
        ({}, {"camera.kind": "replay", "camera.source": "/nowhere/drive.mp4"}, ["camera.source"]),
        ({}, {"storage.event_quota": "30 %"}, ["storage.event_quota"]),
        ({}, {"storage.loop_quota": "110 MB"}, ["storage.loop_quota"]),
        ({"storage.loop_quota": "1 GB"}, {"recording.segment_seconds": 3600}, ["recording.segment_seconds"]),
        ({"storage.loop_quota": "1 GB"}, {"camera.bitrate": 100_000_000}, ["camera.bitrate"]),
        (
            {},
            {"storage.event_quota": "30 %", "storage.loop_quota": "70 %"},
            ["storage.loop_quota", "storage.event_quota"],
        ),
    ],
)
def test_values_that_do_not_go_together_are_refused(
    tmp_path: Path, before: dict[str, Any], changes: dict[str, Any], blamed: list[str]
) -> None:
    save_changes(tmp_path, before, NOWHERE)
    kept = saved(tmp_path)
    with pytest.raises(SettingsRefused) as refusal:
        save_changes(tmp_path, changes, NOWHERE)
    assert list(refusal.value.fields) == blamed
    assert saved(tmp_path) == kept


def test_a_share_that_holds_less_than_two_clips_of_this_card_is_refused(tmp_path: Path) -> None:
    share = {"storage.loop_quota": "2 %"}
    with pytest.raises(SettingsRefused, match="120 MB"):
        save_changes(tmp_path, share, NOWHERE, whole_bytes=4 * 10**9)
    save_changes(tmp_path, share, NOWHERE, whole_bytes=8 * 10**9)
    assert loaded(tmp_path).saved == share


@pytest.mark.parametrize("changes", [{}, {"photo.quality": 70}, {"photo.quality": "70"}, {"camera.fps": None}])
def test_what_is_saved_already_is_not_written_again(tmp_path: Path, changes: dict[str, Any]) -> None:
    text = "# by hand\n[photo]\nquality = 70\n"
    (tmp_path / "settings.toml").write_text(text)
    assert not save_changes(tmp_path, changes, NOWHERE)
    assert (tmp_path / "settings.toml").read_text() == text


@pytest.mark.parametrize("changes", [{}, {"camera.fps": None}])
def test_where_nothing_is_saved_going_back_makes_no_file(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert not save_changes(tmp_path, changes, NOWHERE)
    assert not (tmp_path / "settings.toml").exists()


def test_a_replay_may_be_named_from_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "drive.mp4").touch()
    save_changes(tmp_path, {"camera.kind": "replay", "camera.source": "~/drive.mp4"}, NOWHERE)
    with pytest.raises(SettingsRefused):
        save_changes(tmp_path, {"camera.source": "~nobody-of-that-name/drive.mp4"}, NOWHERE)


def test_what_goes_together_is_saved(tmp_path: Path) -> None:
    film = tmp_path / "drive.mp4"
    film.touch()
    save_changes(tmp_path, {"camera.kind": "replay", "camera.source": str(film)}, NOWHERE)
    save_changes(tmp_path, {"camera.width": 640, "camera.height": 480, "storage.loop_quota": "20 GB"}, NOWHERE)
    # A share beside amounts in bytes cannot be added up.
    save_changes(tmp_path, {"storage.event_quota": "95 %"}, NOWHERE)
    assert loaded(tmp_path).mistakes == ()


def test_an_old_disagreement_does_not_keep_other_settings_from_being_saved(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[camera]\nkind = "replay"\nwidth = 640\n')
    save_changes(tmp_path, {"photo.quality": 70, "camera.name": "rear"}, NOWHERE)
    assert saved(tmp_path) == {"camera": {"kind": "replay", "width": 640, "name": "rear"}, "photo": {"quality": 70}}


def test_null_goes_back_to_the_layer_below(tmp_path: Path) -> None:
    system = tmp_path / "dashcam.toml"
    system.write_text("[photo]\nquality = 70\n")
    save_changes(tmp_path, {"photo.quality": 80, "camera.fps": 25}, system)
    save_changes(tmp_path, {"photo.quality": None, "camera.name": None}, system)
    now = load_settings(tmp_path, (), system)
    assert (now.settings.photo.quality, now.origins["photo.quality"]) == (70, "system")
    assert saved(tmp_path) == {"camera": {"fps": 25.0}}


def test_what_this_version_does_not_know_survives(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        '# by hand\nlater = 1979-05-27\n[camera]\nlens = "wide"\n[moon]\nphase = [1, 2]\n'
    )
    save_changes(tmp_path, {"camera.fps": 25}, NOWHERE)
    tree = saved(tmp_path)
    assert (tree["camera"], tree["moon"]) == ({"lens": "wide", "fps": 25.0}, {"phase": [1, 2]})
    assert str(tree["later"]) == "1979-05-27"
    assert len(loaded(tmp_path).mistakes) == 3


def test_a_file_that_cannot_be_understood_is_kept_under_another_name(tmp_path: Path) -> None:
    text = "[camera\nfps = 25 # my own\n"
    for round_ in ("settings-unreadable", "settings-unreadable_2"):
        (tmp_path / "settings.toml").write_text(text)
        assert len(loaded(tmp_path).mistakes) == 1
        save_changes(tmp_path, {"photo.quality": 70}, NOWHERE)
        assert (tmp_path / f"{round_}.toml").read_text() == text
        assert saved(tmp_path) == {"photo": {"quality": 70}}


def test_a_refusal_leaves_a_file_that_cannot_be_understood_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[camera")
    with pytest.raises(SettingsRefused):
        save_changes(tmp_path, {"camera.width": 640}, NOWHERE)
    assert (tmp_path / "settings.toml").read_text() == "[camera"


def test_of_phones_that_save_at_once_every_key_is_kept_and_the_last_of_each_counts(tmp_path: Path) -> None:
    names = [fact.name for fact in every_setting() if fact.kind == "int" and fact.section in ("photo", "preview")]
    values = {name: [30, 40, 50] if name != "preview.width" else [320, 640, 960] for name in names}
    both = threading.Barrier(len(names))

    def phone(name: str) -> None:
        both.wait()
        for value in values[name]:
            save_changes(tmp_path, {name: value}, NOWHERE)

    phones = [threading.Thread(target=phone, args=(name,)) for name in names]
    for thread in phones:
        thread.start()
    for thread in phones:
        thread.join()
    assert loaded(tmp_path).saved == {name: values[name][-1] for name in names}


def test_a_state_folder_that_takes_nothing_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    state = tmp_path / "state"
    save_changes(state, {"photo.quality": 80}, NOWHERE)
    before = (state / "settings.toml").read_bytes()
    # A folder in its place: for root, too, it cannot be written.
    lock = state / ".settings.lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(CardError, match="could not be saved"):
        save_changes(state, {"photo.quality": 70}, NOWHERE)
    assert (state / "settings.toml").read_bytes() == before
    assert sorted(path.name for path in state.iterdir()) == [".settings.lock", "settings.toml"]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_profile_is_made_of_settings_there_are_and_goes_together(tmp_path: Path, profile: Any) -> None:
    assert profile.label
    assert profile.help
    save_changes(tmp_path, profile.changes, NOWHERE)
    assert loaded(tmp_path).saved == profile.changes


def test_whatever_profile_was_chosen_before_the_last_one_counts() -> None:
    assert len({frozenset(profile.changes) for profile in PROFILES}) == 1
    assert [profile.name for profile in PROFILES] == ["dashcam", "surveillance", "low-power", "night"]


def test_the_profile_of_a_dashcam_is_what_it_comes_with() -> None:
    defaults = {fact.name: fact.default for fact in every_setting()}
    assert {name: defaults[name] for name in PROFILES[0].changes} == PROFILES[0].changes


def test_who_watches_a_place_hears_of_motion_and_who_drives_again_does_not() -> None:
    modes = {profile.name: profile.changes["recording.mode"] for profile in PROFILES}
    assert modes == {"dashcam": "auto", "surveillance": "watch", "low-power": "auto", "night": "auto"}
