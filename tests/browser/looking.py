"""How tests look at the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.web.sites import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

CLIP_SECONDS = 6
# The brightness in the middle of a picture or video.
GREY_OF_MIDDLE = """element => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 8, height: 8});
    const context = canvas.getContext("2d");
    context.drawImage(element, 0, 0, 8, 8);
    return context.getImageData(4, 4, 1, 1).data[0];
}"""
# `tones`: the frequencies of all that was played.
HEAR_TONES = """
    window.tones = [];
    const create = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
        const made = create.call(this);
        const start = made.start;
        made.start = function (at) { tones.push(made.frequency.value); start.call(made, at); };
        return made;
    };
"""
# The brightness of every pixel of a picture, as text.
LUMA_OF = """video => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, {width: video.videoWidth, height: video.videoHeight});
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
    let luma = "";
    for (let at = 1; at < data.length; at += 4) luma += String.fromCharCode(data[at]);
    return btoa(luma);
}"""


def until(locator: Locator, text: str) -> None:
    """Waits until the element shows `text` somewhere."""
    from playwright.sync_api import expect

    expect(locator).to_contain_text(text, timeout=PATIENCE_SECONDS * 1000)
