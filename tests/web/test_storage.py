"""What lies on the card, and for how long the rest lasts."""

from __future__ import annotations

import msgspec
import pytest

from dashcam.clips.catalogue_questions import Total
from dashcam.clips.clip import ClipKind
from dashcam.clips.retention import Limits
from dashcam.files import Space
from dashcam.settings import LoadedSettings
from dashcam.settings.schema import StorageSettings
from dashcam.web.storage import hours_until_full
from tests.web.sites import Site, Sites, clip_row, settings, wait_until

GIGABYTE = 1_000_000_000


def test_storage_tells_kinds_quotas_and_hours(sites: Sites) -> None:
    storage = StorageSettings(loop_quota="7.2 GB", event_quota="1 GB", photo_quota="500 MB")
    site = sites.make(LoadedSettings(msgspec.structs.replace(settings().settings, storage=storage)))
    site.keeper.add(clip_row(1), b"loop")
    site.keeper.add(clip_row(2, kind="event", lock_cause="hand", path="EVENT/2026-11-20/a.mp4"), b"event")
    site.keeper.add(clip_row(3, kind="photo", lock_cause="hand", path="PHOTO/2026-11-20/a.jpg"), b"ph")
    found = site.get("/api/storage").json
    assert found["folder"] == str(site.data)
    assert 0 < found["free_bytes"] <= found["total_bytes"]
    assert found["kinds"] == {
        "loop": {"clips": 1, "bytes": 4, "quota_bytes": 7_200_000_000},
        "event": {"clips": 1, "bytes": 5, "quota_bytes": GIGABYTE},
        "photo": {"clips": 1, "bytes": 2, "quota_bytes": 500_000_000},
    }
    assert found["locked"] == {"clips": 2, "bytes": 7}
    assert (found["bytes_per_hour"], found["loop_hours"]) == (3_600_000_000, 2.0)
    assert found["hours_until_full"] <= 2.0


def test_without_a_rate_there_are_no_hours(site: Site) -> None:
    site.recorder.close()
    wait_until(lambda: not site.get("/api/status").json["connected"])
    found = site.get("/api/storage").json
    assert (found["bytes_per_hour"], found["loop_hours"], found["hours_until_full"]) == (None, None, None)


def test_without_a_catalogue_it_says_so(site: Site) -> None:
    site.keeper.close()
    for path in site.state.glob("catalogue.sqlite*"):
        path.unlink()
    assert site.get("/api/storage").error_code == "catalogue_not_ready"


@pytest.mark.parametrize(
    ("used", "free", "expected"),
    [(0, 50, 10.0), (5, 50, 5.0), (5, 3, 2.0), (9.95, 50, 0.0), (12, 50, 0.0), (0, 0.5, 0.0)],
)
def test_the_loop_is_full_at_its_quota_or_at_the_floor(used: float, free: float, expected: float) -> None:
    totals: dict[ClipKind, Total] = {"loop": Total(1, round(used * GIGABYTE)), "event": Total(), "photo": Total()}
    space = Space(100 * GIGABYTE, round(free * GIGABYTE))
    limits = Limits({"loop": 10 * GIGABYTE, "event": 0, "photo": 0}, GIGABYTE)
    assert hours_until_full(totals, space, limits, GIGABYTE) == expected
