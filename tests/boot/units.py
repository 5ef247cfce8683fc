"""The files of boot/ as they are written: units, users, folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import CHECKOUT

BOOT = CHECKOUT / "boot"
UNIT_SUFFIXES = (".service", ".socket", ".target", ".slice")


def unit_files() -> list[Path]:
    """Every unit that is installed."""
    return sorted(path for path in BOOT.iterdir() if path.suffix in UNIT_SUFFIXES)


@dataclass(frozen=True)
class UnitFile:
    """What a unit file says, each key with all that was given to it, in order."""

    name: str
    sections: dict[str, dict[str, list[str]]]

    def words(self, section: str, key: str) -> list[str]:
        """Of a key that is a list; an empty assignment begins it anew."""
        words: list[str] = []
        for value in self.sections.get(section, {}).get(key, ()):
            words = [*words, *value.split()] if value else []
        return words

    def last(self, section: str, key: str, default: str = "") -> str:
        """Of a key that counts once."""
        return self.sections.get(section, {}).get(key, [default])[-1]

    def dependencies(self, key: str) -> list[str]:
        """Of the [Unit] section."""
        return self.words("Unit", key)


def read_unit(path: Path) -> UnitFile:
    """Parses it; continued lines are joined."""
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in _lines(path):
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        else:
            key, _, value = line.partition("=")
            section.setdefault(key.strip(), []).append(value.strip())
    return UnitFile(path.name, sections)


def _lines(path: Path) -> Iterator[str]:
    begun = ""
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if line.startswith(("#", ";")) or (not line and not begun):
            continue
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        yield begun + line
        begun = ""


@dataclass(frozen=True)
class Folder:
    """A line of tmpfiles.conf."""

    path: str
    mode: int
    user: str
    group: str


def folders() -> list[Folder]:
    """The folders of the appliance."""
    lines = [line.split() for line in _lines(BOOT / "tmpfiles.conf")]
    return [Folder(path, int(mode, 8), user, group) for kind, path, mode, user, group, _ in lines if kind == "d"]


def members() -> dict[str, set[str]]:
    """Further groups of each user of sysusers.conf."""
    found: dict[str, set[str]] = {}
    for line in _lines(BOOT / "sysusers.conf"):
        kind, name, *more = line.split()
        if kind == "u":
            found.setdefault(name, set())
        elif kind == "m":
            found.setdefault(name, set()).add(more[0])
    return found
