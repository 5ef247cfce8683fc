"""Settings from their layers: built-in < /etc < saved from the page < `--set`.

A mistake never keeps the recorder from starting: the value of the layer below stays, and the mistake is told with its
full key and, where one comes to mind, the name that was meant.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from dashcam.errors import SettingsError
from dashcam.settings.describe import SettingFact, every_setting
from dashcam.settings.schema import Settings

SYSTEM_FILE = Path("/etc/dashcam/dashcam.toml")
SAVED_NAME = "settings.toml"


class LoadedSettings(msgspec.Struct, frozen=True):
    """The settings in force and every mistake that was found on the way, in words."""

    settings: Settings
    mistakes: tuple[str, ...] = ()


class _Collector:
    """Takes values layer by layer, keeps the good ones and the words about the others."""

    def __init__(self) -> None:
        self._facts: dict[str, SettingFact] = {fact.name: fact for fact in every_setting()}
        self._sections = {name.partition(".")[0] for name in self._facts}
        self.values: dict[str, dict[str, Any]] = {}
        self.mistakes: list[str] = []

    def take(self, key: str, value: Any, origin: str) -> None:
        fact = self._facts.get(key)
        if fact is None:
            self._complain(f"{origin}: there is no setting {key!r}{self._meant(key)}")
            return
        try:
            good = msgspec.convert(value, fact.type, strict=False)
        except msgspec.ValidationError as error:
            # A number given for a text (`camera.source=0`) is that text.
            if isinstance(value, int | float) and isinstance(fact.default, str):
                self.take(key, str(value), origin)
                return
            limits = f"; possible: {fact.limits}" if fact.limits else ""
            self._complain(f"{origin}: {key} = {value!r}: {error}{limits}")
            return
        try:
            if fact.check is not None:
                fact.check(good)
        except SettingsError as error:
            self._complain(f"{origin}: {error}")
            return
        section, _, name = key.partition(".")
        self.values.setdefault(section, {})[name] = good

    def take_tree(self, tree: Mapping[str, Any], origin: str) -> None:
        for section, content in tree.items():
            if isinstance(content, Mapping) and section in self._sections:
                for name, value in content.items():
                    self.take(f"{section}.{name}", value, origin)
            else:
                meant = difflib.get_close_matches(section, self._sections, 1)
                hint = f"; did you mean [{meant[0]}]?" if meant and meant[0] != section else ""
                self._complain(f"{origin}: there is no section [{section}]{hint}")

    def _complain(self, text: str) -> None:
        self.mistakes.append(text)

    def _meant(self, key: str) -> str:
        close = difflib.get_close_matches(key, self._facts, 1, 0.6)
        return f"; did you mean {close[0]!r}?" if close else ""


def _read_file(collector: _Collector, path: Path) -> None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        collector.mistakes.append(f"{path}: cannot be read: {error}")
        return
    try:
        collector.take_tree(tomllib.loads(text), str(path))
    except tomllib.TOMLDecodeError as error:
        collector.mistakes.append(f"{path}: {error}; its settings are not used")


def _value_of(text: str) -> Any:
    """`--set` values are TOML where that reads (numbers, true, "quoted"), else the text as it stands."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def load_settings(
    state: Path | None, assignments: Iterable[str] = (), system_file: Path = SYSTEM_FILE
) -> LoadedSettings:
    """The settings of this machine, of the state folder and of `--set section.name=value` assignments."""
    collector = _Collector()
    _read_file(collector, system_file)
    if state is not None:
        _read_file(collector, state / SAVED_NAME)
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            collector.mistakes.append(f"--set {assignment}: write section.name=value")
            continue
        collector.take(key.strip(), _value_of(text.strip()), "--set")
    return LoadedSettings(msgspec.convert(collector.values, Settings), tuple(collector.mistakes))
