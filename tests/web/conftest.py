"""The real web server on a free port of 127.0.0.1, over a real card, with stand-ins for recorder and keeper."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.clips.row import ClipRow
from tests.web.sites import Site, Sites, clip_row


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    """Makes sites with their own settings; all are closed after the test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    maker = Sites(tmp_path)
    yield maker
    maker.close()


@pytest.fixture
def site(sites: Sites) -> Site:
    """A site with the default settings."""
    return sites.make()


@pytest.fixture
def clip(site: Site) -> tuple[ClipRow, bytes]:
    """A clip of a million bytes on the card, each eight of which say where they are."""
    content = b"".join(number.to_bytes(8) for number in range(125_000))
    return site.keeper.add(clip_row(17), content, thumbnail=os.urandom(2000)), content
