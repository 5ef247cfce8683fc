"""What only root can do to the radio: switch it on, tell it the country, load its driver anew."""

from __future__ import annotations

import logging

from dashcam.network.apply_places import ApplyTrouble, Places
from dashcam.network.wanted import Wanted
from dashcam.system.tool import ToolFailed

log = logging.getLogger(__name__)

# The Raspberry Pi's radio. The first is a part of the second since Linux 6.3, and has to go before it.
_DRIVERS = ("brcmfmac_wcc", "brcmfmac_cyw", "brcmfmac_bca", "brcmfmac")
_LOADED_SECONDS = 60.0


def switch_on(wanted: Wanted, places: Places) -> None:
    """Undoes what keeps the radio off until a country is set, as on Raspberry Pi OS. Raises ApplyTrouble."""
    if not wanted.wifi or not has_radio(places):
        return
    try:
        places.run(["rfkill", "unblock", "wlan"])
    except ToolFailed as error:
        raise ApplyTrouble(f"The radio may be switched off: {error}; try `sudo rfkill unblock wlan`.") from error


def set_country(wanted: Wanted, places: Places) -> None:
    """By which channels the radio goes. Raises ApplyTrouble."""
    if not wanted.wifi or not wanted.country or not has_radio(places):
        return
    try:
        places.run(["iw", "reg", "set", wanted.country])
    except ToolFailed as error:
        cure = "install iw" if error.is_missing else "look whether network.country is right"
        raise ApplyTrouble(f"The radio does not know its country: {error}; {cure}.") from error


def reload_driver(wanted: Wanted, last: int | None, places: Places) -> int:
    """Loads it anew when another number than `last` is wanted; gives the number that is to be remembered.

    None: this is the first time since the start of the machine, which has just loaded it. Raises ApplyTrouble.
    """
    if last is None or wanted.reload_radio == last:
        return wanted.reload_radio
    loaded = [name for name in _DRIVERS if (places.modules / name).is_dir()]
    try:
        if loaded:
            places.run(["modprobe", "--remove", *loaded], limit_seconds=_LOADED_SECONDS)
        places.run(["modprobe", _DRIVERS[-1]], limit_seconds=_LOADED_SECONDS)
    except ToolFailed as error:
        raise ApplyTrouble(
            f"The radio's driver cannot be loaded anew: {error}; switch the dashcam off and on when that suits you."
        ) from error
    log.warning("the radio's driver was loaded anew")
    return wanted.reload_radio


def has_radio(places: Places) -> bool:
    """The kernel knows a radio for Wi-Fi."""
    try:
        return any(places.radios.iterdir())
    except OSError:
        return False
