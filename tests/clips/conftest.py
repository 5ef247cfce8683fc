"""A catalogue that is written and read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_writer import CatalogueWriter


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[CatalogueWriter]:
    opened = CatalogueWriter(tmp_path)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def reader(tmp_path: Path, writer: CatalogueWriter) -> Iterator[CatalogueReader]:
    opened = CatalogueReader(tmp_path)
    yield opened
    opened.close()
