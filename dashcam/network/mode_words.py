"""What the network mode says to people: what it does and why, and the cure where something is wrong."""

from __future__ import annotations

from dashcam.network.keys import shown
from dashcam.network.mode_state import OrderKind
from dashcam.network.mode_view import View
from dashcam.system.appliance import ACCESS_POINT_ADDRESS

OFF = "Wi-Fi is left alone. To have it looked after, switch on network.wifi."
NO_RADIO = "This machine has no Wi-Fi radio, or NetworkManager does not know it; the page is on its other networks."
STARTING = "The radio comes up."
LOOKING = "Nobody is on the own access point: it is away for some seconds, to look whether a known network is there."
RENAMED = "The own access point gets its new name."
IPHONE = "On an iPhone open Settings, Personal Hotspot and stay there; its hotspot shows itself to others only then."
JOIN_TOOK_TOO_LONG = (
    "It was in reach but did not let the dashcam in for half a minute; go nearer or restart its hotspot."
)
DEAD_WAITS = (
    "It is tried again in some minutes, and recording goes on. If that does not help, switch the power off and on "
    "after the drive."
)
RUNGS: dict[OrderKind, str] = {
    "leave": "It begins anew.",
    "cycle": "It is switched off and on.",
    "reload": "Its driver is loaded anew.",
}


def unmanaged(view: View) -> str:
    """With the cure."""
    name = view.mode.radio.interface
    return f"NetworkManager leaves {name} alone: `nmcli device set {name} managed yes` gives it back."


def not_ready(view: View) -> str:
    """Why the radio can be given nothing to do."""
    radio = view.mode.radio
    if not radio.interface:
        return "The Wi-Fi radio has vanished."
    if radio.is_blocked:
        return "The Wi-Fi radio is blocked by a switch or by the system (`rfkill list` tells)."
    if not radio.is_enabled:
        return "The Wi-Fi radio was switched off."
    return "The Wi-Fi radio does not come up."


def dead(view: View) -> str:
    """What the radio said last."""
    said = view.mode.ladder.words
    return f"The own access point does not open{f' ({said})' if said else ''}."


def joined(view: View) -> str:
    """Which network it is on."""
    return f"On {shown(view.mode.radio.ssid)}."


def joining(view: View, uuid: str) -> str:
    """Which network it is about to be on."""
    return f"Joins {view.name_of(uuid)}."


def trying(view: View, uuid: str) -> str:
    """What was asked for."""
    whom = view.name_of(uuid) if uuid else "the known networks"
    return f"Tries {whom}, as was asked for; if that fails the own access point is there again."


def searching(view: View) -> str:
    """Why there is nothing at this moment."""
    search = view.mode.search
    match search.kind if search is not None else "start":
        case "lost":
            return "The network is gone: it waits a moment for its return, then opens the own access point."
        case "look":
            return LOOKING
        case "try":
            return f"Looks for {view.name_of(search.only) if search and search.only else 'known networks'}. {IPHONE}"
        case "closed":
            return "The own access point was closed by something else: it looks around and opens it again."
    return "Looks for known networks; if there is none it opens its own access point."


def opening(view: View) -> str:
    """Why."""
    if not view.mode.known:
        return "No network is known yet: opens the own access point."
    return "No known network is there: opens the own access point."


def occupied(view: View) -> str:
    """It stays."""
    guests = view.mode.guests
    if guests is None:
        return f"Own access point, page at {ACCESS_POINT_ADDRESS}. Nobody can tell who is on it, so it stays."
    return f"Own access point, page at {ACCESS_POINT_ADDRESS}. Stays while somebody is on it."


def empty(view: View) -> str:
    """Whether it will look around."""
    place = f"Own access point, page at {ACCESS_POINT_ADDRESS}."
    refused = [trouble.words for trouble in view.mode.troubles.values() if trouble.kind == "wrong_key"]
    if refused:
        place = f"{place} {refused[0][:1].upper()}{refused[0][1:].rstrip('.')}."
    if not view.mode.known:
        return f"{place} No network is known: add a phone's hotspot on the page."
    return place if view.look_at is None else f"{place} Looks for known networks now and then while nobody is on it."
