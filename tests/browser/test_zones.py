"""Zones of the picture are drawn with a finger or by the keys, and saved as the setting has them."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from dashcam.settings.zones import Zone, parse_zones, zones_text
from tests.browser.fingers import Editor
from tests.browser.looking import until
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

PARSED = (
    "text => import('/js/zones.js').then(({parseZones, zonesText}) => [parseZones(text), zonesText(parseZones(text))])"
)
RECTANGLE = "given => import('/js/zones.js').then(({rectangle}) => rectangle('watch', ...given).corners)"
MOVED = "given => import('/js/zones.js').then(({moved}) => moved(...given).corners)"
CONTAINS = "given => import('/js/zones.js').then(({contains}) => contains(...given))"
ALL_IN_SIGHT = """() => [...document.querySelectorAll(".zones button")].every((button) => {
    const box = button.getBoundingClientRect();
    return box.height >= 48 && box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
})"""


def saved_zones(site: Site) -> tuple[Zone, ...]:
    file = site.state / "settings.toml"
    return parse_zones(tomllib.loads(file.read_text())["motion"]["zones"]) if file.exists() else ()


def save_text(site: Site, text: str) -> None:
    assert site.ask("PATCH", "/api/settings", {"changes": {"motion.zones": text}}).status == 200


@pytest.fixture
def editor(page: Page, site: Site) -> Editor:
    """Opened from the live view, where nothing is drawn yet."""
    page.add_init_script("localStorage.setItem('boxes', 'on')")
    page.goto(site.website.address)
    page.locator(".zones-button").click()
    return Editor(page)


def corners_are(zone: Zone, *expected: tuple[float, float]) -> None:
    assert len(zone.corners) == len(expected)
    for corner, share in zip(zone.corners, expected, strict=True):
        # A pixel of the phone's small picture.
        assert corner == pytest.approx(share, abs=0.012)


def test_a_zone_is_drawn_with_a_finger_its_corners_pulled_and_all_is_saved(editor: Editor, site: Site) -> None:
    until(editor.dialog, "No zones: motion counts everywhere.")
    editor.press("Watch a zone")
    until(editor.dialog, "Draw with a finger over what is to be watched.")
    editor.pull((0.1, 0.2), (0.3, 0.4), (0.5, 0.8))
    until(editor.dialog, "Zone 1 is watched.")
    editor.pull((0.5, 0.8), (0.6, 0.9), (0.7, 0.95))
    # The small point in the middle of an edge.
    editor.pull((0.3, 0.2), (0.3, 0.15), (0.3, 0.05))
    editor.press("Ignore a zone")
    editor.pull((0.8, 0.5), (0.9, 0.7), (1.3, 1.2))
    editor.save()
    until(editor.page.locator("#messages"), "Zones saved")
    watch, ignore = saved_zones(site)
    assert (watch.kind, ignore.kind) == ("watch", "ignore")
    corners_are(watch, (0.1, 0.2), (0.3, 0.05), (0.5, 0.2), (0.7, 0.95), (0.1, 0.8))
    corners_are(ignore, (0.8, 0.5), (1, 0.5), (1, 1), (0.8, 1))


def test_a_zone_is_moved_undone_and_deleted(page: Page, site: Site) -> None:
    save_text(site, "watch 0.1,0.1 0.3,0.1 0.3,0.3 0.1,0.3; ignore 0.6,0.6 0.9,0.6 0.75,0.9")
    page.add_init_script("localStorage.setItem('boxes', 'on')")
    page.goto(site.website.address)
    page.locator(".zones-button").click()
    editor = Editor(page)
    until(editor.dialog, "Motion counts only in 1 zone to watch, never in 1 zone to ignore.")
    undo = editor.dialog.get_by_role("button", name="Undo")
    assert undo.is_disabled()
    # As far as the picture goes.
    editor.pull((0.2, 0.2), (0.3, 0.3), (0.6, 2))
    editor.pull((0.75, 0.7))
    until(editor.dialog, "Zone 2 is ignored.")
    assert editor.dialog.get_by_role("button", name="Delete corner").is_disabled()
    editor.press("Delete zone")
    until(editor.dialog, "Motion counts only in 1 zone to watch.")
    undo.click()
    until(editor.dialog, "never in 1 zone to ignore")
    editor.save()
    watch, ignore = saved_zones(site)
    corners_are(watch, (0.5, 0.8), (0.7, 0.8), (0.7, 1), (0.5, 1))
    corners_are(ignore, (0.6, 0.6), (0.9, 0.6), (0.75, 0.9))


def test_the_keys_draw_too(editor: Editor, site: Site) -> None:
    keys = editor.page.keyboard
    editor.dialog.get_by_role("button", name="Watch a zone").press("Enter")
    zone = editor.dialog.get_by_role("button", name="Zone 1, to watch", exact=True)
    zone.press("Shift+ArrowLeft")
    corner = editor.dialog.get_by_role("button", name="Zone 1, to watch: corner 1")
    corner.focus()
    keys.press("ArrowUp")
    keys.press("+")
    keys.press("ArrowUp")
    until(editor.dialog, "Zone 1 is watched.")
    editor.dialog.get_by_role("button", name="Zone 1, to watch: corner 4").press("Delete")
    editor.save()
    [watch] = saved_zones(site)
    corners_are(watch, (0.25, 0.29), (0.45, 0.285), (0.65, 0.3), (0.25, 0.7))


def test_from_the_settings_what_is_written_there_is_drawn_on_and_the_form_has_what_was_saved(
    page: Page, site: Site
) -> None:
    save_text(site, "ignore 0.1,0.1 0.3,0.1 0.3,0.3 0.1,0.3")
    page.goto(f"{site.website.address}/#settings/motion.zones")
    field = page.locator('.setting[data-name="motion.zones"]')
    field.locator("input").fill("watch 0.5,0.5 0.9,0.5 0.9,0.9 0.5,0.9")
    field.get_by_role("button", name="Draw on the picture").click()
    editor = Editor(page)
    until(editor.dialog, "Motion counts only in 1 zone to watch.")
    editor.pull((0.7, 0.7), (0.65, 0.65), (0.6, 0.6))
    editor.save()
    [watch] = saved_zones(site)
    corners_are(watch, (0.4, 0.4), (0.8, 0.4), (0.8, 0.8), (0.4, 0.8))
    wait_until(lambda: field.locator("input").input_value() == zones_text((watch,)))
    assert page.locator(".save-bar .save").is_hidden()


def test_zones_and_timetables_that_are_none_are_refused_in_words(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#settings/motion.zones")
    zones = page.locator('.setting[data-name="motion.zones"]')
    zones.locator("input").fill("watch 0.5,0.5 0.9")
    page.locator("#section-recording summary").click()
    timetable = page.locator('.setting[data-name="recording.timetable"]')
    timetable.locator("input").fill("at night park")
    page.locator(".save-bar .save").click()
    until(zones.locator(".remark"), "Zone 1 has 2 corners")
    until(timetable.locator(".remark"), "22:00-06:00 park")


def test_what_is_drawn_is_not_lost_by_one_touch(editor: Editor, site: Site) -> None:
    editor.press("Ignore a zone")
    editor.pull((0.5, 0.5))
    editor.press("Cancel")
    editor.page.locator("#question .no").click()
    until(editor.dialog, "Zone 1 is ignored.")
    editor.page.keyboard.press("Escape")
    editor.page.locator("#question .yes").click()
    editor.dialog.wait_for(state="hidden")
    assert saved_zones(site) == ()


def test_all_of_the_editor_is_in_sight(editor: Editor) -> None:
    for width, height in ((360, 640), (740, 360), (1280, 800)):
        editor.page.set_viewport_size({"width": width, "height": height})
        assert editor.page.evaluate(ALL_IN_SIGHT), (width, height)
        left, top = editor.at(0, 0)
        right, bottom = editor.at(1, 1)
        assert 0 < left < right < width
        assert 0 < top < bottom < height


def test_page_and_dashcam_read_and_write_zones_in_the_same_way(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/icon.svg")
    for text in ("", "watch 0,0 1,0 0.5,1", "ignore .25,0.125 1.,0 1,1; watch 0.3333,0.6667 0.1,0.2 0.3,0.4 0.12,0.9"):
        parsed, written = page.evaluate(PARSED, text)
        expected = parse_zones(text)
        assert [zone["kind"] for zone in parsed] == [zone.kind for zone in expected]
        assert [tuple(map(tuple, zone["corners"])) for zone in parsed] == [zone.corners for zone in expected]
        assert written == zones_text(expected)
    # What cannot be read is not in the way of drawing.
    assert page.evaluate(PARSED, "watch 0,0 1,0; ignore 0,0 2,0 1,1; see 0,0 1,0 1,1; watch 0,0 1,0 0,1")[0] == [
        {"kind": "watch", "corners": [[0, 0], [1, 0], [0, 1]]}
    ]


def test_what_is_drawn_stays_within_the_picture_and_is_large_enough(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/icon.svg")
    for given, upper_left, lower_right in (
        ([[0.2, 0.3], [0.4, 0.6], 0.05], [0.2, 0.3], [0.4, 0.6]),
        ([[0.4, 0.6], [0.2, 0.3], 0.05], [0.2, 0.3], [0.4, 0.6]),
        ([[0.5, 0.5], [0.5, 0.5], 0.2], [0.4, 0.4], [0.6, 0.6]),
        ([[0, 0], [0, 0], 0.2], [0, 0], [0.2, 0.2]),
        ([[1, 0.95], [1.2, 0.99], 0.2], [0.8, 0.8], [1, 1]),
        ([[-1, -1], [2, 2], 0.2], [0, 0], [1, 1]),
    ):
        corners = page.evaluate(RECTANGLE, given)
        assert corners[0] == pytest.approx(upper_left), given
        assert corners[2] == pytest.approx(lower_right), given
    square = {"kind": "watch", "corners": [[0.1, 0.1], [0.3, 0.1], [0.3, 0.3], [0.1, 0.3]]}
    assert page.evaluate(MOVED, [square, [5, -5]])[0] == pytest.approx([0.8, 0])
    corner = {"kind": "watch", "corners": [[0, 0], [1, 0], [1, 1], [0.5, 0.5]]}
    assert page.evaluate(CONTAINS, [corner, [0.9, 0.5]])
    assert not page.evaluate(CONTAINS, [corner, [0.3, 0.5]])
