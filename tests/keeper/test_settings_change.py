"""Quotas, limits and the time zone change while the keeper works, with a card and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.link.messages import SettingsChanged, SettingsTaken
from dashcam.settings.save import save_changes
from tests.keeper.rig import options_for
from tests.keeper.test_service import Running, running, wait_until
from tests.made_clips import STARTED_NS, clip_bytes, put_clip

MINUTE_NS = 60 * NANOSECONDS
NOWHERE = Path("/nonexistent")


def save(keeper: Running, changes: dict[str, Any]) -> None:
    save_changes(keeper.options.state, changes, NOWHERE)
    # Only what needs a camera ever waits.
    assert keeper.ask(SettingsChanged(), SettingsTaken) == SettingsTaken(pending=())


def test_a_smaller_quota_makes_room_at_once_and_a_larger_one_deletes_nothing(tmp_path: Path) -> None:
    clips = [put_clip(tmp_path, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS) for number in range(1, 7)]
    size = clips[0].stat().st_size
    with running(options_for(tmp_path)) as keeper:
        keeper.wait_for("idle", 6)
        save(keeper, {"storage.loop_quota": "60 %", "storage.free_floor": "10 MB"})
        wait_until(lambda: 0 < keeper.progress().loop.quota_bytes < 0.61 * 10**12, "the new quota")
        assert keeper.progress().catalogued == 6
        # Room for the clips that are about to be recorded counts, too: half of a small quota is left to the old ones.
        # So small that the page would refuse it.
        (keeper.options.state / "settings.toml").write_text(f'[storage]\nloop_quota = "{size * 4} B"\n')
        save(keeper, {})
        wait_until(lambda: keeper.progress().deleted_by_quota == 4, "four deleted")
        assert keeper.progress().loop.quota_bytes == size * 4
    assert [clip.exists() for clip in clips] == [False] * 4 + [True] * 2


def test_without_a_card_settings_are_those_of_the_next_card(tmp_path: Path) -> None:
    data, state = tmp_path / "missing" / "card", tmp_path / "state"
    with running(options_for(data, state=state)) as keeper:
        keeper.wait_for("no_card")
        save(keeper, {"storage.photo_quota": "20 MB"})
        data.parent.mkdir()
        keeper.wait_for("idle", 0)
        wait_until(lambda: keeper.progress().photo.quota_bytes == 20 * 10**6, "the new quota")


def test_files_of_people_get_the_new_time_zone(tmp_path: Path) -> None:
    with running(options_for(tmp_path)) as keeper:
        keeper.wait_for("idle", 0)
        save(keeper, {"clock.zone": "Asia/Tokyo"})
        film = CardFolders(tmp_path).of_kind("loop") / "2026-11-20" / "holiday.mp4"
        film.parent.mkdir()
        film.write_bytes(clip_bytes("")[1])
        wait_until(lambda: keeper.progress().catalogued == 1, "the film")
    adopted = next(CardFolders(tmp_path).of_kind("loop").rglob("*.mp4"))
    assert read_sidecar(sidecar_of(adopted)).zone == "Asia/Tokyo"
