"""What lies in one folder of the card, sorted by what it is. Links are not followed, hidden files left alone."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dashcam.clips.names import PHOTO_SUFFIX, SIDECAR_SUFFIX, VIDEO_SUFFIX
from dashcam.files import TEMPORARY_PREFIX
from dashcam.keeper.rows import FileFacts

MediaSuffix = Literal[".mp4", ".jpg"]

# Of the repair and of thumbnails in the making; nobody else's names begin so.
REPAIR_PREFIX = f"{TEMPORARY_PREFIX}repair-"
# What the recorder calls a clip before its first fragment is durable.
_OPENING_CLIP = re.compile(re.escape(TEMPORARY_PREFIX) + r"(dcp|boot\d+)_[^/]*\.mp4")
_SUFFIXES: dict[str, MediaSuffix] = {".mp4": ".mp4", ".m4v": ".mp4", ".jpg": ".jpg", ".jpeg": ".jpg"}
# Belongings have names a few bytes longer than the clip's, and 255 bytes is what file systems allow.
_LONGEST_NAME_BYTES = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a folder by their names."""

    media: dict[str, FileFacts] = field(default_factory=dict)
    """Videos and photos by their suffix, in any spelling."""
    sidecars: set[str] = field(default_factory=set)
    """Names without suffix."""
    opening: dict[str, FileFacts] = field(default_factory=dict)
    """Clips of the recorder that had no fragment yet, or that a dead recorder left so."""
    temporary: dict[str, FileFacts] = field(default_factory=dict)
    """Left over from writing something else."""
    folders: list[str] = field(default_factory=list)


def media_suffix(name: str) -> MediaSuffix | None:
    """`.mp4` or `.jpg` for what people call a video or photo, else None."""
    return _SUFFIXES.get(split_name(name)[1].lower())


def split_name(name: str) -> tuple[str, str]:
    """The name in front of its last dot, and the suffix with the dot; no suffix when there is none."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem else (name, "")


def is_usable_name(name: str) -> bool:
    """True for a name that can stay: text, not too long, and with the suffix spelt as ours."""
    return (
        name.isprintable()
        and len(os.fsencode(name)) <= _LONGEST_NAME_BYTES
        and split_name(name)[1] in (VIDEO_SUFFIX, PHOTO_SUFFIX)
    )


def list_folder(folder: Path) -> Listing:
    """Lists a folder; one that is missing is empty. Raises OSError when it cannot be read."""
    listing = Listing()
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return listing
    with entries:
        for entry in entries:
            _sort_in(entry, listing)
    return listing


def _sort_in(entry: os.DirEntry[str], listing: Listing) -> None:
    name = entry.name
    if name.startswith(".") and not name.startswith(TEMPORARY_PREFIX):
        return
    if entry.is_dir(follow_symlinks=False):
        listing.folders.append(name)
        return
    if not entry.is_file(follow_symlinks=False):
        return
    stem, suffix = split_name(name)
    if suffix == SIDECAR_SUFFIX and not name.startswith(TEMPORARY_PREFIX):
        listing.sidecars.add(stem)
        return
    place = _place_of(name, listing)
    if place is None:
        return
    try:
        place[name] = FileFacts.of(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return  # gone since the folder was read


def _place_of(name: str, listing: Listing) -> dict[str, FileFacts] | None:
    if not name.startswith(TEMPORARY_PREFIX):
        return listing.media if media_suffix(name) else None
    return listing.opening if _OPENING_CLIP.fullmatch(name) else listing.temporary
