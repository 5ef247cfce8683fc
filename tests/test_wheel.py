"""The package as pip makes it of a checkout: with the pages and the templates, which lie beside it here."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dashcam.appliance.python import SOURCES, PythonEnvironment, source_mark

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(name="files", scope="module")
def files_fixture(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What is in the wheel, made of nothing but what the installer copies."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = PythonEnvironment(checkout=str(CHECKOUT), mark="", has_system_packages=False)
    environment.copy_sources(folder)
    # As the installer does: pip fetches setuptools, or has it from the last time.
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*words, f"--wheel-dir={folder}", str(folder / "source")], check=True, timeout=280)
    (wheel,) = folder.glob("dashcam-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files_below(name: str) -> set[str]:
    return {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".tmp-")
    }


def shared(files: set[str], name: str) -> set[str]:
    """Those that are installed below share/dashcam, named as in the checkout."""
    mark = ".data/data/share/dashcam/"
    return {file.partition(mark)[2] for file in files if file.partition(mark)[2].startswith(f"{name}/")}


@pytest.mark.parametrize("name", ["www", "netconfig"])
def test_the_wheel_has_what_lies_beside_the_package(files: set[str], name: str) -> None:
    assert files_below(name)
    assert shared(files, name) == files_below(name)


def test_the_wheel_has_the_package_and_its_command(files: set[str]) -> None:
    modules = {file for file in files_below("dashcam") if file.endswith((".py", "py.typed"))}
    assert modules <= files
    assert any(file.endswith("entry_points.txt") for file in files)


def test_every_change_of_the_program_makes_another_environment(tmp_path: Path) -> None:
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if (CHECKOUT / name).is_dir():
            (tmp_path / name).mkdir()
            (tmp_path / name / "file.py").write_text("1")
        else:
            (tmp_path / name).write_text("1")
    marks = {source_mark(tmp_path, "3.11", False), source_mark(tmp_path, "3.13", False)}
    marks.add(source_mark(tmp_path, "3.11", True))
    for name in SOURCES:
        path = tmp_path / name
        (path / "file.py" if path.is_dir() else path).write_text("2")
        marks.add(source_mark(tmp_path, "3.11", False))
    assert len(marks) == 3 + len(SOURCES)
    (tmp_path / "dashcam/__pycache__").mkdir()
    (tmp_path / "dashcam/__pycache__/file.pyc").write_text("3")
    (tmp_path / "dashcam/.tmp-1-file.py").write_text("3")
    assert source_mark(tmp_path, "3.11", False) in marks, "what is not part of it does not count"
