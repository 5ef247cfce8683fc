"""The drawing of the synthetic drive."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dashcam.camera.drive.dashboard import Dashboard
from dashcam.camera.drive.geometry import View, driven_metres, metres_per_second, sideways
from dashcam.camera.drive.scene import Scene
from dashcam.camera.drive.traffic import things_at
from dashcam.camera.planes import Planes, new_picture

NOON_NS = 1_795_176_000 * 10**9


def drawn(scene: Scene, size: tuple[int, int], seconds: float, utc_ns: int = NOON_NS) -> Planes:
    _, planes = new_picture(*size)
    planes.y[:], planes.chroma[:] = 255, 255  # shows what is not drawn over
    scene.draw(planes, seconds, round(seconds * 30), utc_ns)
    return planes


@pytest.mark.parametrize("size", [(32, 32), (320, 180), (640, 480), (854, 480), (720, 1280), (1282, 722)])
def test_every_pixel_of_any_size_is_drawn_in_legal_colours(size: tuple[int, int]) -> None:
    scene = Scene(*size)
    for seconds in (0.0, 17.3, 4000.0):
        planes = drawn(scene, size, seconds)
        assert 16 <= planes.y.min() <= planes.y.max() <= 235
        assert 16 <= planes.chroma.min() <= planes.chroma.max() <= 240


def test_a_moment_looks_the_same_in_every_run_and_in_any_order() -> None:
    size = (640, 360)
    first, second = Scene(*size), Scene(*size)
    for seconds in (9.0, 3.0, 600.0, 3.0):
        drawn(first, size, seconds)
    assert (drawn(first, size, 5.0).y == drawn(second, size, 5.0).y).all()
    assert (drawn(first, size, 5.0).chroma == drawn(second, size, 5.0).chroma).all()


def test_the_wall_time_changes_nothing_but_its_text() -> None:
    size = (640, 360)
    scene = Scene(*size)
    changed = drawn(scene, size, 5.0).y != drawn(scene, size, 5.0, NOON_NS + 12_345 * 10**9).y
    rows, _ = np.nonzero(changed)
    assert rows.size
    assert rows.min() >= View(*size).dashboard_row


def test_every_frame_differs_from_the_one_before() -> None:
    """A picture that stands still would hide a frozen camera."""
    size = (640, 360)
    scene = Scene(*size)
    pictures = [drawn(scene, size, number / 30).y[: View(*size).dashboard_row] for number in range(60)]
    assert all((first != second).mean() > 0.01 for first, second in pairwise(pictures))


def test_the_speed_shown_is_the_speed_driven() -> None:
    for seconds in (0.0, 12.5, 1000.0):
        measured = (driven_metres(seconds + 0.01) - driven_metres(seconds - 0.01)) / 0.02
        assert metres_per_second(seconds) == pytest.approx(measured, rel=1e-4)
        assert 60 < measured * 3.6 < 110


def test_the_road_begins_under_the_car_and_never_tears() -> None:
    ahead = np.linspace(0.001, 260, 400)
    for seconds in range(0, 3600, 13):
        swing = sideways(driven_metres(seconds), ahead)
        assert abs(swing[0]) < 0.001
        assert np.abs(np.diff(swing)).max() < 0.5


def test_things_pass_by_without_jumping() -> None:
    """Whatever is seen in two frames in a row has come nearer by what both drove, and kept its side."""
    step = 1 / 30
    for number in range(0, 3000, 7):
        before, after = things_at(number * step), things_at((number + 1) * step)
        for thing in after:
            near = [other for other in before if other.kind == thing.kind and abs(other.across - thing.across) < 0.05]
            if near and 5 < thing.ahead < 120:
                assert min(abs(other.ahead - thing.ahead) for other in near) < 2.5


def test_the_text_fits_beside_the_block_at_usual_sizes() -> None:
    for size in ((640, 360), (1280, 720), (1920, 1080)):
        dashboard = Dashboard(View(*size))
        _, planes = new_picture(*size)
        dashboard.draw(planes, 0.0, 9_999_999, NOON_NS)
        strip = planes.y[-size[1] // 20 :]
        # Nothing but the strip's plain ground between text and block.
        assert strip[:, round(size[0] * 0.55) :].max() < 40
        assert strip[:, : round(size[0] * 0.5)].max() > 150
