"""Fingers on the screen of the phone, and what they draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Fingers:
    """What fingers on the screen do, as the screen itself reports it."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def move(self, *path: list[tuple[float, float]]) -> None:
        """Touches at the first points, goes by the others, and leaves."""
        for number, points in enumerate(path):
            self._send("touchMove" if number else "touchStart", points)
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[tuple[float, float]]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


class Editor:
    """The open editor of zones, and where points of its picture are on the screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.locator("dialog.zones")
        self.dialog.wait_for()
        self.fingers = Fingers(page)

    def at(self, x: float, y: float) -> tuple[float, float]:
        box = self.dialog.locator(".zone-picture").bounding_box()
        assert box
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def pull(self, *shares: tuple[float, float]) -> None:
        """One finger along these points of the picture."""
        self.fingers.move(*([self.at(*share)] for share in shares))

    def press(self, words: str) -> None:
        self.dialog.get_by_role("button", name=words, exact=True).click()

    def save(self) -> None:
        self.press("Save")
        self.dialog.wait_for(state="hidden")
