"""What the parts of the schema share: when a change comes into force, and amounts."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

# When a saved change comes into force: at once (where nothing else is said); from the next clip on; when the camera is
# opened anew, which costs a second or two of recording; when the page listens elsewhere.
Applies = Literal["at_once", "next_clip", "camera", "page"]

ANEW = {"applies": "camera"}
PIXELS_ANEW = {"unit": "pixels", "applies": "camera"}
RATE = {"unit": "frames/s"}

# Bytes ("16 MB", "2 GiB") or a share of the space the card offers ("80 %"). Never without its unit: a bare 75, meant as
# per cent, would be 75 bytes, and every clip be deleted.
Quantity = Annotated[
    str, Meta(pattern=r"^\s*\d{1,15}(\.\d{1,9})?\s*(%|[kKMGT]i?B|B)\s*$", extra={"unit": "bytes or %"})
]
