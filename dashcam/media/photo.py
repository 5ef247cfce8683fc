"""What lies in a photo of unknown origin. Only the child process looks into such files (`dashcam.media.child`)."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from dashcam.clock import zone_of
from dashcam.errors import BadMedia
from dashcam.media.exif import place_in, taken_in, with_time
from dashcam.media.jobs import Inspected, PhotoDated
from dashcam.moment import Moment

# A phone's photo of 108 megapixels still opens; what is larger wants our memory.
MAX_PIXELS = 120_000_000
# And no photo of a recorder is larger.
_LARGEST_BYTES = 64 * 1024 * 1024
_FORMATS = ("JPEG",)
# Enough to find damage and to make a thumbnail of; JPEG can be decoded at an eighth of its size.
_DRAFT_SIZE = (640, 640)
# EXIF orientations that lay the picture on its side (CIPA DC-008, 4.6.4).
_ON_ITS_SIDE = (5, 6, 7, 8)


@contextmanager
def _open_photo(path: Path) -> Iterator[Image.Image]:
    """Raises BadMedia for everything that is no JPEG, also while it is read."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as image:
                yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadMedia("its picture is too large") from error
    except UnidentifiedImageError as error:
        raise BadMedia("it is no JPEG") from error
    except OSError as error:
        if error.errno is not None:
            raise  # the card's trouble, not the file's
        raise BadMedia(f"it is no whole JPEG: {error}") from error
    except (SyntaxError, ValueError, EOFError) as error:
        raise BadMedia(f"it is no JPEG: {error}") from error


def inspect_photo(path: Path) -> Inspected:
    """Decodes the whole picture. Raises BadMedia when it is cut off or no JPEG."""
    with _open_photo(path) as image:
        width, height = image.size
        exif = image.getexif()
        image.draft("RGB", _DRAFT_SIZE)
        image.load()
    if exif.get(ExifTags.Base.Orientation) in _ON_ITS_SIDE:
        width, height = height, width
    return Inspected(
        frames=1,
        duration_seconds=0.0,
        width=width,
        height=height,
        codec="jpeg",
        comment="",
        is_fragmented=False,
        is_damaged=False,
        taken=taken_in(exif),
        place=place_in(exif),
    )


def load_small(path: Path) -> Image.Image:
    """The picture upright, at most a few times larger than a thumbnail. Raises BadMedia."""
    with _open_photo(path) as image:
        image.draft("RGB", _DRAFT_SIZE)
        image.thumbnail(_DRAFT_SIZE)
        return ImageOps.exif_transpose(image).convert("RGB")


def date_photo(source: Path, target: Path, utc_ns: int, zone: str) -> PhotoDated:
    """The recorder's photo with the time that was not known when it was taken, as a new synced file.

    The words that are burned into the picture stay: "time not set" was true, and the picture is not encoded again.
    Raises BadMedia, or the OSError of the card.
    """
    with open(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        jpeg = file.read(_LARGEST_BYTES + 1)
    if len(jpeg) > _LARGEST_BYTES:
        raise BadMedia("it is too large for a photo of the recorder")
    dated = with_time(jpeg, Moment(monotonic_ns=0, utc_ns=utc_ns, zone=zone_of(zone)))
    # Never into a file that is there, nor through a link.
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), "wb") as file:
        try:
            file.write(dated)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            target.unlink(missing_ok=True)
            raise
    return PhotoDated(bytes=len(dated))
