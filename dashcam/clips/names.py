"""Names on the card: where a clip, its sidecar, its thumbnail and its track lie, and what they are called.

Local time stands in names, as drivers expect; a name is never used twice (`_2`). Before the time is known a clip is
called after its id in the folder `undated`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.files import TEMPORARY_PREFIX

UNDATED = "undated"
_DATED_STEM = re.compile(r"dcp_(\d{14})(?:_\d+)?")
_UNDATED_STEM = re.compile(r"boot(\d{4,})_(k?)(\d{6,})(?:_\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# A time outside of these is a mistake, and has no four digits for the year in the end.
NAMED_YEARS = range(1970, 2100)

VIDEO_SUFFIX, PHOTO_SUFFIX, SIDECAR_SUFFIX, TRACK_SUFFIX = ".mp4", ".jpg", ".json", ".gpx"

_KIND_FOLDERS: dict[ClipKind, str] = {"loop": "VIDEO", "event": "EVENT", "photo": "PHOTO"}


def day_of(local: datetime | None) -> str:
    """The day folder of a local time: `2026-11-20`, or `undated` while it is unknown."""
    return UNDATED if local is None else f"{local:%Y-%m-%d}"


def is_day(name: str) -> bool:
    """True for what `day_of` makes."""
    return name == UNDATED or _DAY.fullmatch(name) is not None


def stem_of(clip_id: ClipId, local: datetime | None) -> str:
    """The name without suffix: `dcp_20261120154500`, or `boot0042_000003` while the time is unknown."""
    if local is None:
        return f"boot{clip_id.boot:04d}_{'k' if clip_id.by_keeper else ''}{clip_id.number:06d}"
    return f"dcp_{local:%Y%m%d%H%M%S}"


def id_in_stem(stem: str) -> ClipId | None:
    """The id that an undated name carries, else None."""
    match = _UNDATED_STEM.fullmatch(stem)
    return ClipId(int(match[1]), bool(match[2]), int(match[3])) if match else None


def is_own_stem(stem: str) -> bool:
    """True for what `stem_of` makes, with `_2` too; false for a name that people have given."""
    return local_time_in_stem(stem) is not None or id_in_stem(stem) is not None


def local_time_in_stem(stem: str) -> datetime | None:
    """The local time (without zone) that a dated name carries, else None."""
    match = _DATED_STEM.fullmatch(stem)
    try:
        return datetime.strptime(match[1], "%Y%m%d%H%M%S") if match else None  # noqa: DTZ007 the name has no zone
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class CardFolders:
    """The folders below the data folder, and the paths of what belongs to one clip."""

    data: Path

    @property
    def dcim(self) -> Path:
        """Everything that people see."""
        return self.data / "DCIM"

    @property
    def broken(self) -> Path:
        """What could not be repaired, each with a note."""
        return self.dcim / "BROKEN"

    @property
    def thumbnails(self) -> Path:
        """Thumbnails of clips and photos, by day."""
        return self.dcim / "THUMB"

    @property
    def tracks(self) -> Path:
        """GPX tracks, by day."""
        return self.dcim / "TRACK"

    def of_kind(self, kind: ClipKind) -> Path:
        """VIDEO, EVENT or PHOTO."""
        return self.dcim / _KIND_FOLDERS[kind]

    def kind_of(self, path: Path) -> ClipKind | None:
        """The kind of a file by the folder it lies in; None outside VIDEO, EVENT and PHOTO."""
        try:
            top = path.relative_to(self.dcim).parts[0]
        except (ValueError, IndexError):
            return None
        return next((kind for kind, folder in _KIND_FOLDERS.items() if folder == top), None)

    def relative(self, path: Path) -> str:
        """`path` below DCIM with forward slashes: what catalogue and API say."""
        return path.relative_to(self.dcim).as_posix()

    def thumbnail_of(self, path: Path) -> Path:
        """`THUMB/<day>/dcpvid_<time>.jpg` of a video, `THUMB/<day>/dcp_<time>.jpg` of a photo."""
        stem = path.stem if path.suffix.lower() == PHOTO_SUFFIX else f"dcpvid_{path.stem.removeprefix('dcp_')}"
        return self.thumbnails / path.parent.name / f"{stem}.jpg"

    def track_of(self, path: Path) -> Path:
        """`TRACK/<day>/<name>.gpx` of a video."""
        return self.tracks / path.parent.name / f"{path.stem}{TRACK_SUFFIX}"


def sidecar_of(path: Path) -> Path:
    """The sidecar beside a clip or photo."""
    return path.with_suffix(SIDECAR_SUFFIX)


def temporary_of(path: Path) -> Path:
    """A name beside `path` that no share shows."""
    return path.with_name(f"{TEMPORARY_PREFIX}{path.name}")
