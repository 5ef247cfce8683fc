"""What cannot be used goes to BROKEN with a note in plain words: never silently away, never over another file."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.removal import remove_belongings
from dashcam.files import make_folders, rename_new, sync_folder, unused_stem, write_durably
from dashcam.keeper.listing import is_usable_name, split_name

log = logging.getLogger(__name__)

_LONGEST_STEM_CHARACTERS = 60


def plain_name(name: str) -> str:
    """A file's name as it can be printed anywhere: what is no plain text is a question mark."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in os.fsencode(name).decode(errors="replace"))
    return shown if len(shown) <= _LONGEST_STEM_CHARACTERS * 2 else f"{shown[: _LONGEST_STEM_CHARACTERS * 2]}..."


def move_to_broken(card: CardFolders, path: Path, reason: str, utc: str | None) -> Path:
    """Moves a file to BROKEN and puts a note beside it; gives its new place. Raises OSError."""
    make_folders(card.broken)
    stem, suffix = split_name(path.name.lstrip("."))
    if not is_usable_name(path.name):
        stem = "".join(letter if letter.isalnum() else "_" for letter in plain_name(stem))[:_LONGEST_STEM_CHARACTERS]
        suffix = suffix if suffix.isascii() and suffix.isprintable() else ""

    def is_taken(candidate: str) -> bool:
        names = (f"{candidate}{suffix}", f"{candidate}.txt", f"{candidate}.json")
        return any(os.path.lexists(card.broken / name) for name in names)

    target = card.broken / f"{unused_stem(stem or 'file', is_taken)}{suffix}"
    # The note first: a note without its file harms nobody.
    write_durably(target.with_suffix(".txt"), _note(card, path, reason, utc).encode())
    old_sidecar = sidecar_of(path)
    rename_new(path, target)
    sync_folder(target.parent)
    sync_folder(path.parent)
    if card.kind_of(path) is not None and old_sidecar.exists():
        rename_new(old_sidecar, target.with_suffix(".json"))
        remove_belongings(card, path)
    log.warning("%s cannot be used (%s); it is in BROKEN now", plain_name(path.name), reason)
    return target


def _note(card: CardFolders, path: Path, reason: str, utc: str | None) -> str:
    when = f" on {utc}" if utc else ""
    return (
        f"{plain_name(path.name)}\n"
        f"was found in {plain_name(card.relative(path.parent)) if path.parent != card.dcim else 'DCIM'}{when} "
        f"and cannot be used: {reason}.\n\n"
        "It was not changed, only moved here. A recovery program may still get something out of it.\n"
        "It is never deleted by itself: delete it when you do not need it.\n"
    )
