"""A machine-readable block in the picture: which frame this is, and when it was drawn.

Drawn into luma it survives encoding at low bit rates, so a test proves from a file alone that no frame was lost,
doubled or swapped. Layout, from the upper left corner of the block:

- Cells are squares, a cell's side is width/80 rounded down to an even number, at least 4 pixels. White is 1, black 0.
- 32 columns by 3 rows, read row by row, the most significant bit of each value first:
  16 bits mark (0xB2A6), 32 bits frame number as Gray code, 32 bits milliseconds, 16 bits CRC.
- The CRC is CRC-16/XMODEM over number and milliseconds as two big-endian 32-bit integers.
- The block lies in the lower right corner, one cell away from both edges.

The Gray code changes one cell from frame to frame. A picture scaled to a width whose cells are whole pixels is read too
(1280 drawn, 640 or 320 read).
"""

from __future__ import annotations

import struct
from binascii import crc_hqx
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Luma: TypeAlias = NDArray[np.uint8]

COLUMNS, ROWS = 32, 3
CELLS_ACROSS_PICTURE = 80
LEAST_CELL_PIXELS = 4
# Black and white of limited-range video.
BLACK, WHITE = 16, 235

_MARK = 0xB2A6
_LAYOUT = struct.Struct(">HIIH")
_PAYLOAD = struct.Struct(">II")
_32_BITS = 0xFFFFFFFF
# Noise of the encoder stays far below it, and so does a flat picture.
_LEAST_CONTRAST = 40


@dataclass(frozen=True, slots=True)
class FrameCode:
    """What the block says: the frame's number and a time in milliseconds, each modulo 2**32."""

    number: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """Where the block lies in a picture, in pixels of luma."""

    left: int
    top: int
    cell: int

    @property
    def width(self) -> int:
        """Of the whole block."""
        return self.cell * COLUMNS

    @property
    def height(self) -> int:
        """Of the whole block."""
        return self.cell * ROWS


def block_place(width: int, height: int) -> BlockPlace | None:
    """Where the block lies in pictures of this size; None when they are too small for one."""
    cell = max(width // CELLS_ACROSS_PICTURE // 2 * 2, LEAST_CELL_PIXELS)
    left, top = width - cell * (COLUMNS + 1), height - cell * (ROWS + 1)
    return BlockPlace(left, top, cell) if left >= 0 and top >= 0 else None


def draw(luma: Luma, number: int, milliseconds: int) -> None:
    """Draws the block into a picture's luma (rows by columns); into one that is too small nothing.

    About 0.01 ms on a PC; rows may be padded, the array a view.
    """
    place = block_place(luma.shape[1], luma.shape[0])
    if place is None:
        return
    cells = np.where(_bits(number & _32_BITS, milliseconds & _32_BITS), WHITE, BLACK).astype(np.uint8)
    block = cells.repeat(place.cell, axis=1).repeat(place.cell, axis=0)
    luma[place.top : place.top + place.height, place.left : place.left + place.width] = block


def read(luma: Luma) -> FrameCode | None:
    """What the block in a picture's luma says; None when there is none or it is not whole."""
    place = block_place(luma.shape[1], luma.shape[0])
    if place is None:
        return None
    bits = _bits_in(luma[place.top : place.top + place.height, place.left : place.left + place.width], place.cell)
    if bits is None:
        return None
    mark, gray, milliseconds, checksum = _LAYOUT.unpack(np.packbits(bits).tobytes())
    number = _number_from_gray(gray)
    if mark != _MARK or checksum != _checksum(number, milliseconds):
        return None
    return FrameCode(number, milliseconds)


def _checksum(number: int, milliseconds: int) -> int:
    return crc_hqx(_PAYLOAD.pack(number, milliseconds), 0)


def _bits(number: int, milliseconds: int) -> NDArray[np.uint8]:
    gray = number ^ (number >> 1)
    packed = _LAYOUT.pack(_MARK, gray, milliseconds, _checksum(number, milliseconds))
    return np.unpackbits(np.frombuffer(packed, np.uint8)).reshape(ROWS, COLUMNS)


def _bits_in(block: Luma, cell: int) -> NDArray[np.bool_] | None:
    """The cells' bits, judged by the middle of each cell against the mark's known black and white."""
    edge = cell // 4
    cells = block.reshape(ROWS, cell, COLUMNS, cell)[:, edge : cell - edge, :, edge : cell - edge]
    levels = cells.mean(axis=(1, 3)).reshape(-1)
    mark_bits = np.unpackbits(np.frombuffer(struct.pack(">H", _MARK), np.uint8)).astype(bool)
    mark_levels = levels[: mark_bits.size]
    white, black = mark_levels[mark_bits].mean(), mark_levels[~mark_bits].mean()
    if white - black < _LEAST_CONTRAST:
        return None
    bits: NDArray[np.bool_] = levels > (white + black) / 2
    return bits


def _number_from_gray(gray: int) -> int:
    number = gray
    shift = 1
    while shift < 32:  # bits of the number
        number ^= number >> shift
        shift *= 2
    return number
