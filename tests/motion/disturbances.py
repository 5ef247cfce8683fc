"""What only looks like motion, each as a drawer of the whole picture for `tests.motion.scenes`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.motion.stage import HEIGHT, WIDTH, Layer, Stage, put, smooth

Draw = Callable[[Stage, float, int], Layer]


def rain(streaks: int) -> Draw:
    """So many streaks in each picture, elsewhere in the next; a few of them near the lens, large and faint."""

    def draw(stage: Stage, _seconds: float, number: int) -> Layer:
        picture, drops = stage.picture(), np.random.default_rng(number)
        usual = float(picture.mean())
        for index in range(streaks):
            is_near = index % 30 == 0
            long, broad = (45, 2.5) if is_near else (drops.uniform(5, 14), 0.6)
            left, top = drops.uniform(0, WIDTH), drops.uniform(-long, HEIGHT)
            put(picture, left, top, broad, long, usual + drops.uniform(10, 40))
        return picture

    return draw


def snow(flakes: int, least: float, most: float) -> Draw:
    """So many flakes of that size, all over the picture; they fall at 30 to 120 pixels a second and sway."""
    random = np.random.default_rng(flakes)
    begins = random.uniform(0, 1, (2, flakes))
    falls, drifts = random.uniform(30, 120, flakes), random.uniform(-8, 8, flakes)
    sways, hertz, sizes = (
        random.uniform(2, 10, flakes),
        random.uniform(0.2, 0.8, flakes),
        random.uniform(least, most, flakes),
    )

    def draw(stage: Stage, seconds: float, _number: int) -> Layer:
        picture = stage.picture()
        turns = 2 * np.pi * (hertz * seconds + begins[0] * 7)
        tops = (begins[1] * HEIGHT + falls * seconds) % (HEIGHT + 10) - 8
        lefts = (begins[0] * WIDTH + drifts * seconds + sways * np.sin(turns)) % (WIDTH + 10) - 8
        for left, top, size in zip(lefts, tops, sizes, strict=True):
            put(picture, left, top, size, size, 225)
        return picture

    return draw


def foliage(pixels: float) -> Draw:
    """Two crowns that sway by so many pixels in gusts, and leaves that turn."""
    crowns, leaves = _crowns(), _leaves()

    def draw(stage: Stage, seconds: float, _number: int) -> Layer:
        rows, columns = stage.rows, stage.columns
        gust = 0.35 + 0.65 * np.sin(2 * np.pi * seconds / 11) ** 2
        sway = pixels * gust * np.sin(2 * np.pi * 0.45 * seconds + columns / 37 + rows / 53)
        sway += 0.5 * pixels * gust * np.sin(2 * np.pi * 1.3 * seconds + columns / 9 + rows / 14)
        seen = np.clip(np.rint(columns + sway).astype(int) + 20, 0, leaves.shape[1] - 1)
        swayed = leaves[rows.astype(int), seen] * (1 + 0.1 * gust * np.sin(6 * seconds + columns / 5 + rows / 3))
        picture = stage.picture()
        picture += crowns * (70 + 20 * swayed - picture)
        return picture

    return draw


def _crowns() -> Layer:
    """Where they are, with soft edges."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    crowns = np.zeros((HEIGHT, WIDTH), np.float32)
    for middle, centre, radius in ((70, 60, 65), (250, 50, 70)):
        away = np.hypot(columns - middle, (rows - centre) * 1.2) / radius
        crowns = np.maximum(crowns, np.clip((1 - away) * 6, 0, 1))
    return crowns


def _leaves() -> Layer:
    random = np.random.default_rng(77)
    leaves = smooth(random, HEIGHT, WIDTH + 40, 5)
    leaves += 0.7 * smooth(random, HEIGHT, WIDTH + 40, 2.2)
    return leaves


def glow(picture: Layer, stage: Stage, middle: float, height: float, strength: float, radius: float) -> Layer:
    """Light on a wall: brighter walls throw more of it back, and it has no edge."""
    away = ((stage.columns - middle) ** 2 + 1.6 * (stage.rows - height) ** 2) / (2 * radius**2)
    lit: Layer = picture + strength * np.exp(-away) * picture / np.float32(picture.mean())
    return lit


def steps(*changes: tuple[float, float]) -> Draw:
    """The light of the whole picture: from these seconds on so many times the first one, within a look or two."""

    def draw(stage: Stage, seconds: float, _number: int) -> Layer:
        gain, before = 1.0, 1.0
        for begin, after in changes:
            if seconds >= begin:
                gain = before + (after - before) * min((seconds - begin) / 0.3, 1.0)
                before = after
        picture = stage.picture()
        picture *= np.float32(gain)
        return picture

    return draw


def flicker(share: float, hertz: float) -> Draw:
    """Lamps on the mains: bands that wander, as a rolling shutter sees them, and the whole a little."""

    def draw(stage: Stage, seconds: float, _number: int) -> Layer:
        # A lamp flickers twice a period; the sensor reads its rows within a thirtieth of a second.
        phase = 2 * np.pi * 2 * hertz * (seconds + stage.rows / HEIGHT / 30)
        picture = stage.picture()
        picture *= 1 + share * np.sin(phase)
        return picture

    return draw


def blotches(strength: float) -> Draw:
    """What a camera's own denoising leaves of the noise at night: lumps that come and go."""
    lumps = [smooth(np.random.default_rng(seed), HEIGHT, WIDTH, 6) for seed in range(6)]

    def draw(stage: Stage, _seconds: float, number: int) -> Layer:
        picture, moved = stage.picture(), np.random.default_rng(number)
        shift = (int(moved.integers(HEIGHT)), int(moved.integers(WIDTH)))
        picture += strength * np.roll(lumps[int(moved.integers(len(lumps)))], shift, (0, 1))
        return picture

    return draw


def shaken(*bursts: tuple[float, float, float]) -> Draw:
    """From one second to another by about so many pixels, another way in each look."""

    def draw(stage: Stage, seconds: float, number: int) -> Layer:
        for begin, end, pixels in bursts:
            if begin <= seconds <= end:
                right, down = np.clip(np.random.default_rng(number).normal(0, pixels / 1.5, 2), -9, 9)
                return stage.picture(float(right), float(down))
        return stage.picture()

    return draw


def insect(*moments: float) -> Draw:
    """Something out of focus flies past, in one look only each time."""

    def draw(stage: Stage, seconds: float, number: int) -> Layer:
        picture = stage.picture()
        if any(abs(seconds - moment) < 0.05 for moment in moments):
            place = np.random.default_rng(number)
            middle, height = place.uniform(60, 260), place.uniform(40, 140)
            away = ((stage.columns - middle) / 34) ** 2 + ((stage.rows - height) / 18) ** 2
            picture += 70 * np.exp(-(away**2))
        return picture

    return draw


def pumping(gop_seconds: float, levels: float) -> Draw:
    """A poor encoder: each keyframe has other errors in its blocks, and what follows gets blurred and sharp again."""

    def draw(stage: Stage, seconds: float, _number: int) -> Layer:
        gop, place = divmod(seconds, gop_seconds)
        errors = np.random.default_rng(int(gop)).normal(0, levels, (HEIGHT // 8 + 1, WIDTH // 8))
        blocks = np.kron(errors, np.ones((8, 8)))[:HEIGHT].astype(np.float32)
        picture = stage.picture()
        rough = np.kron(picture[:176].reshape(44, 4, 80, 4).mean((1, 3)), np.ones((4, 4))).astype(np.float32)
        share = np.float32(0.4 * (1 - place / gop_seconds))
        picture[:176] += share * (rough - picture[:176])
        picture += blocks * np.float32(1 - 0.7 * place / gop_seconds)
        return picture

    return draw


def clouds(pixels_a_second: float) -> Draw:
    """Shadows with wide edges go over everything."""

    def draw(stage: Stage, seconds: float, _number: int) -> Layer:
        wave = np.sin((stage.columns + stage.rows / 3 - pixels_a_second * seconds) / 48)
        picture = stage.picture()
        picture *= 0.8 + 0.2 * np.clip(wave * 1.5, -1, 1)
        return picture

    return draw
