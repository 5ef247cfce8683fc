"""Sites for tests: the real web server on a free port of 127.0.0.1, gone after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.sites import Site, Sites


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
