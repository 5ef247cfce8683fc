"""The real web server on a free port of 127.0.0.1, over a real card, with stand-ins for recorder and keeper."""

from __future__ import annotations

import os

import pytest

from dashcam.clips.row import ClipRow
from tests.web.fixtures import site, sites
from tests.web.sites import Site, clip_row

# Found here by the tests of this folder.
__all__ = ["site", "sites"]


@pytest.fixture
def clip(site: Site) -> tuple[ClipRow, bytes]:
    """A clip of a million bytes on the card, each eight of which say where they are."""
    content = b"".join(number.to_bytes(8) for number in range(125_000))
    return site.keeper.add(clip_row(17), content, thumbnail=os.urandom(2000)), content
