"""The tests themselves: every one is collected, and no file grows beyond what can be read at once."""

from __future__ import annotations

import ast
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDERS = ("dashcam", "tests", "scripts", "www")
# Beyond this a file is about more than one thing.
LONGEST_FILE_LINES = 350


def python_files(folder: str) -> list[Path]:
    """Every Python module below a folder of the checkout."""
    return sorted((CHECKOUT / folder).rglob("*.py"))


def test_tests_are_only_where_pytest_looks() -> None:
    """A test in a file or class of another name would never run, and nobody would notice."""
    lost = []
    for path in python_files("tests"):
        for parent in ast.walk(ast.parse(path.read_text())):
            for node in ast.iter_child_nodes(parent):
                if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                    continue
                in_class = isinstance(parent, ast.ClassDef) and parent.name.startswith("Test")
                if not path.name.startswith("test_") or not (isinstance(parent, ast.Module) or in_class):
                    lost.append(f"{path.relative_to(CHECKOUT)}: {node.name}")
    assert not lost


def test_no_two_tests_of_one_file_have_the_same_name() -> None:
    for path in python_files("tests"):
        names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), path


def test_every_folder_of_modules_is_a_package() -> None:
    """Without `__init__.py` two files of one name hide each other."""
    folders = {path.parent for top in ("dashcam", "tests") for path in python_files(top)}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_no_file_is_too_long() -> None:
    suffixes = {".py", ".js", ".css", ".html", ""}
    found = [path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*") if path.suffix in suffixes]
    lengths = {
        str(path.relative_to(CHECKOUT)): path.read_bytes().count(b"\n")
        for path in found
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}
