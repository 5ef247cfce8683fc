"""Deleting in a real browser: nothing goes that the person did not mean, and not before the seconds are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from dashcam.web.reply import MAX_BODY_BYTES
from tests.browser.looking import until
from tests.browser.test_gallery import choose_and_delete, deletions, open_gallery
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_what_another_phone_has_locked_meanwhile_comes_back_and_is_deleted_only_if_it_is_meant(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    page.clock.install()
    open_gallery(page, site, 3)
    choose_and_delete(page, 0, 1)
    assert site.post("/api/clips/lock", {"ids": ["42-3"]}).json["done"] == ["42-3"]
    page.clock.run_for(6_500)
    until(
        page.locator(".undo"), "1 clip could not be deleted: It was locked meanwhile; delete it again if you mean it."
    )
    wait_until(lambda: page.locator(".tile").count() == 2)
    assert site.get("/api/clips/42-3").status == 200
    page.locator(".undo .act").click()
    assert page.locator(".tile").count() == 1
    page.clock.run_for(6_500)
    wait_until(lambda: deletions(site)[1:] == [m.DeleteClips(ids=("42-3",), locked=("42-3",))])
    assert site.get("/api/clips/42-3").status == 404


def hide_page(page: Page, *, is_hidden: bool) -> None:
    """As when the screen goes off, or another app is looked at."""
    page.evaluate(
        """(isHidden) => {
            Object.defineProperty(document, "hidden", {configurable: true, get: () => isHidden});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def test_a_look_at_another_app_takes_none_of_the_seconds_to_undo_it(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    page.clock.install()
    open_gallery(page, site, 3)
    choose_and_delete(page, 0)
    hide_page(page, is_hidden=True)
    page.clock.run_for(3_000)
    hide_page(page, is_hidden=False)
    page.locator(".undo .act").click()
    wait_until(lambda: page.locator(".tile").count() == 3)
    page.clock.run_for(10_000)
    choose_and_delete(page, 1)
    hide_page(page, is_hidden=True)
    page.clock.run_for(6_500)
    wait_until(lambda: deletions(site) == [m.DeleteClips(ids=("42-2",))])


def test_what_outlives_the_page_is_no_more_than_browsers_let(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#clips")
    sent = page.evaluate(
        """async () => {
            const ids = [...Array(7000).keys()].map((number) => `123456789-${100000000 + number}`);
            const sent = [];
            window.fetch = async (path, {body, keepalive}) => {
                sent.push({path, keepalive, bytes: body.length, ids: JSON.parse(body).ids});
                if (sent.length === 2) {
                    throw new TypeError("the page is gone");
                }
                return new Response('{"done": [], "failed": {}, "locked": []}');
            };
            const {removeOnLeaving} = await import("/js/api-more.js");
            const {failed} = await removeOnLeaving(ids, ids);
            return {parts: sent, failed: Object.keys(failed), ids};
        }"""
    )
    parts = [part for part in sent["parts"] if part["path"] == "/api/clips/delete"]
    assert [clip_id for part in parts for clip_id in part["ids"]] == sent["ids"]
    assert 40_000 < sum(part["bytes"] for part in parts if part["keepalive"]) < 64 * 1024
    assert max(part["bytes"] for part in parts) <= MAX_BODY_BYTES
    assert sent["failed"] == sent["parts"][1]["ids"]
