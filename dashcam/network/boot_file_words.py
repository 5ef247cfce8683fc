"""The two texts that are written beside dashcam.toml, for whoever puts the card into a computer."""

from __future__ import annotations

from collections.abc import Iterable

from dashcam.network.base import OwnAccessPoint
from dashcam.network.keys import shown
from dashcam.system.appliance import ACCESS_POINT_ADDRESS

# By these two Notepad of every age knows UTF-8 and lines.
_MARK, _END = "\ufeff", "\r\n"


def report_text(taken: Iterable[str], mistakes: Iterable[str]) -> str:
    """What became of the file; the same as long as that is, so that it is not written at every start."""
    lines = ["What the dashcam has made of dashcam.toml", ""]
    lines += _listed("Taken over:", taken) or ["Nothing is written in it yet.", ""]
    lines += _listed("Please mend, and start the dashcam with the card again:", mistakes)
    lines += ["What is changed on the page later counts, until it is changed here again.", ""]
    return _MARK + _END.join(lines)


def info_text(own: OwnAccessPoint | None, host_name: str) -> str:
    """How the dashcam is found without knowing anything."""
    lines = ["How to open the page of this dashcam", ""]
    if own is not None:
        lines += [
            "Where it finds no network that it knows, it opens its own Wi-Fi:",
            f"    Name:      {shown(own.ssid)}",
            f"    Password:  {own.key}",
            f"    Page:      http://{ACCESS_POINT_ADDRESS}/",
            "",
            "On your phone's hotspot, and at home:",
        ]
    lines += [f"    Page:      http://{host_name}.local/", ""]
    lines += ["Whoever has this card has this password, too.", ""] if own else []
    return _MARK + _END.join(lines)


def _listed(heading: str, words: Iterable[str]) -> list[str]:
    items = [f"  - {each}" for each in words]
    return [heading, *items, ""] if items else []
