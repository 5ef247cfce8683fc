"""Settings from their layers: built-in < /etc < saved from the page < boot partition (`[override]`) < `--set`.

A mistake never keeps the recorder from starting: the value of the layer below stays, and the mistake is told with its
full key and, where one comes to mind, the name that was meant.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from dashcam.errors import SettingsError
from dashcam.settings.describe import SettingFact, every_section, every_setting
from dashcam.settings.handwritten import Document, read_bytes, understand
from dashcam.settings.schema import Settings

SYSTEM_FILE = Path("/etc/dashcam/dashcam.toml")
SAVED_NAME = "settings.toml"

BOOT_FILE_VARIABLE = "DASHCAM_BOOT_FILE"
"""Where dashcam.toml on the boot partition may be, places parted by colons; set by the appliance's units alone."""
OVERRIDE = "override"
"""The section of the boot file that is read at every start; `dashcam network` takes over what is above it."""
MOST_MISTAKES = 40
"""Of a file that are told."""
BOOT_PLACE = "boot partition, dashcam.toml, "
"""Before what is wrong there."""
# What people write for a switch beside what TOML has.
_SWITCHES = {"yes": True, "on": True, "no": False, "off": False}

RUNS_PROGRAMS = frozenset({"events.command"})
"""On an appliance only what root has written counts, and `--set`: the page's program and whoever has had the card in
hand may write the other layers, and are not to run programs with the keeper's rights."""
_ROOT_ALONE = f"it runs a program, so it counts in {SYSTEM_FILE} alone; write it there and remove it here"

Origin = Literal["default", "system", "saved", "boot", "command"]
GIVEN: tuple[Origin, ...] = ("boot", "command")
"""What the page cannot change: it lies above what the page saves."""


class LoadedSettings(msgspec.Struct, frozen=True):
    """The settings in force and every mistake that was found on the way, in words."""

    settings: Settings
    mistakes: tuple[str, ...] = ()
    origins: dict[str, Origin] = {}
    """Where a setting's value comes from, by full name; what is not in here is the default."""
    saved: dict[str, Any] = {}
    """The good values that the page has saved, by full name, whether or not `--set` overrides them."""


def checked_value(fact: SettingFact, value: Any) -> Any:
    """The value as the setting has it; texts of forms are read as what they mean. Raises SettingsError."""
    given = value.strip() if isinstance(value, str) and fact.kind != "text" else value
    # A number given for a text (`camera.source=0`) is that text.
    if isinstance(given, int | float) and isinstance(fact.default, str):
        given = str(given)
    try:
        good = msgspec.convert(given, fact.type, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(fact.sentence() + _meant_choice(fact, value)) from error
    try:
        if fact.check is not None:
            fact.check(good)
    except SettingsError as error:
        raise SettingsError(str(error).removeprefix(f"{fact.name}: ")) from error
    return good


def meant(key: str, names: Iterable[str]) -> str:
    """`; did you mean 'camera.fps'?` for a name that is like one of these, else nothing."""
    close = difflib.get_close_matches(key, list(names), 1, 0.6)
    return f"; did you mean {close[0]!r}?" if close and close[0] != key else ""


def _meant_choice(fact: SettingFact, value: Any) -> str:
    return meant(value, [str(choice) for choice in fact.choices or ()]) if isinstance(value, str) else ""


class _Collector:
    """Takes values layer by layer, keeps the good ones and the words about the others."""

    def __init__(self) -> None:
        self._facts: dict[str, SettingFact] = {fact.name: fact for fact in every_setting()}
        self._sections = {fact.name for fact in every_section()}
        self.values: dict[str, dict[str, Any]] = {}
        self.origins: dict[str, Origin] = {}
        self.saved: dict[str, Any] = {}
        self.mistakes: list[str] = []

    def take(self, key: str, value: Any, origin: Origin, place: str) -> None:
        """`place`: where it was found, in words."""
        fact = self._facts.get(key)
        if fact is None:
            self.mistakes.append(f"{place}: there is no setting {key!r}{meant(key, self._facts)}")
            return
        try:
            good = checked_value(fact, value)
        except SettingsError as error:
            self.mistakes.append(f"{place}: {key} = {value!r}: {error}")
            return
        if key in RUNS_PROGRAMS and good and origin == "saved" and is_appliance():
            self.mistakes.append(f"{place}: {key}: {_ROOT_ALONE}")
            return
        self._keep(key, good, origin)

    def take_override(self, document: Document) -> None:
        """Of the boot partition's file the live part. A mistake there never repeats what was written."""
        for mistake in document.mistakes:
            if mistake.section[:1] == (OVERRIDE,):
                self.mistakes.append(f"{BOOT_PLACE}{mistake}")
        for found in document.statements:
            if found.section[:1] != (OVERRIDE,):
                continue
            place, key = f"{BOOT_PLACE}line {found.line}", ".".join((*found.section[1:], *found.key))
            fact = self._facts.get(key)
            if fact is None:
                hint = meant(key, self._facts) or "; write section.name = value, such as camera.rotation = 180"
                self.mistakes.append(f"{place}: there is no such setting{hint}")
                continue
            if key in RUNS_PROGRAMS:
                self.mistakes.append(f"{place}: {key}: {_ROOT_ALONE}")
                continue
            try:
                self._keep(key, handwritten_value(fact, found.value, found.text), "boot")
            except SettingsError as error:
                self.mistakes.append(f"{place}: {key}: {error}")

    def _keep(self, key: str, good: Any, origin: Origin) -> None:
        section, _, name = key.partition(".")
        self.values.setdefault(section, {})[name] = good
        self.origins[key] = origin
        if origin == "saved":
            self.saved[key] = good

    def take_tree(self, tree: Mapping[str, Any], origin: Origin, place: str) -> None:
        for section, content in tree.items():
            if isinstance(content, Mapping) and section in self._sections:
                for name, value in content.items():
                    self.take(f"{section}.{name}", value, origin, place)
            else:
                close = difflib.get_close_matches(section, self._sections, 1)
                hint = f"; did you mean [{close[0]}]?" if close and close[0] != section else ""
                self.mistakes.append(f"{place}: there is no section [{section}]{hint}")

    def read_file(self, path: Path, origin: Origin) -> None:
        try:
            self.take_tree(read_tree(path), origin, str(path))
        except SettingsError as error:
            self.mistakes.append(str(error))

    def read_boot_file(self, path: Path) -> None:
        """A boot partition that is not there changes nothing, nor does one that fails."""
        try:
            content = read_bytes(path)
        except OSError as error:
            self.mistakes.append(f"boot partition: {path} cannot be read: {error.strerror or error}")
            return
        if content is not None:
            document = understand(content)
            before = len(self.mistakes)
            self.take_override(document)
            self.mistakes[before:] = first_mistakes(self.mistakes[before:])


def handwritten_value(fact: SettingFact, value: Any, text: str) -> Any:
    """What somebody has written by hand, as the setting has it; `text`: as it is written. Raises SettingsError.

    The words do not repeat it: it may be a password in the wrong place.
    """
    if fact.kind == "bool":
        value = _SWITCHES.get(text.strip().lower(), value)
    elif fact.kind == "text":
        value = text
    try:
        return checked_value(fact, value)
    except SettingsError as error:
        raise SettingsError(fact.sentence() if text and text in str(error) else str(error)) from None


def first_mistakes(mistakes: Sequence[str]) -> tuple[str, ...]:
    """As many as somebody reads: a file that is something else altogether has one in every line."""
    more = len(mistakes) - MOST_MISTAKES
    return (*mistakes[:MOST_MISTAKES], *([f"and {more} more; mend these first"] if more > 0 else []))


def override_mistakes(document: Document) -> tuple[str, ...]:
    """What is wrong in the live part of a boot file."""
    collector = _Collector()
    collector.take_override(document)
    return first_mistakes(collector.mistakes)


def is_appliance() -> bool:
    """Whether units of an appliance have started us: programs of several users then write the state folder."""
    return bool(os.environ.get(BOOT_FILE_VARIABLE, ""))


def boot_file() -> Path | None:
    """The file on the boot partition, there or not; None where nobody has named one, as on a laptop."""
    places = [Path(name) for name in os.environ.get(BOOT_FILE_VARIABLE, "").split(":") if name]
    for path in places:
        if os.path.exists(path):  # noqa: PTH110 that of Path raises for a card that fails
            return path
    # A new one is expected where the first folder is.
    return next((path for path in places if os.path.isdir(path.parent)), None) or next(iter(places), None)  # noqa: PTH112


def read_tree(path: Path) -> dict[str, Any]:
    """The sections of a file; empty when there is none. Raises SettingsError when it cannot be read."""
    try:
        content = read_bytes(path)
        return {} if content is None else tomllib.loads(content.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: {error}; its settings are not used") from error


def _value_of(text: str) -> Any:
    """`--set` values are TOML where that reads (numbers, true, "quoted"), else the text as it stands."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def load_settings(
    state: Path | None,
    assignments: Iterable[str] = (),
    system_file: Path = SYSTEM_FILE,
    *,
    with_boot_file: bool = True,
) -> LoadedSettings:
    """The settings of this machine, of the state folder and of `--set section.name=value` assignments."""
    collector = _Collector()
    collector.read_file(system_file, "system")
    if state is not None:
        collector.read_file(state / SAVED_NAME, "saved")
    if with_boot_file and (path := boot_file()) is not None:
        collector.read_boot_file(path)
    return _loaded(collector, assignments)


def built_in_settings(assignments: Iterable[str] = ()) -> LoadedSettings:
    """The settings without any file: built-in ones and those of `--set`."""
    return _loaded(_Collector(), assignments)


def _loaded(collector: _Collector, assignments: Iterable[str]) -> LoadedSettings:
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            collector.mistakes.append(f"--set {assignment}: write section.name=value")
            continue
        collector.take(key.strip(), _value_of(text.strip()), "command", "--set")
    return LoadedSettings(
        msgspec.convert(collector.values, Settings), tuple(collector.mistakes), collector.origins, collector.saved
    )
