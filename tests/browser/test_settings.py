"""The settings in a real browser, served by the real page server from real files: changed, refused, saved, applied."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from dashcam.link import messages as m
from dashcam.settings import load_settings
from dashcam.settings.describe import value_of
from dashcam.settings.profiles import PROFILES
from dashcam.web.settings import _SUGGESTIONS
from tests.browser.looking import until
from tests.golden_values import CAMERA
from tests.web.sites import PATIENCE_SECONDS, Site, Sites, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

# A thumb's width, in CSS pixels.
LEAST_TOUCH = 48


def saved_of(site: Site) -> dict[str, Any]:
    """What the file in the state folder has."""
    return load_settings(site.state).saved


def expect_hidden(locator: Locator) -> None:
    """Waits until it is not to be seen."""
    from playwright.sync_api import expect

    expect(locator).to_be_hidden(timeout=PATIENCE_SECONDS * 1000)


def setting(page: Page, name: str) -> Locator:
    """A setting by its full name, in view: its section is opened."""
    found = page.locator(f'.setting[data-name="{name}"]')
    if not found.is_visible():
        page.locator(f"#section-{name.partition('.')[0]} > summary").click()
    return found


def fill(page: Page, name: str, value: str) -> None:
    setting(page, name).locator("input").fill(value)


def save(page: Page) -> None:
    page.locator(".save-bar .save").click()


@pytest.fixture
def site(sites: Sites) -> Site:
    """A site with the default settings, of which none waits."""
    return sites.make(said={"pending_settings": ()})


@pytest.fixture
def settings_page(page: Page, site: Site) -> Page:
    """The page of the settings."""
    page.goto(f"{site.website.address}/#settings")
    page.wait_for_selector(".settings .sections .section")
    return page


def test_a_setting_is_found_by_its_help_changed_and_saved_at_once(settings_page: Page, site: Site) -> None:
    page = settings_page
    page.locator("#settings-search").fill("jpeg quality")
    until(page.locator(".found"), "2 settings")
    fill(page, "photo.quality", "70")
    until(page.locator(".save-bar"), "1 change, not saved")
    until(page.locator(".save-bar"), "in force at once")
    until(setting(page, "photo.quality"), "changed, not saved")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Save"
    assert saved_of(site) == {}
    page.keyboard.press("Enter")
    until(page.locator("#messages"), "In force now: Photo quality")
    expect_hidden(page.locator(".save-bar"))
    assert saved_of(site) == {"photo.quality": 70}
    assert page.evaluate("document.activeElement.closest('#section-photo') !== null")


def test_what_is_wrong_stands_beside_each_setting_and_nothing_is_saved(settings_page: Page, site: Site) -> None:
    page = settings_page
    fill(page, "photo.quality", "400")
    fill(page, "clock.zone", "Europe/Nowhere")
    fill(page, "preview.rate", "5")
    page.locator("#section-photo > summary").click()
    save(page)
    until(page.locator(".save-bar"), "Not saved")
    until(page.locator(".save-bar .text"), "Photo quality, Time zone")
    until(setting(page, "photo.quality").locator(".remark"), "10 to 100")
    until(setting(page, "clock.zone").locator(".remark"), "Europe/Nowhere")
    assert setting(page, "preview.rate").locator(".remark").inner_text() == ""
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert page.evaluate("document.activeElement.value") == "400"
    assert saved_of(site) == {}
    fill(page, "photo.quality", "80")
    fill(page, "clock.zone", "Europe/Berlin")
    save(page)
    until(page.locator("#messages"), "Saved")
    assert saved_of(site) == {"photo.quality": 80, "clock.zone": "Europe/Berlin", "preview.rate": 5.0}


def test_what_interrupts_the_recording_waits_until_it_is_applied(settings_page: Page, site: Site) -> None:
    page = settings_page
    fill(page, "camera.fps", "25")
    until(page.locator(".save-bar"), "about 2 seconds are not recorded")
    save(page)
    until(page.locator(".save-bar"), "Saved, but waiting: Frame rate")
    until(setting(page, "camera.fps"), "saved, waits")
    assert m.SettingsChanged(may_interrupt=True) not in site.recorder.asked
    page.reload()
    until(page.locator(".save-bar"), "Saved, but waiting: Frame rate")
    page.locator(".save-bar .apply").click()
    until(page.locator("#messages"), "In force now: Frame rate")
    expect_hidden(page.locator(".save-bar"))
    assert site.recorder.asked[-1] == m.SettingsChanged(may_interrupt=True)


def test_back_to_the_default_is_offered_where_it_differs(settings_page: Page, site: Site) -> None:
    page = settings_page
    assert not setting(page, "recording.autostart").locator(".back").is_visible()
    setting(page, "recording.autostart").get_by_role("switch").uncheck()
    save(page)
    until(page.locator("#messages"), "In force now: Record at start")
    assert saved_of(site) == {"recording.autostart": False}
    setting(page, "recording.autostart").locator(".back").click()
    assert setting(page, "recording.autostart").get_by_role("switch").is_checked()
    assert saved_of(site) == {"recording.autostart": False}
    save(page)
    wait_until(lambda: saved_of(site) == {})


def test_a_profile_shows_what_it_changes_and_lands_in_the_form(settings_page: Page, site: Site) -> None:
    page = settings_page
    page.get_by_role("heading", name="Ready-made profiles").click()
    until(page.locator(".profile").first, "In force already")
    wanted = next(profile for profile in PROFILES if profile.name == "low-power")
    card = page.locator(".profile", has=page.get_by_role("heading", name=wanted.label))
    until(card, "30 where possible → 15 frames/s")
    card.locator(".use").click()
    differing = {
        name for name, value in wanted.changes.items() if value_of(load_settings(None).settings, name) != value
    }
    until(page.locator(".found"), f"{len(differing)} changed settings")
    shown = page.locator(".setting:visible").evaluate_all("found => found.map((one) => one.dataset.name)")
    assert set(shown) == differing
    assert saved_of(site) == {}
    save(page)
    until(page.locator(".save-bar"), "waiting")
    assert saved_of(site) == {name: wanted.changes[name] for name in differing}
    until(card, "In force already")


def test_a_size_says_what_it_costs_and_fills_the_form(settings_page: Page, site: Site) -> None:
    page = settings_page
    setting(page, "camera.width")
    until(page.locator(".resolutions > summary"), "720p, 30 frames/s")
    page.locator(".resolutions > summary").click()
    choices = page.locator(".resolution")
    until(choices.filter(has_text="720p, 30 frames/s"), "MB/min")
    until(choices.filter(has_text="720p, 30 frames/s"), "on this card")
    until(choices.filter(has_text="4K, 30 frames/s"), "not with this camera")
    assert choices.filter(has_text="4K, 30 frames/s").locator("input").is_disabled()
    choices.filter(has_text="720p, 15 frames/s").click()
    values = [setting(page, f"camera.{name}").locator("input").input_value() for name in ("width", "height", "fps")]
    assert values == ["1280", "720", "15"]
    until(page.locator(".resolutions > summary"), "720p, 15 frames/s")
    until(page.locator(".save-bar"), "3 changes, not saved")
    assert saved_of(site) == {}


def test_a_change_from_elsewhere_is_taken_over_but_not_over_what_is_being_changed(
    settings_page: Page, site: Site
) -> None:
    page = settings_page
    fill(page, "photo.quality", "70")
    site.ask("PATCH", "/api/settings", {"changes": {"photo.quality": 50, "camera.fps": 25}})
    until(setting(page, "photo.quality"), "Changed elsewhere meanwhile to 50")
    assert setting(page, "photo.quality").locator("input").input_value() == "70"
    assert setting(page, "camera.fps").locator("input").input_value() == "25"
    page.locator(".save-bar .discard").click()
    assert setting(page, "photo.quality").locator("input").input_value() == "50"
    until(page.locator(".save-bar"), "Saved, but waiting: Frame rate")


def test_leaving_asks_once_and_keeps_what_was_changed(settings_page: Page, site: Site) -> None:
    page = settings_page
    fill(page, "photo.quality", "70")
    page.locator("#views a", has_text="Live").click()
    until(page.locator("#question"), "1 change, not saved")
    page.locator("#question .yes").click()
    page.wait_for_selector(".save-bar .save")
    assert setting(page, "photo.quality").locator("input").input_value() == "70"
    page.locator("#views a", has_text="Live").click()
    page.wait_for_selector("#live", state="visible")
    assert not page.locator("#question").is_visible()
    page.locator("#views a", has_text="Settings").click()
    save(page)
    wait_until(lambda: saved_of(site) == {"photo.quality": 70})


def test_the_page_goes_along_when_its_address_changes(page: Page, sites: Sites) -> None:
    site = sites.make(name="moving", assignments=("web.host=127.0.0.1",))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    page.goto(f"{site.website.address}/#settings")
    page.wait_for_selector(".settings .sections .section")
    fill(page, "web.port", str(port))
    until(page.locator(".save-bar"), "may move to another address")
    save(page)
    page.locator(".save-bar .apply").click()
    page.wait_for_url(f"http://127.0.0.1:{port}/#settings")
    page.wait_for_selector(".settings .sections .section")
    until(page.locator("#recording"), "Recording")


def test_what_was_given_on_the_command_line_is_read_only_and_mistakes_are_told(page: Page, sites: Sites) -> None:
    site = sites.make(name="given", assignments=("web.host=127.0.0.1", "web.port=0", "camera.fps=12", "camera.fsp=1"))
    page.goto(f"{site.website.address}/#settings/camera.fps")
    given = page.locator('.setting[data-name="camera.fps"]:visible')
    until(given, "Given with --set")
    until(given.locator("output"), "12 frames/s")
    assert given.locator("input, .back:visible").count() == 0
    until(page.locator(".mistakes"), "did you mean 'camera.fps'?")


def test_what_only_the_machine_itself_may_set_is_read_only_and_says_where(settings_page: Page) -> None:
    command = setting(settings_page, "events.command")
    until(command, "only on the machine itself: with --set events.command=… or in /etc/dashcam/dashcam.toml")
    until(command.locator("output"), "empty")
    assert command.locator("input, .back:visible").count() == 0


def test_on_a_small_phone_all_fits_and_suits_a_thumb(settings_page: Page) -> None:
    page = settings_page
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate("for (const one of document.querySelectorAll('.settings details')) one.open = true")
    fill(page, "camera.bitrate", "12000000")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    controls = page.locator(".settings :is(button, summary, select, label.resolution, .segments span, input):visible")
    found = controls.evaluate_all(
        """elements => elements.map((one) => {
            const { left, right, height } = one.getBoundingClientRect();
            return [one.outerHTML, one.matches("[type=radio], [type=checkbox]"), height, left, right];
        })"""
    )
    assert found
    for control, is_row, height, left, right in found:
        assert is_row or height >= LEAST_TOUCH, control
        assert left >= 0, control
        assert right <= 360, control


def test_the_ports_that_are_there_are_offered_and_files_from_anywhere_are_not_taken(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_SUGGESTIONS, "gps.device", lambda: ["/dev/ttyACM0", "/dev/serial0"])
    page.goto(f"{site.website.address}/#settings/gps")
    port = setting(page, "gps.device").locator("input")
    offered = "input => [...input.list.options].map(option => option.value)"
    assert port.evaluate(offered) == ["/dev/ttyACM0", "/dev/serial0"]
    fill(page, "gps.source", "/etc/passwd")
    page.locator(".save-bar .save").click()
    until(setting(page, "gps.source").locator(".remark"), "Name a file below")
    assert saved_of(site) == {}


def test_a_camera_that_cannot_be_stamped_says_so_beside_the_setting(settings_page: Page, site: Site) -> None:
    words = "this webcam sends ready H.264; nothing can be written into its pictures"
    remark = setting(settings_page, "stamp.video").locator(".remark")
    expect_hidden(remark)
    site.recorder.say(camera=replace(CAMERA, stamp_hindrance=words))
    until(remark, f"Without effect now: {words}.")
    site.recorder.say(camera=CAMERA)
    expect_hidden(remark)
