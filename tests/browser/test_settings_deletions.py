"""A smaller quota asks before it deletes, and what is not in force is not said to be, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashcam.settings import load_settings
from tests.browser.looking import until
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_quota_that_deletes_is_asked_for_and_no_is_no(page: Page, site: Site) -> None:
    site.keeper.add(clip_row(1, kind="photo", path="PHOTO/2026-11-20/a.jpg"), bytes(12_000_000))
    page.goto(f"{site.website.address}/#settings/storage.photo_quota")
    page.set_viewport_size({"width": 360, "height": 740})
    field = page.locator('.setting[data-name="storage.photo_quota"]:visible input')
    field.fill("10 MB")
    page.locator(".save-bar .save").click()
    until(page.locator("#question"), "about 2.0 MB of photos are deleted at once")
    page.locator("#question .no").click()
    until(page.locator(".save-bar"), "1 change, not saved")
    assert field.input_value() == "10 MB"
    assert load_settings(site.state).saved == {}
    page.locator(".save-bar .save").click()
    page.locator("#question .yes").click()
    wait_until(lambda: load_settings(site.state).saved == {"storage.photo_quota": "10 MB"})
    until(page.locator("#messages"), "Photos")


def test_an_amount_without_a_unit_is_asked_for_it_at_once_and_is_not_saved(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#settings/storage.loop_quota")
    setting = page.locator('.setting[data-name="storage.loop_quota"]:visible')
    setting.locator("input").fill("75")
    setting.locator("input").press("Tab")
    until(setting.locator(".remark"), "Write 75 % or 75 GB")
    page.locator(".save-bar .save").click()
    until(setting.locator(".remark"), "with its unit")
    assert load_settings(site.state).saved == {}


def test_what_an_absent_keeper_has_to_know_is_said_to_come_later(page: Page, site: Site) -> None:
    site.keeper.close()
    page.goto(f"{site.website.address}/#settings/storage.photo_quota")
    page.locator('.setting[data-name="storage.photo_quota"]:visible input').fill("5 GB")
    page.locator(".save-bar .save").click()
    until(page.locator("#messages"), "Once the dashcam's programs answer again: Photos.")
    assert "In force now" not in page.locator("#messages").inner_text()
