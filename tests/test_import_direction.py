"""Who may import whom: downwards only, and the programs never each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "dashcam"

# From the ground up. A package imports from those below it and from itself. Of the packages in one line those of
# NEIGHBOURS never import each other.
LEVELS = (
    ("settings", "system", "link", "media"),
    ("camera", "gps", "network", "clips", "options"),
    ("motion", "archive"),
    ("recorder", "keeper", "web"),
    ("run", "check"),
)
NEIGHBOURS = ({"camera", "gps", "network"}, {"recorder", "keeper", "web", "network"})
# Above everything: they put the programs together.
ROOFS = {"cli", "__main__"}
# Plain data that the links carry too. They import only the ground floor and each other.
CONTRACTS = {"clips.clip", "clips.row", "clips.save_request", "clips.sidecar"}
# The one module that imports a library of hardware.
HARDWARE = {"picamera2": "camera.picamera", "libcamera": "camera.picamera"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the package by its name without `dashcam.`, parsed."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), ast.parse(path.read_text())


def imports(tree: ast.AST) -> Iterator[str]:
    """The names a module needs when it runs. What only the type checker reads makes nobody depend on anything."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from (name for part in node.orelse for name in imports(part))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports say the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from imports(node)


def own_imports(name: str, tree: ast.Module) -> set[str]:
    """What a module needs of our package, as `package.module`."""
    found = {wanted.removeprefix("dashcam.") for wanted in imports(tree) if wanted.startswith("dashcam.")}
    assert name not in found, "imports itself"
    return found


def height(name: str) -> int:
    """0 for the ground floor, the modules that lie in no package; the more, the higher."""
    package = name.split(".")[0]
    if package in ROOFS:
        return len(LEVELS) + 1
    return next((level for level, packages in enumerate(LEVELS, 1) if package in packages), 0)


def is_contract(wanted: str) -> bool:
    """Whether an import is one of the contracts, or a name from one."""
    return any(wanted == contract or wanted.startswith(f"{contract}.") for contract in CONTRACTS)


def trouble(name: str, wanted: str) -> str | None:
    """What is wrong with a module importing another, if anything is."""
    package, other = name.split(".")[0], wanted.split(".")[0]
    if package == other or (is_contract(wanted) and height(name) > 0):
        return None
    if any({package, other} <= neighbours for neighbours in NEIGHBOURS):
        return f"{name} imports {wanted}: {package} and {other} never import each other"
    if height(other) > height(package):
        return f"{name} imports {wanted}, which is above it"
    return None


def test_every_package_has_a_level() -> None:
    known = {package for packages in LEVELS for package in packages}
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} <= known


def test_imports_go_down() -> None:
    wrong = [trouble(name, wanted) for name, tree in modules() for wanted in sorted(own_imports(name, tree))]
    assert not list(filter(None, wrong))


def test_contracts_stand_on_the_ground() -> None:
    for name, tree in modules():
        if name in CONTRACTS:
            above = [wanted for wanted in own_imports(name, tree) if height(wanted) > 0 and not is_contract(wanted)]
            assert not above, name


@pytest.mark.parametrize("library", HARDWARE)
def test_one_module_imports_a_hardware_library(library: str) -> None:
    users = {name for name, tree in modules() for wanted in imports(tree) if wanted.split(".")[0] == library}
    assert users <= {HARDWARE[library]}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("errors", "settings"),
        ("media.clip_file", "camera.base.Packet"),
        ("camera.usb", "gps.base"),
        ("link.server", "clips.catalogue"),
        ("keeper.service", "recorder.writer"),
        ("web.app", "cli"),
    ],
)
def test_this_test_would_notice(name: str, wanted: str) -> None:
    assert trouble(name, wanted) is not None
