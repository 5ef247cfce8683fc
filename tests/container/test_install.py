"""scripts/install on a whole Debian: a second run changes nothing, and --remove leaves nothing but the clips."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.container.listing import listing

_SCRIPT = Path(__file__).parent / "install-again-and-remove"
_CLIPS = ("/data", "/data/DCIM", "/data/DCIM/VIDEO", "/data/DCIM/VIDEO/2026-11-20")
_CLIP = "/data/DCIM/VIDEO/2026-11-20/dcp_20261120154500.mp4"
# What userdel and groupdel keep of how it was before their last change.
_BACKUPS = tuple(f"'/etc/{name}-'" for name in ("passwd", "shadow", "group", "gshadow"))


@pytest.fixture(scope="module")
def removed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with what was said and is left after a second installation and a removal."""
    work = tmp_path_factory.mktemp("removed")
    words = ["unshare", "--mount", "--propagation", "private", "--"]
    words += [str(_SCRIPT), str(CHECKOUT / "scripts" / "install"), str(tree), str(work)]
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return work


def test_second_run_has_nothing_to_do(removed: Path) -> None:
    told = [line for line in (removed / "again").read_text().splitlines() if "left out, as this is no" not in line]
    assert told == ["dashcam: all was as it should be"]


def test_removal_leaves_the_system_as_it_was_but_for_clips(removed: Path, plain_tree: Path) -> None:
    left = {line for line in (removed / "listing").read_text().splitlines() if not line.startswith(_BACKUPS)}
    before = {f"{name!r} {words}" for name, words in listing(plain_tree).items()}
    before = {line for line in before if not line.startswith(_BACKUPS)}
    assert len(before) > 5000
    assert sorted(before - left) == [], "all that was there is as it was"
    added = {line.split("'")[1]: line.split("'")[2].split()[:2] for line in left - before}
    assert sorted(added) == sorted([*_CLIPS, _CLIP]), "the clip is all that is left"
    assert added[_CLIP] == ["-rw-r--r--", "0:0"], "the numbers of our users may be given to others"


def test_second_removal_has_nothing_to_do(removed: Path) -> None:
    assert "it is not installed here" in (removed / "removed-again").read_text()
