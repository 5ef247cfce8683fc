"""Who may import whom. The floors of the house, from the ground up: each knows only those below it.

Contracts are the exception: types that cross floors and know nothing of where they are used.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "dashcam"

# On one floor nobody imports a neighbour: cameras know nothing of GPS, the page nothing of the recorder.
FLOORS: tuple[set[str], ...] = (
    {"errors", "clock", "place", "moment", "files", "worker", ""},
    {"settings", "system"},
    {"options", "link", "media"},
    {"camera", "gps", "network", "sensors"},
    {"clips"},
    {"motion", "archive"},
    {"recorder", "keeper", "web"},
    {"run", "check", "scan", "appliance"},
    {"command_line"},
    {"cli"},
    {"__main__"},
)
GROUND_ORDER = ("", "errors", "clock", "place", "moment", "files", "worker")
CONTRACTS = {
    "dashcam.camera.base",
    "dashcam.clips.clip",
    "dashcam.clips.event",
    "dashcam.clips.names",
    "dashcam.clips.row",
    "dashcam.clips.save_request",
    "dashcam.clips.sidecar",
    "dashcam.clips.track_summary",
}
PROGRAMS = {"recorder", "keeper", "web", "network"}
# The packages that may import a library; an empty set: nobody.
LIBRARIES: dict[str, set[str]] = {
    "av": {"media", "camera"},
    "numpy": {"camera", "motion"},
    "picamera2": {"camera"},
    "libcamera": {"camera"},
    "watchdog": {"keeper"},
    # The catalogue is of clips; the keeper puts a broken one right, the page will have its accounts.
    "sqlite3": {"clips", "keeper", "web"},
    "bottle": {"web"},
    "cheroot": {"web"},
    "segno": {"system"},
    "nmcli": {"network"},
    "smbprotocol": {"check"},
    "smbclient": {"check"},
    "zipstream": {"web"},
    "jeepney": {"system"},
    "serial": {"gps"},
    "pynmea2": {"gps"},
    "gpxpy": {"gps"},
    "gpiozero": {"sensors"},
    "multiprocessing": {"link"},
    "subprocess": {"system"},
    "pickle": set(),
}
# Each is known to one module, so that the next one can stand in for it.
IN_ONE_MODULE = (
    "picamera2",
    "libcamera",
    "cheroot",
    "watchdog",
    "segno",
    "nmcli",
    "zipstream",
    "jeepney",
    "serial",
    "pynmea2",
    "gpxpy",
    "gpiozero",
)


@cache
def modules() -> dict[str, tuple[str, ...]]:
    """Every module of the package with what it imports, by full name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = tuple(imports_of(ast.parse(path.read_text())))
    return found


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            assert node.module is not None
            # `from dashcam.link import messages` imports a module, `from dashcam.clock import NAME` does not.
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = (PACKAGE.parent / Path(*inner.split("."))).with_suffix(".py").exists()
                yield inner if is_module else node.module


def package_of(module: str) -> str:
    """`camera` of `dashcam.camera.base`; empty for `dashcam` itself."""
    return module.split(".")[1] if "." in module else ""


def floor_of(package: str) -> int:
    return next((number for number, floor in enumerate(FLOORS) if package in floor), -1)


def inner_imports() -> Iterator[tuple[str, str]]:
    for module, imports in modules().items():
        for imported in imports:
            if imported.split(".")[0] == "dashcam":
                yield module, imported


def test_there_is_something_to_look_at() -> None:
    assert len(modules()) > 50
    assert ("dashcam.cli", "dashcam.options") in set(inner_imports())
    assert ("dashcam.link.client", "dashcam.link.messages") in set(inner_imports())


def test_every_package_has_its_floor() -> None:
    assert {package_of(module) for module in modules() if floor_of(package_of(module)) < 0} == set()


def test_nobody_imports_a_neighbour_or_from_above() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, imported in inner_imports()
        if package_of(module) != package_of(imported)
        and floor_of(package_of(imported)) >= floor_of(package_of(module)) > 0
        and imported not in CONTRACTS
    ]
    assert wrong == []


def test_the_ground_floor_has_an_order_too() -> None:
    ground = [
        (package_of(module), package_of(imported))
        for module, imported in inner_imports()
        if floor_of(package_of(module)) == 0
    ]
    assert ground
    for package, imported in ground:
        assert GROUND_ORDER.index(imported) < GROUND_ORDER.index(package)


def test_contracts_know_only_the_ground_floor_and_each_other() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, imported in inner_imports()
        if module in CONTRACTS and imported not in CONTRACTS and floor_of(package_of(imported)) > 0
    ]
    assert wrong == []
    assert set(modules()) >= CONTRACTS


def test_the_parent_starts_programs_and_imports_none() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, imported in inner_imports()
        if package_of(module) == "run" and package_of(imported) in PROGRAMS
    ]
    assert wrong == []


def outer_imports(library: str) -> set[str]:
    return {
        module for module, imports in modules().items() for imported in imports if imported.split(".")[0] == library
    }


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    assert {module for module in outer_imports(library) if package_of(module) not in LIBRARIES[library]} == set()


@pytest.mark.parametrize("library", IN_ONE_MODULE)
def test_one_module_knows_the_library(library: str) -> None:
    assert len(outer_imports(library)) <= 1


def test_nobody_sets_the_clock_but_the_system_itself() -> None:
    """The network program asks timedated, which asks polkit; no program of ours could, by a mistake of its own."""
    setters = {"clock_settime", "clock_settime_ns", "clock_adjtime", "settimeofday", "timedatectl"}
    wrong = [
        str(path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if setters & set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    ]
    assert wrong == []


# What takes seconds and tens of megabytes, and has no business in a program that only talks or deletes.
HEAVY = ("numpy", "av", "picamera2", "libcamera")
IMPORT_ALL = """
import importlib, pkgutil, sys
import dashcam.cli
for package in sys.argv[1:]:
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(found.name)
print(*sorted(set(name.partition(".")[0] for name in sys.modules)))
"""


def loaded_by(*packages: str) -> set[str]:
    command = [sys.executable, "-c", IMPORT_ALL, *packages]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=PACKAGE.parent)
    return set(result.stdout.split())


def test_the_page_loads_nothing_heavy() -> None:
    loaded = loaded_by("dashcam.web")
    assert {"bottle", "cheroot"} <= loaded
    assert loaded.isdisjoint({*HEAVY, "PIL"})


def test_the_parent_loads_nothing_heavy() -> None:
    loaded = loaded_by("dashcam.run")
    assert "msgspec" in loaded
    assert loaded.isdisjoint({*HEAVY, "PIL", "bottle", "cheroot", "sqlite3"})


def test_the_command_line_alone_loads_next_to_nothing() -> None:
    assert loaded_by().isdisjoint({*HEAVY, "PIL", "bottle", "cheroot", "sqlite3", "segno", "multiprocessing"})
