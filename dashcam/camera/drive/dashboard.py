"""The dashboard at the lower edge: what is written there, and the machine-readable block."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from dashcam.camera import frame_code
from dashcam.camera.drive.colours import Floats, Paint, halved, planes_of_yuv, yuv_of
from dashcam.camera.drive.geometry import View, metres_per_second
from dashcam.camera.drive.lettering import Lettering
from dashcam.camera.planes import Plane, Planes
from dashcam.clock import NANOSECONDS

_EDGE: Paint = (62, 64, 68)
_UPPER: Paint = (38, 40, 43)
_LOWER: Paint = (24, 25, 27)
# The luma of the strip that carries text and block, and of the text.
_STRIP, _INK = 28, 208
# How far the dashboard's edge falls to the sides, as a share of the picture's height.
_FALL = 0.028


class Dashboard:
    """Drawn last: it covers whatever reaches below the windscreen."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._top = view.dashboard_row
        self._picture, covered = _panel(view)
        self._solid_from = (round(view.height * _FALL) + 4) // 2 * 2
        self._edge = covered[: self._solid_from] > 0.5
        self._half_edge = halved(covered)[: self._solid_from // 2] > 0.5
        place = frame_code.block_place(view.width, view.height)
        self._strip_top = place.top if place else view.height
        line = max((view.height - self._strip_top) // 2 - max(view.height // 180, 1), 6)
        self._letters = Lettering(line, _STRIP, _INK)

    def draw(self, target: Planes, seconds: float, number: int, utc_ns: int) -> None:
        """Draws the dashboard and writes number, speed and local time on it."""
        top, solid = self._top, self._solid_from
        np.copyto(target.y[top : top + solid], self._picture.y[:solid], where=self._edge)
        target.y[top + solid :] = self._picture.y[solid:]
        top, solid = top // 2, solid // 2
        np.copyto(target.chroma[:, top : top + solid], self._picture.chroma[:, :solid], where=self._half_edge)
        target.chroma[:, top + solid :] = self._picture.chroma[:, solid:]
        self._write(target.y, seconds, number, utc_ns)

    def _write(self, luma: Plane, seconds: float, number: int, utc_ns: int) -> None:
        left = max(self._view.width // 80, 2)
        kilometres_per_hour = round(metres_per_second(seconds) * 3.6)
        self._letters.write(luma, left, self._strip_top, f"SYNTHETIC DRIVE  {kilometres_per_hour:3d} km/h")
        below = self._strip_top + self._letters.height
        self._letters.write(luma, left, below, f"{_local_text(utc_ns)}  #{number:07d}")


def _local_text(utc_ns: int) -> str:
    local = datetime.fromtimestamp(utc_ns // NANOSECONDS, UTC).astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{utc_ns % NANOSECONDS // 10_000_000:02d}"


def _panel(view: View) -> tuple[Planes, Floats]:
    """The dashboard from its highest row down, and how far it covers each pixel there (0 to 1)."""
    rows, columns = view.height - view.dashboard_row, view.width
    across = (np.arange(columns, dtype=np.float32) + 0.5) / columns * 2 - 1
    edge = np.abs(across) ** 2.5 * _FALL * view.height
    below = np.arange(rows, dtype=np.float32)[:, None] + 0.5 - edge[None, :]
    share = np.clip(below / rows * 1.6, 0, 1)[..., None]
    paint = np.array(_UPPER, np.float32) + (np.array(_LOWER, np.float32) - np.array(_UPPER, np.float32)) * share
    rim = np.clip(1 - below / (view.height / 120), 0, 1)[..., None]
    paint += (np.array(_EDGE, np.float32) - paint) * rim
    yuv = yuv_of(paint)
    place = frame_code.block_place(view.width, view.height)
    if place is not None:
        yuv[place.top - view.dashboard_row - place.cell // 2 :, :, 0] = _STRIP
    return planes_of_yuv(yuv), np.clip(below + 0.5, 0, 1)
