"""A catalogue may be missing, damaged, of another version or replaced at any moment."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader, CatalogueState
from dashcam.clips.catalogue_tables import SCHEMA_VERSION, catalogue_path
from dashcam.clips.catalogue_writer import CatalogueLost, CatalogueWriter
from tests.clips.rows import ids, row

CHECKOUT = Path(__file__).resolve().parents[2]


def test_what_is_missing_is_being_built(tmp_path: Path) -> None:
    reader = CatalogueReader(tmp_path / "state")
    assert reader.state() == CatalogueState(0, True)
    with pytest.raises(CatalogueNotReady):
        reader.page()
    writer = CatalogueWriter(tmp_path / "state")
    writer.open()
    writer.put([row(1)])
    assert ids(reader.page().rows) == ["1-1"]
    assert reader.state().is_building
    reader.close()
    assert ids(reader.page().rows) == ["1-1"], "a closed reader opens again"


def test_a_reader_follows_to_a_catalogue_that_was_built_anew(
    tmp_path: Path, writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([row(1)])
    before = reader.state()
    for suffix in ("", "-wal", "-shm"):
        catalogue_path(tmp_path).with_name(catalogue_path(tmp_path).name + suffix).unlink()
    with pytest.raises(CatalogueNotReady):
        reader.page()
    with pytest.raises(CatalogueLost):
        writer.put([row(2)])
    with pytest.raises(CatalogueLost):
        writer.check()
    writer.open()
    writer.put([row(3)])
    assert ids(reader.page().rows) == ["1-3"]
    assert reader.state().generation != before.generation


def test_a_damaged_catalogue_is_not_ready_and_is_made_anew(
    tmp_path: Path, writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([row(number) for number in range(500)[1:]])
    writer.close()
    path = catalogue_path(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(CatalogueNotReady):
        reader.page()
    writer.open()
    assert not writer.is_complete
    assert reader.page().rows == ()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_what_is_no_catalogue_is_replaced(tmp_path: Path, content: bytes) -> None:
    catalogue_path(tmp_path).write_bytes(content)
    assert CatalogueReader(tmp_path).state().is_building
    writer = CatalogueWriter(tmp_path)
    writer.open()
    writer.put([row(1)])
    assert ids(CatalogueReader(tmp_path).page().rows) == ["1-1"]
    writer.close()


def test_a_catalogue_of_another_version_is_replaced(tmp_path: Path, writer: CatalogueWriter) -> None:
    writer.put([row(1)])
    writer.mark_complete(True)
    writer.close()
    with sqlite3.connect(catalogue_path(tmp_path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    assert CatalogueReader(tmp_path).state() == CatalogueState(0, True)
    writer.open()
    assert not writer.is_complete


def test_a_whole_catalogue_stays_when_it_is_opened_again(tmp_path: Path, writer: CatalogueWriter) -> None:
    writer.put([row(1)])
    writer.mark_complete(True)
    state = writer.state()
    writer.open()
    assert writer.state() == state
    assert writer.get("1-1") is not None


def test_a_catalogue_on_a_read_only_card_is_read(tmp_path: Path) -> None:
    state = tmp_path / "mounted"
    state.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(state)]
    if subprocess.run(mount, check=False, capture_output=True, timeout=30).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        writer = CatalogueWriter(state)
        writer.open()
        writer.put([row(1)])
        writer.close()
        subprocess.run(["mount", "-o", "remount,ro", str(state)], check=True, timeout=30)
        reader = CatalogueReader(state)
        assert ids(reader.page().rows) == ["1-1"]
        reader.close()
    finally:
        subprocess.run(["umount", "-l", str(state)], check=True, timeout=30)


def test_reading_imports_nothing_heavy() -> None:
    """The web process reads the catalogue and must stay small."""
    heavy = "{'av', 'numpy', 'PIL', 'watchdog', 'picamera2'} & set(sys.modules)"
    code = f"import sys, dashcam.clips.catalogue; print(sorted({heavy}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
