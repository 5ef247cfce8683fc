"""The things along and on the road, painted large with pillow: trees, posts, signs, a barn, cars."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
_CLEAR = (0, 0, 0, 0)

# Painted at this multiple of the size that is kept, for smooth edges.
_FINE = 3


def _paint(width: int, height: int, painter: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """A picture that `painter` fills; it draws in a space `width` by `height` times the scale it is given."""
    large = Image.new("RGBA", (width * _FINE, height * _FINE), _CLEAR)
    painter(ImageDraw.Draw(large), float(_FINE))
    return large.reduce(_FINE)


def _box(scale: float, *corners: float) -> tuple[float, ...]:
    return tuple(corner * scale for corner in corners)


def _blend(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def broad_tree(seed: int, dark: Colour, light: Colour) -> Image.Image:
    """A tree with a round crown, lit from the right where the sun stands; 240 by 320."""
    chance = random.Random(seed)

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        draw.polygon(_box(s, 110, 190, 130, 190, 136, 320, 104, 320), fill=(84, 66, 50))
        leaves = 320
        for number in range(leaves):
            share = number / leaves
            angle, distance = chance.uniform(0, 2 * math.pi), chance.random() ** 0.6
            x, y = 116 + math.cos(angle) * distance * 88, 118 + math.sin(angle) * distance * 92
            radius = 25 - 16 * share
            # Later leaves are smaller, nearer the light, and brighter.
            x, y = x + 16 * share, y - 14 * share
            draw.ellipse(_box(s, x - radius, y - radius, x + radius, y + radius), fill=_blend(dark, light, share))

    return _paint(240, 320, painter)


def fir_tree() -> Image.Image:
    """A slim fir; 150 by 330."""

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        draw.rectangle(_box(s, 69, 290, 81, 330), fill=(78, 60, 46))
        for layer in range(7):
            top, bottom = layer * 38.0, layer * 38.0 + 84
            half = 20 + layer * 8.5
            draw.polygon(_box(s, 75, top, 75 + half, bottom, 75 - half, bottom), fill=(38, 74 + layer, 50))
            draw.polygon(_box(s, 75, top, 75 + half, bottom, 75 + half * 0.15, bottom - 8), fill=(62, 104 + layer, 62))

    return _paint(150, 330, painter)


def bush() -> Image.Image:
    """A low bush; 200 by 110."""
    chance = random.Random(3)

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        for number in range(90):
            share = number / 90
            x = 100 + chance.gauss(0, 0.4) * 80 + 6 * share
            y = 74 + chance.gauss(0, 0.3) * 44 - 8 * share
            radius = 22 - 12 * share
            corners = _box(s, x - radius, y - radius, x + radius, min(y + radius, 110))
            draw.ellipse(corners, fill=_blend((52, 84, 40), (134, 160, 74), share))

    return _paint(200, 110, painter)


def post() -> Image.Image:
    """A roadside post with its slanting black band and reflector; 30 by 160."""

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        draw.polygon(_box(s, 5, 6, 25, 0, 25, 160, 5, 160), fill=(238, 238, 232))
        draw.polygon(_box(s, 18, 2, 25, 0, 25, 160, 18, 160), fill=(206, 208, 206))
        draw.polygon(_box(s, 5, 34, 25, 26, 25, 66, 5, 74), fill=(34, 34, 36))
        draw.rectangle(_box(s, 11, 40, 19, 60), fill=(255, 176, 60))

    return _paint(30, 160, painter)


def speed_sign() -> Image.Image:
    """A round sign with a red rim on a pole: 80; 110 by 330."""

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        draw.rectangle(_box(s, 51, 100, 59, 330), fill=(150, 154, 156))
        draw.ellipse(_box(s, 2, 2, 108, 108), fill=(200, 36, 36))
        draw.ellipse(_box(s, 17, 17, 93, 93), fill=(244, 244, 240))
        for left in (30, 58):
            draw.rounded_rectangle(_box(s, left, 36, left + 22, 76), 9 * s, outline=(30, 30, 30), width=round(6 * s))
        draw.rectangle(_box(s, 34, 53, 48, 58), fill=(30, 30, 30))

    return _paint(110, 330, painter)


def barn() -> Image.Image:
    """A barn with a red roof, beside the fields; 420 by 200."""

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        draw.rectangle(_box(s, 20, 90, 400, 200), fill=(206, 190, 160))
        draw.polygon(_box(s, 0, 96, 60, 10, 360, 10, 420, 96), fill=(150, 70, 54))
        draw.polygon(_box(s, 360, 10, 420, 96, 300, 96, 250, 10), fill=(172, 84, 62))
        draw.rectangle(_box(s, 170, 120, 240, 200), fill=(112, 80, 56))
        for left in (60, 110, 280, 340):
            draw.rectangle(_box(s, left, 122, left + 30, 154), fill=(84, 98, 110))

    return _paint(420, 200, painter)


def _body(draw: ImageDraw.ImageDraw, s: float, colour: Colour) -> None:
    """What a car's front and rear share: shadow, tyres, body and cabin; 220 wide, 180 high."""
    shade = _blend(colour, (20, 22, 26), 0.45)
    draw.ellipse(_box(s, 4, 160, 216, 180), fill=(40, 42, 44, 170))
    for left in (18, 170):
        draw.rounded_rectangle(_box(s, left, 120, left + 32, 176), 8 * s, fill=(24, 24, 26))
    draw.polygon(_box(s, 34, 74, 52, 18, 66, 8, 154, 8, 168, 18, 186, 74), fill=shade)
    draw.rounded_rectangle(_box(s, 8, 66, 212, 158), 20 * s, fill=colour)
    draw.rounded_rectangle(_box(s, 8, 112, 212, 158), 14 * s, fill=shade)
    draw.polygon(_box(s, 46, 70, 60, 24, 68, 18, 152, 18, 160, 24, 174, 70), fill=(52, 62, 74))
    draw.polygon(_box(s, 104, 70, 124, 18, 150, 18, 146, 70), fill=(92, 106, 120))


def car_front(colour: Colour) -> Image.Image:
    """An oncoming car with its lights on; 220 by 180."""

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        _body(draw, s, colour)
        draw.rounded_rectangle(_box(s, 70, 98, 150, 120), 6 * s, fill=(30, 32, 36))
        for left in (18, 160):
            draw.rounded_rectangle(_box(s, left, 90, left + 42, 114), 10 * s, fill=(255, 250, 226))
        draw.rectangle(_box(s, 82, 130, 138, 145), fill=(236, 236, 230))

    return _paint(220, 180, painter)


def car_rear(colour: Colour, *, is_braking: bool) -> Image.Image:
    """A car ahead, its brake lights on or off; 220 by 180."""
    lamp = (255, 64, 48) if is_braking else (158, 28, 30)

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        _body(draw, s, colour)
        for left in (14, 170):
            draw.rounded_rectangle(_box(s, left, 84, left + 36, 108), 7 * s, fill=lamp)
        if is_braking:
            draw.rectangle(_box(s, 84, 12, 136, 17), fill=lamp)
        draw.rectangle(_box(s, 80, 96, 140, 114), fill=(238, 238, 232))
        draw.rectangle(_box(s, 88, 101, 132, 109), fill=(60, 62, 66))
        draw.rounded_rectangle(_box(s, 30, 150, 52, 160), 3 * s, fill=(90, 90, 92))

    return _paint(220, 180, painter)


def truck_front() -> Image.Image:
    """An oncoming truck; 250 by 330."""

    def painter(draw: ImageDraw.ImageDraw, s: float) -> None:
        draw.ellipse(_box(s, 0, 310, 250, 330), fill=(40, 42, 44, 170))
        for left in (20, 190):
            draw.rounded_rectangle(_box(s, left, 250, left + 40, 326), 9 * s, fill=(24, 24, 26))
        draw.rounded_rectangle(_box(s, 8, 0, 242, 250), 8 * s, fill=(226, 228, 228))
        draw.rounded_rectangle(_box(s, 18, 60, 232, 306), 16 * s, fill=(46, 92, 140))
        draw.rounded_rectangle(_box(s, 30, 82, 220, 170), 12 * s, fill=(54, 64, 76))
        draw.polygon(_box(s, 120, 168, 146, 84, 186, 84, 172, 168), fill=(94, 108, 122))
        draw.rounded_rectangle(_box(s, 60, 196, 190, 250), 6 * s, fill=(32, 42, 56))
        for left in (28, 188):
            draw.rounded_rectangle(_box(s, left, 262, left + 36, 284), 8 * s, fill=(255, 250, 226))

    return _paint(250, 330, painter)
