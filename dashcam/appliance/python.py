"""The Python environment below /opt/dashcam: made beside the old one, then put in its place in one step."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from dashcam.appliance.change import Memory
from dashcam.appliance.files import make_missing, missing_folders, remove_made
from dashcam.appliance.machine import Machine
from dashcam.errors import DashcamError
from dashcam.system.appliance import PROGRAM_FOLDER

SOURCES = ("dashcam", "www", "netconfig", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
"""What of a checkout makes the package."""
ENVIRONMENT = PROGRAM_FOLDER / "venv"
"""A link to the environment in use."""
# Part of the name of an environment: count it up when it is made differently.
_FORMAT = 2
_BUILD = PROGRAM_FOLDER / "build"
# A card without clock and a root that may be read-only: a .pyc that is held against its source's time would be
# thought stale. What cannot be compiled (templates of other packages) is none of ours.
COMPILE = (
    "import compileall, py_compile, sys;"
    "compileall.compile_dir(sys.argv[1], quiet=2, force=True,"
    " invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)"
)
"""A program that compiles all below the folder that it is given."""


def source_mark(checkout: Path, python: str, has_system_packages: bool) -> str:
    """Names an environment after all that goes into it."""
    digest = hashlib.sha256(f"{_FORMAT} {python} {has_system_packages}".encode())
    for name in SOURCES:
        top = checkout / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            inside = path.relative_to(checkout)
            if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
                digest.update(f"{inside}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class PythonEnvironment:
    """The package with the libraries it needs, compiled."""

    checkout: str
    mark: str
    has_system_packages: bool
    """On a Raspberry Pi numpy, pillow and picamera2 are Debian's."""
    wheels: str = ""
    """A folder of wheels (with setuptools among them) to take instead of PyPI."""

    @property
    def key(self) -> str:
        """There is one."""
        return "python"

    def words(self) -> str:
        """What is made."""
        source = f"from {self.wheels}" if self.wheels else "from PyPI, which takes a few minutes"
        return f"install the program with its Python libraries in {PROGRAM_FOLDER} ({source}) and compile it"

    @property
    def _name(self) -> str:
        return f"venv-{self.mark}"

    def is_done(self, machine: Machine) -> bool:
        """Whether the link shows to the environment of this very source."""
        link = machine.path(ENVIRONMENT)
        return link.is_symlink() and str(link.readlink()) == self._name and link.joinpath("bin/dashcam").exists()

    def remember(self, machine: Machine) -> Memory:
        """Nothing of it was there before, but perhaps the folder."""
        return {"made": missing_folders(machine, str(PROGRAM_FOLDER))}

    def apply(self, machine: Machine) -> None:
        """Makes the new one, lets it show that it runs, puts it in place and removes the old ones."""
        make_missing(machine, str(PROGRAM_FOLDER))
        folder, build = PROGRAM_FOLDER / self._name, machine.path(_BUILD)
        for leftover in (build, machine.path(folder)):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            self.copy_sources(build)
            self._fill(machine, str(folder))
        finally:
            shutil.rmtree(build, ignore_errors=True)
        link, new = machine.path(ENVIRONMENT), machine.path(PROGRAM_FOLDER / "venv.new")
        new.unlink(missing_ok=True)
        new.symlink_to(self._name)
        os.replace(new, link)
        for old in machine.path(PROGRAM_FOLDER).glob("venv-*"):
            if old.name != self._name:
                shutil.rmtree(old, ignore_errors=True)

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Removes the program folder."""
        folder = machine.path(PROGRAM_FOLDER)
        for path in (folder / "venv", folder / "venv.new"):
            path.unlink(missing_ok=True)
        for path in (*folder.glob("venv-*"), machine.path(_BUILD)):
            shutil.rmtree(path, ignore_errors=True)
        remove_made(machine, memory)

    def copy_sources(self, build: Path) -> None:
        """The sources, without what a checkout has beside them; only `build` is visible inside."""
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        source = build / "source"
        source.mkdir(parents=True)
        for name in SOURCES:
            origin = Path(self.checkout, name)
            if origin.is_dir():
                shutil.copytree(origin, source / name, ignore=ignored)
            else:
                shutil.copy(origin, source / name)
        if self.wheels:
            shutil.copytree(self.wheels, build / "wheels", ignore=ignored)

    def _fill(self, machine: Machine, folder: str) -> None:
        python = f"{folder}/bin/python"
        shared = ["--system-site-packages"] if self.has_system_packages else []
        machine.inside(["/usr/bin/python3", "-m", "venv", *shared, folder])
        origin = ["--no-index", "--find-links", f"{_BUILD}/wheels"] if self.wheels else []
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
        machine.inside([*pip, "install", "--no-cache-dir", "--no-compile", "--quiet", *origin, f"{_BUILD}/source"])
        # Another version gets an environment of its own: in this one nothing is ever installed again.
        machine.inside([*pip, "uninstall", "--yes", "--quiet", "pip", "setuptools"])
        machine.inside([python, "-I", "-c", COMPILE, f"{folder}/lib"])
        said = machine.inside([f"{folder}/bin/dashcam", "--version"])
        if not said.startswith("dashcam "):
            raise DashcamError(f"the program that was installed in {folder} does not start: {said}")
