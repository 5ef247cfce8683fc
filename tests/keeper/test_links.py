"""Nothing outside the card is written, replaced or deleted over a link, whichever folder somebody has put one for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Lock
from tests.keeper.rig import Rig, digest_of
from tests.keeper.test_dating import add_anchor
from tests.made_clips import STARTED_NS, put_clip

DAY, NAME = "2026-11-20", "20261120144500"
# What the keeper removes or replaces where it may: half-written files, lonely and old pictures, what belongs to a clip.
TEMPTING = (
    ".tmp-half.jpg",
    ".tmp-half.gpx",
    f".tmp-dcpvid_{NAME}.jpg",
    f"dcpvid_{NAME}.jpg",
    "dcpvid_20200101000000.jpg",
    "dcp_20200101000000.jpg",
    f"dcp_{NAME}.gpx",
    f"dcp_{NAME}.json",
)


class Elsewhere:
    """A folder outside the card that a link on it leads to."""

    def __init__(self, folder: Path, link: Path) -> None:
        self._folder = folder
        folder.mkdir()
        for name in TEMPTING:
            (folder / name).write_text(f"{name} of somebody")
        self._before = self._content()
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(folder)

    def assert_untouched(self) -> None:
        assert self._content() == self._before

    def _content(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self._folder.iterdir()}


@pytest.fixture
def link_to_elsewhere(tmp_path: Path, rig: Rig) -> Callable[..., Elsewhere]:
    return lambda top, day=DAY: Elsewhere(tmp_path / "elsewhere", rig.folders.dcim / top / day)


@pytest.mark.parametrize("top", ["THUMB", "TRACK"])
def test_pictures_and_tracks_of_a_day(rig: Rig, link_to_elsewhere: Callable[..., Elsewhere], top: str) -> None:
    put_clip(rig.data, "42-3")
    put_clip(rig.data, "42-4", kind="EVENT", stem="dcp_20261120150000", lock=Lock(cause="hand", utc=None))
    put_clip(rig.data, "42-5", stem="dcp_20261120160000", is_closed=False)
    elsewhere = link_to_elsewhere(top)
    rig.start(pictures=True).scan()
    elsewhere.assert_untouched()
    assert rig.session.locking.lock(["42-3"], "hand").done == ("42-3",)
    assert rig.session.locking.unlock(["42-4"]).done == ("42-4",)
    rig.settle()
    assert rig.session.locking.delete(["42-3", "42-4", "42-5"], ["42-3"]).failed == {}
    rig.scan()
    assert rig.rows() == {}
    elsewhere.assert_untouched()


def test_a_clip_is_not_locked_into_a_folder_elsewhere(rig: Rig, link_to_elsewhere: Callable[..., Elsewhere]) -> None:
    path = put_clip(rig.data, "42-3")
    content = digest_of(path)
    elsewhere = link_to_elsewhere("EVENT")
    rig.start().scan()
    assert "is a link" in rig.session.locking.lock(["42-3"], "hand").failed["42-3"]
    rig.scan()
    assert digest_of(path) == content
    assert sidecar_of(path).exists()
    assert list(rig.rows()) == ["42-3"]
    elsewhere.assert_untouched()


def test_a_clip_is_not_given_back_to_a_folder_elsewhere(rig: Rig, link_to_elsewhere: Callable[..., Elsewhere]) -> None:
    path = put_clip(rig.data, "42-3", kind="EVENT", lock=Lock(cause="hand", utc=None))
    elsewhere = link_to_elsewhere("VIDEO")
    rig.start().scan()
    assert "is a link" in rig.session.locking.unlock(["42-3"]).failed["42-3"]
    assert path.exists()
    elsewhere.assert_untouched()


def test_a_clip_is_not_dated_into_a_folder_elsewhere(rig: Rig, link_to_elsewhere: Callable[..., Elsewhere]) -> None:
    path = put_clip(rig.data, "42-3", started_ns=None)
    elsewhere = link_to_elsewhere("VIDEO")
    rig.start().scan()
    add_anchor(rig, 42, STARTED_NS + 60 * 10**9)
    rig.settle()
    assert path.exists()
    elsewhere.assert_untouched()


def test_a_folder_that_became_a_link_while_something_was_to_be_removed(rig: Rig, tmp_path: Path) -> None:
    """What waits to be tidied up or repaired is not looked for behind the link."""
    paths = [put_clip(rig.data, "42-3"), put_clip(rig.data, "42-4", stem="dcp_20261120150000", is_closed=False)]
    rig.start()
    rig.session.dirty.mark_everything()
    while rig.session.scan.step():
        pass
    day, moved = paths[0].parent, tmp_path / "moved"
    paths[0].unlink()
    (day / ".tmp-half.mp4").write_text("half")
    rig.session.dirty.mark_now([day])
    while rig.session.scan.step():
        pass
    day.rename(moved)
    day.symlink_to(moved)
    before = {path.name: path.read_bytes() for path in moved.iterdir()}
    for _ in range(10):
        rig.session.leftovers.step()
        rig.session.turn()
    rig.until(lambda: not rig.session.desk.is_busy)
    assert {path.name: path.read_bytes() for path in moved.iterdir()} == before
