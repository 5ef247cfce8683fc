"""What is written into the pictures themselves: the words of each moment, drawn by the camera's thread."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.moment import Moment, SpeedUnit, stamp_words
from dashcam.settings.zones import Zone

if TYPE_CHECKING:
    from dashcam.camera.base import CameraCallbacks
    from dashcam.camera.choose import OpenedCamera
    from dashcam.camera.stamp import Corner, Letters, Luma, Stamp
    from dashcam.recorder.camera_duty import CameraOpener
    from dashcam.recorder.moments import Moments
    from dashcam.settings import Settings
    from dashcam.settings.schema import CameraSettings

log = logging.getLogger(__name__)

# The video and the live picture; a camera opened anew may have others.
_MOST_SIZES = 4
# What times, speeds and places are written with, and names of cameras as a rule.
_LETTERS = "".join(map(chr, range(ord(" "), ord("~") + 1)))
# Where a camera's size is not known before it is open; another one costs some milliseconds at its first picture.
_USUAL_SIZE = (1920, 1080)
# Of the picture's width and height, for the zone that it covers.
_ZONE_STEPS = 20
# A place is shown this late at most, a second at once.
_AGAIN_NS = NANOSECONDS // 4


@dataclass(frozen=True, slots=True)
class _Style:
    """What the settings say of the stamp."""

    corner: Corner
    with_place: bool
    unit: SpeedUnit
    name: str

    def words(self, moment: Moment) -> tuple[str, ...]:
        return stamp_words(moment, self.name, self.unit, with_place=self.with_place)


class Stamping:
    """`take` may be called by any thread, `draw` only by the camera's."""

    def __init__(self, settings: Settings, moments: Moments) -> None:
        self._moments = moments
        self._style: _Style | None = None
        self._stamps: dict[tuple[int, int, int], Stamp] = {}
        # By their height. Filled in any thread, drawn from in the camera's only.
        self._letters: dict[int, Letters] = {}
        self._sizes: tuple[tuple[int, int], ...] = (_USUAL_SIZE,)
        # The words last made, for which style, and for which moments they are right.
        self._words: tuple[str, ...] = ()
        self._worded: _Style | None = None
        self._from_ns = self._until_ns = 0
        self.zone: Zone | None = None
        """What it has covered so far, as a zone in which nothing counts as motion; None without a stamp."""
        self.trouble = ""
        """Why there is no stamp although it is wished for; empty when all is well."""
        self.take(settings)

    def take(self, settings: Settings) -> None:
        """On or off, and how, from the next picture on. All is made ready before the camera's thread hears of it."""
        wish = settings.stamp
        self.trouble = ""
        if self._style is None or self._style.corner != wish.corner:
            self.zone = None
        if not wish.video:
            self._style = None
            return
        if self._make_ready(settings.camera.name):
            self._style = _Style(wish.corner, wish.place, settings.gps.speed_unit, settings.camera.name)

    def wishes(self) -> bool:
        """True while pictures are to be stamped."""
        return self._style is not None

    def draw(self, luma: Luma, captured_monotonic_ns: int, kept_rows: int = 0) -> bool:
        """Writes what is known of the moment into a picture's luma; true when it did. Never raises.

        A stamp that fails is told once and off until the settings are saved again: it is not worth a picture.
        """
        style = self._style
        if style is None:
            return False
        try:
            stamp = self._stamp_for(luma.shape[1], luma.shape[0], kept_rows)
            stamp.write(self._words_at(captured_monotonic_ns, style), style.corner)
            stamp.draw(luma)
            self._cover(stamp.box)
        except Exception as error:  # noqa: BLE001 it is logged there
            self.give_up(error)
            return False
        return True

    def give_up(self, error: Exception) -> None:
        """What is wrong with the stamp is told once, and it is off until the settings are saved again."""
        was_on, self._style = self._style is not None, None
        if was_on or not self.trouble:
            log.error("the stamp on the video fails; it is recorded without", exc_info=error)
            self.trouble = f"the stamp failed ({error}); save the settings again to try anew"

    def _cover(self, box: tuple[float, float, float, float]) -> None:
        """Only ever more, in coarse steps: words change all the time, and the detector learns anew with each change."""
        before = self.zone.corners if self.zone is not None else ()
        left, top = (min([low, *(corner[at] for corner in before)]) for at, low in enumerate(box[:2]))
        right, bottom = (max([high, *(corner[at] for corner in before)]) for at, high in enumerate(box[2:]))
        left, top = (math.floor(share * _ZONE_STEPS) / _ZONE_STEPS for share in (left, top))
        right, bottom = (math.ceil(share * _ZONE_STEPS) / _ZONE_STEPS for share in (right, bottom))
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        if corners != before:
            self.zone = Zone("ignore", corners)

    def into(self, open_camera: CameraOpener) -> CameraOpener:
        """The same opener, whose cameras stamp their pictures where they can."""

        def opened(
            settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
        ) -> OpenedCamera:
            stamping = msgspec.structs.replace(
                callbacks, wishes_stamp=self.wishes, stamp=self.draw, stamp_failed=self.give_up
            )
            self._know_sizes((settings.width, settings.height), small_width)
            found = open_camera(settings, stamping, small_width=small_width, or_pattern=or_pattern)
            self._know_sizes((found.facts.width, found.facts.height), small_width)
            return found

        return opened

    def _know_sizes(self, size: tuple[int, int], small_width: int) -> None:
        """Of a camera that opens; in the thread that opens it."""
        width, height = size if all(size) else _USUAL_SIZE
        self._sizes = ((width, height), (small_width, round(small_width * height / width)))
        if (style := self._style) is not None:
            self._make_ready(style.name)

    def _make_ready(self, name: str) -> bool:
        """Loads what draws, and its fonts: it takes longer than a camera may wait. Only where a stamp is wished."""
        try:
            import dashcam.camera.planes  # noqa: F401 the pictures' luma is got by it
            from dashcam.camera.stamp import Letters, letter_pixels

            for width, height in self._sizes:
                pixels = letter_pixels(width, height)
                letters = self._letters.get(pixels) or Letters(pixels).draw_ahead(_LETTERS + name)
                if len(self._letters) >= _MOST_SIZES:
                    self._letters = {}
                self._letters[pixels] = letters
        except Exception as error:  # noqa: BLE001 it is logged there
            self.give_up(error)
            return False
        return True

    def _words_at(self, captured_monotonic_ns: int, style: _Style) -> tuple[str, ...]:
        """Asked for each picture, made a few times a second: with each new second, and soon after a fix."""
        if style is not self._worded or not self._from_ns <= captured_monotonic_ns < self._until_ns:
            moment = self._moments.at(captured_monotonic_ns)
            left_ns = NANOSECONDS if moment.utc_ns is None else NANOSECONDS - moment.utc_ns % NANOSECONDS
            self._words = style.words(moment)
            self._worded = style
            self._from_ns, self._until_ns = captured_monotonic_ns, captured_monotonic_ns + min(left_ns, _AGAIN_NS)
        return self._words

    def _stamp_for(self, width: int, height: int, kept_rows: int) -> Stamp:
        stamp = self._stamps.get((width, height, kept_rows))
        if stamp is None:
            from dashcam.camera.stamp import Stamp, letter_pixels

            if len(self._stamps) >= _MOST_SIZES:
                self._stamps.clear()
            letters = self._letters.get(letter_pixels(width, height))
            stamp = self._stamps[width, height, kept_rows] = Stamp(width, height, kept_rows, letters)
        return stamp
