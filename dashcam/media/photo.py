"""What lies in a photo of unknown origin. Only the child process looks into such files (`dashcam.media.child`)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from dashcam.errors import BadMedia
from dashcam.media.exif import place_in, taken_in
from dashcam.media.jobs import Inspected

# A phone's photo of 108 megapixels still opens; what is larger wants our memory.
MAX_PIXELS = 120_000_000
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
