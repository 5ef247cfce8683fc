"""Deleting clips with all that belongs to them, in an order that a power cut cannot turn into a false trail."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dashcam.clips.links import refuse_link, unlink_if_ours
from dashcam.clips.names import PHOTO_SUFFIX, VIDEO_SUFFIX, CardFolders, sidecar_of
from dashcam.files import sync_folder


def twins_of(card: CardFolders, path: Path) -> list[Path]:
    """The places where another clip would share thumbnail and track with the one at `path`."""
    kind = card.kind_of(path)
    if kind is None or path.suffix == PHOTO_SUFFIX:
        return []
    return [
        card.of_kind(other) / path.parent.name / f"{path.stem}{VIDEO_SUFFIX}"
        for other in ("loop", "event")
        if other != kind
    ]


def belongings_of(card: CardFolders, path: Path) -> list[Path]:
    """What lies elsewhere for a clip or photo: its thumbnail and, of a clip, its track."""
    if path.suffix == PHOTO_SUFFIX:
        return [card.thumbnail_of(path)]
    return [card.thumbnail_of(path), card.track_of(path)]


def remove_thumbnail(card: CardFolders, path: Path) -> None:
    """Removes the thumbnail of a clip or photo, if it is not that of another one, too. Raises OSError."""
    if not any(os.path.lexists(twin) for twin in twins_of(card, path)):
        unlink_if_ours(card.thumbnail_of(path))


def remove_belongings(card: CardFolders, path: Path) -> None:
    """Removes thumbnail, track and, last, the sidecar of a clip that is gone. What is not there does not matter.

    The sidecar is the witness: while it is there without its clip, a scan finishes this. Raises OSError.
    """
    if not any(os.path.lexists(twin) for twin in twins_of(card, path)):
        for belonging in belongings_of(card, path):
            unlink_if_ours(belonging)
    unlink_if_ours(sidecar_of(path))


def remove_clips(card: CardFolders, paths: Iterable[Path]) -> dict[Path, OSError]:
    """Deletes clips and photos; gives those that could not be, and why.

    A clip without its sidecar would look cut off, so the clips go first and their going is made durable.
    """
    failed: dict[Path, OSError] = {}
    gone: list[Path] = []
    for path in paths:
        try:
            refuse_link(path)
            path.unlink(missing_ok=True)
            gone.append(path)
        except OSError as error:
            failed[path] = error
    for folder in {path.parent for path in gone if path.parent.is_dir()}:
        sync_folder(folder)
    for path in gone:
        try:
            remove_belongings(card, path)
        except OSError as error:
            failed[path] = error
    return failed
