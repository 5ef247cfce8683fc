"""Nothing is deleted for a smaller quota before somebody has been told how much, and has agreed."""

from __future__ import annotations

import pytest

from dashcam.settings.schema import StorageSettings
from dashcam.web.settings_deletions import CardUse, WouldDelete, deleted_bytes, refuse_deletion
from tests.web.sites import Answer, Site, clip_row

GB = 10**9
# Of 100 GB: what is locked lies with the events.
USE = CardUse({"loop": 60 * GB, "event": 15 * GB, "photo": 1 * GB}, locked_bytes=10 * GB, free_bytes=24 * GB)


@pytest.mark.parametrize(
    ("storage", "deleted"),
    [
        (StorageSettings(), {}),
        (StorageSettings(loop_quota="50 %"), {"loop": 10 * GB}),
        (StorageSettings(loop_quota="20 GB", photo_quota="500 MB"), {"loop": 40 * GB, "photo": GB // 2}),
        (StorageSettings(event_quota="12 GB"), {"event": 3 * GB}),
        (StorageSettings(event_quota="1 GB"), {"event": 5 * GB}),
        (StorageSettings(free_floor="25 GB"), {"loop": GB}),
        (StorageSettings(free_floor="25 GB", loop_quota="50 GB"), {"loop": 10 * GB}),
    ],
)
def test_what_limits_delete_is_what_exceeds_them_and_is_not_locked(
    storage: StorageSettings, deleted: dict[str, int]
) -> None:
    assert deleted_bytes(storage, USE) == deleted


def test_only_more_than_is_deleted_anyway_is_worth_a_question() -> None:
    tight, tighter = StorageSettings(loop_quota="50 %"), StorageSettings(loop_quota="40 %")
    refuse_deletion(tight, tight, USE)
    refuse_deletion(tighter, tight, USE)
    with pytest.raises(WouldDelete, match="about 10 GB of loop clips"):
        refuse_deletion(tight, tighter, USE)


def test_while_the_card_is_not_known_every_tighter_limit_is_worth_a_question() -> None:
    refuse_deletion(StorageSettings(), StorageSettings(loop_quota="80 %"), None)
    for tighter in (StorageSettings(photo_quota="2 %"), StorageSettings(free_floor="1 GB")):
        with pytest.raises(WouldDelete, match="not known"):
            refuse_deletion(StorageSettings(), tighter, None)


def patch(site: Site, quota: str, **more: bool) -> Answer:
    return site.ask("PATCH", "/api/settings", {"changes": {"storage.photo_quota": quota}, **more})


def test_a_quota_that_deletes_is_saved_only_for_who_agrees(site: Site) -> None:
    site.keeper.add(clip_row(1, kind="photo", path="PHOTO/2026-11-20/a.jpg"), bytes(12_000_000))
    answer = patch(site, "10 MB")
    assert (answer.status, answer.error_code) == (422, "would_delete")
    assert "about 2.0 MB of photos are deleted" in answer.json["error"]["message"]
    assert not (site.state / "settings.toml").exists()
    assert patch(site, "13 MB").status == 200
    assert patch(site, "10 MB", may_delete=True).status == 200
    assert '"10 MB"' in (site.state / "settings.toml").read_text()
