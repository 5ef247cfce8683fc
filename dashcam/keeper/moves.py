"""Moving a clip with all that belongs to it: locked, unlocked, renamed, sorted into its day.

The order survives a power cut anywhere: the new sidecar is durable at the target, then the clip is renamed without ever
replacing anything, then the old sidecar goes. A scan finds at most a sidecar without a clip, and removes it.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.links import lies_behind_link, refuse_link, unlink_if_ours
from dashcam.clips.names import CardFolders, day_of, sidecar_of, stem_of, temporary_of
from dashcam.clips.removal import belongings_of, remove_belongings, twins_of
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.errors import BadMedia
from dashcam.files import make_folders, rename_new, sync_folder, unused_stem, write_durably

# A track of a day's drive is far below it.
_LARGEST_BELONGING_BYTES = 16 * 1024 * 1024


def free_place(card: CardFolders, kind: ClipKind, day: str, stem: str, suffix: str, *, own: Path, clip_id: str) -> Path:
    """`<kind>/<day>/<stem><suffix>`, or the stem with `_2`, `_3`, ...: where nothing of that name is or grows.

    `own` is the file that the place is for. Its own names are not in its way, nor is a sidecar with its id that an
    interrupted move has left there.
    """
    own_names = {own, temporary_of(own), sidecar_of(own)}

    def is_taken(candidate: str) -> bool:
        path = card.of_kind(kind) / day / f"{candidate}{suffix}"
        places = [path, *twins_of(card, path)]
        files = {name for place in places for name in (place, temporary_of(place))} - own_names
        sidecars = {sidecar_of(place) for place in places} - own_names
        return any(os.path.lexists(name) for name in files) or any(_is_of_another(name, clip_id) for name in sidecars)

    return card.of_kind(kind) / day / f"{unused_stem(stem, is_taken)}{suffix}"


def place_for(
    card: CardFolders, kind: ClipKind, clip_id: ClipId, local: datetime | None, suffix: str, *, own: Path
) -> Path:
    """The free place that a clip's time asks for."""
    stem = stem_of(clip_id, local)
    return free_place(card, kind, day_of(local), stem, suffix, own=own, clip_id=str(clip_id))


def _is_of_another(sidecar_path: Path, clip_id: str) -> bool:
    try:
        return read_sidecar(sidecar_path).id != clip_id
    except FileNotFoundError:
        return False
    except (OSError, BadMedia):
        return True


def move_clip(
    card: CardFolders, source: Path, target: Path, sidecar: Sidecar, *, keeps_thumbnail: bool, was_ours: bool = True
) -> None:
    """Moves `source` to `target`, which must be a free place, with `sidecar` as its new sidecar.

    `was_ours`: what belongs to `source` is removed; not so for a file that people have just dropped in. Raises OSError;
    then the clip is where it was, or at the target with everything it needs.
    """
    refuse_link(source)
    refuse_link(target)
    make_folders(target.parent)
    if was_ours:
        # What lies at a free place already was left there by a move that was cut off, perhaps of another clip.
        _copy_belongings(card, source, target, keeps_thumbnail=keeps_thumbnail, replaces=True)
    write_sidecar(sidecar_of(target), sidecar)
    try:
        rename_new(source, target)
    except OSError:
        sidecar_of(target).unlink(missing_ok=True)
        raise
    for folder in {target.parent, source.parent}:
        sync_folder(folder)
    if was_ours:
        _remove_old_belongings(card, source, target)


def move_belongings(card: CardFolders, source: Path, target: Path) -> None:
    """After people have renamed a clip: its thumbnail and track follow. Raises OSError."""
    _copy_belongings(card, source, target, keeps_thumbnail=True, replaces=False)
    _remove_old_belongings(card, source, target)


def _remove_old_belongings(card: CardFolders, source: Path, target: Path) -> None:
    if card.thumbnail_of(source) == card.thumbnail_of(target):
        unlink_if_ours(sidecar_of(source))
    else:
        remove_belongings(card, source)


def _copy_belongings(card: CardFolders, source: Path, target: Path, *, keeps_thumbnail: bool, replaces: bool) -> None:
    """They are small, and copied before the clip is moved, so that at no moment the clip is without them."""
    for old, new in zip(belongings_of(card, source), belongings_of(card, target), strict=True):
        if replaces and new != old:
            unlink_if_ours(new)
        if keeps_thumbnail or old != card.thumbnail_of(source):
            _copy(old, new)


def _copy(source: Path, target: Path) -> None:
    if source == target or target.exists() or source.is_symlink() or not source.is_file():
        return
    if lies_behind_link(source) or lies_behind_link(target):
        return
    with open(source, "rb") as file:
        content = file.read(_LARGEST_BELONGING_BYTES)
    make_folders(target.parent)
    write_durably(target, content)
