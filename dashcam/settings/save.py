"""What the page changes, checked as a whole and written to the state folder: all of it, or nothing."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import tomli_w

from dashcam.errors import CardError, SettingsError
from dashcam.files import make_folders, rename_new, unused_stem, write_durably
from dashcam.settings.describe import SettingFact, every_setting, value_of
from dashcam.settings.load import SAVED_NAME, SYSTEM_FILE, checked_value, load_settings, meant, read_tree
from dashcam.settings.quantity import bytes_of
from dashcam.settings.schema import Settings

log = logging.getLogger(__name__)

_LOCK_NAME = ".settings.lock"
_QUOTAS = ("storage.loop_quota", "storage.event_quota", "storage.photo_quota")
_FULL_PERCENT = 100


class SettingsRefused(SettingsError):
    """Nothing was saved. `fields`: what is wrong and its cure, by the full name of each bad setting."""

    code: ClassVar[str] = SettingsError.code

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("Nothing was saved. " + " ".join(f"{name}: {words}" for name, words in fields.items()))
        self.fields = dict(fields)


def save_changes(state: Path, changes: Mapping[str, Any], system_file: Path = SYSTEM_FILE) -> None:
    """Writes values by their full names to the saved settings; None removes one, what else is there stays.

    Raises SettingsRefused, naming every bad one, or CardError when the state folder cannot be written.
    """
    good = _checked(changes)
    try:
        with _locked(state):
            disagreements = _disagreements(_settings_with(state, good, system_file), changes)
            if disagreements:
                raise SettingsRefused(disagreements)
            path = state / SAVED_NAME
            tree = _tree_to_change(path)
            _put(tree, good)
            write_durably(path, tomli_w.dumps(tree).encode())
    except OSError as error:
        raise CardError(
            f"The settings could not be saved in {state}: {error.strerror or error}. Nothing was changed; "
            "check that the card is not full and can be written."
        ) from error
    log.info("saved settings: %s", ", ".join(sorted(changes)) or "none")


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    facts = {fact.name: fact for fact in every_setting()}
    good: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in changes.items():
        try:
            good[name] = _checked_one(facts, name, value)
        except SettingsError as error:
            wrong[name] = _as_sentence(str(error))
    if wrong:
        raise SettingsRefused(wrong)
    return good


def _checked_one(facts: Mapping[str, SettingFact], name: str, value: Any) -> Any:
    fact = facts.get(name)
    if fact is None:
        raise SettingsError(f"there is no setting {name!r}{meant(name, facts)}")
    if value is None:
        return None
    good = checked_value(fact, value)
    if isinstance(good, str) and not good.isprintable():
        raise SettingsError("write it in one line, without control characters")
    return good


def _as_sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?")) else ".")


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    """One at a time, of all threads and programs; the lock goes with the process however that ends."""
    make_folders(state)
    descriptor = os.open(state / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with suppress(OSError):  # a file system that knows no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _tree_to_change(path: Path) -> dict[str, Any]:
    """What is saved. A file that cannot be understood is kept under another name, for whoever wrote it."""
    try:
        return read_tree(path)
    except SettingsError as error:
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        stem = unused_stem("settings-unreadable", lambda stem: os.path.lexists(path.with_name(f"{stem}.toml")))
        aside = path.with_name(f"{stem}.toml")
        rename_new(path, aside)
        log.warning("%s; it is kept as %s", error, aside.name)
        return {}


def _put(tree: dict[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        section, _, field = name.partition(".")
        if not isinstance(tree.get(section), dict):
            tree[section] = {}
        content = tree[section]
        if value is None:
            content.pop(field, None)
        else:
            content[field] = value
        if not content:
            del tree[section]


def _settings_with(state: Path, values: Mapping[str, Any], system_file: Path) -> Settings:
    """The settings as they would be without `--set`, which is not there for ever."""
    below, saved = load_settings(None, (), system_file).settings, load_settings(state, (), system_file).settings
    sections = {name: msgspec.structs.asdict(getattr(saved, name)) for name in Settings.__struct_fields__}
    for name, value in values.items():
        section, _, field = name.partition(".")
        sections[section][field] = value_of(below, name) if value is None else value
    return msgspec.convert(sections, Settings)


def _disagreements(settings: Settings, changed: Iterable[str]) -> dict[str, str]:
    """What is wrong with values that are right each by itself; only where one of them has just been changed."""
    names = set(changed)
    wrong: dict[str, str] = {}
    camera = settings.camera
    if names & {"camera.width", "camera.height"} and bool(camera.width) != bool(camera.height):
        missing = "camera.height" if camera.width else "camera.width"
        wrong[missing] = "Give width and height together, or 0 for both: the camera's own choice."
    if names & {"camera.kind", "camera.source"} and camera.kind == "replay" and not Path(camera.source).is_file():
        named = repr(camera.source) if camera.source else "nothing"
        wrong["camera.source"] = f"A replay needs a video file, and {named} is none on this machine."
    shares = [quota for name in _QUOTAS if (quota := str(value_of(settings, name))).rstrip().endswith("%")]
    percent = sum(bytes_of(share, _FULL_PERCENT) for share in shares)
    if percent > _FULL_PERCENT:
        words = f"The shares of loop clips, events and photos come to {percent} %; leave at most 100 % together."
        wrong |= dict.fromkeys([name for name in _QUOTAS if name in names], words)
    return wrong
