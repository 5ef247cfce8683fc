"""What the page changes, checked as a whole and written to the state folder: all of it, or nothing."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import tomli_w

from dashcam.errors import CardError, SettingsError
from dashcam.files import make_folders, rename_new, unused_stem, write_durably
from dashcam.settings.describe import SettingFact, every_setting, value_of
from dashcam.settings.load import SAVED_NAME, SYSTEM_FILE, checked_value, load_settings, meant, read_tree
from dashcam.settings.schema import Settings
from dashcam.settings.together import disagreements

log = logging.getLogger(__name__)

_LOCK_NAME = ".settings.lock"


class SettingsRefused(SettingsError):
    """Nothing was saved. `fields`: what is wrong and its cure, by the full name of each bad setting."""

    code: ClassVar[str] = SettingsError.code

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("Nothing was saved. " + " ".join(f"{name}: {words}" for name, words in fields.items()))
        self.fields = dict(fields)


def _nothing_more(_settings: Settings) -> dict[str, str]:
    """The default of who has no rules of its own."""
    return {}


def _agreed(_settings: Settings) -> None:
    """The default of who need not be asked."""


def save_changes(
    state: Path,
    changes: Mapping[str, Any],
    system_file: Path = SYSTEM_FILE,
    *,
    whole_bytes: int | None = None,
    refuse: Callable[[Settings], dict[str, str]] = _nothing_more,
    agree: Callable[[Settings], None] = _agreed,
) -> bool:
    """Writes values by their full names to the saved settings; None removes one, what else is there stays.

    `whole_bytes`: what the card offers clips. `refuse` gets the settings as they would be and gives what more is wrong
    with which; then `agree` may raise. False: nothing had to be written. Raises SettingsRefused, naming every bad one,
    or CardError when the state folder cannot be written.
    """
    good = _checked(changes)
    if not good:
        return False
    try:
        with _locked(state):
            wanted = _settings_with(state, good, system_file)
            # Its own rules first: they say what may be looked at.
            wrong = refuse(wanted) or disagreements(wanted, changes, whole_bytes)
            if wrong:
                raise SettingsRefused(wrong)
            agree(wanted)
            is_written = _write(state / SAVED_NAME, good)
    except OSError as error:
        raise CardError(
            f"The settings could not be saved in {state}: {error.strerror or error}. Nothing was changed; "
            "check that the card is not full and can be written."
        ) from error
    log.info("%s settings: %s", "saved" if is_written else "unchanged", ", ".join(sorted(changes)))
    return is_written


def _write(path: Path, values: Mapping[str, Any]) -> bool:
    """False, and the file as it was, when it has these values already."""
    tree = _tree_to_change(path)
    before = tomli_w.dumps(tree)
    _put(tree, values)
    after = tomli_w.dumps(tree)
    if after == before:
        return False
    write_durably(path, after.encode())
    return True


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
    # To be read is enough for a lock, also for programs that run as other users of the state's group.
    descriptor = os.open(state / _LOCK_NAME, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
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
