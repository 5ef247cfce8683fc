"""The appliance's own radio as others see it: asked of the kernel and of NetworkManager, never of the dashcam."""

from __future__ import annotations

import codecs
import threading
import time

from tests.vm.guest.telling import run, uptime

INTERFACE = "wlan0"
_SAMPLE_SECONDS = 0.5


def is_access_point() -> bool:
    """Its own access point is open: the radio plays one, and it has its address."""
    info = run("iw", "dev", INTERFACE, "info", is_checked=False)
    return "type AP" in info and "ssid" in info and "10.41.0.1/" in _addresses()


def joined_ssid() -> bytes:
    """What it has joined and has an address in; empty when nothing."""
    link = run("iw", "dev", INTERFACE, "link", is_checked=False)
    if "Connected to" not in link or "inet " not in _addresses():
        return b""
    escaped = next((line.split("SSID: ", 1)[1] for line in link.splitlines() if "SSID: " in line), "?")
    # iw writes what is not ASCII, and spaces at the ends, as \x and two digits.
    return codecs.escape_decode(escaped.encode())[0]


def address() -> str:
    """Its IPv4 address; empty without one."""
    for line in _addresses().splitlines():
        if line.strip().startswith("inet "):
            return line.split()[1].partition("/")[0]
    return ""


def is_ready() -> bool:
    """NetworkManager can use it."""
    state = run("nmcli", "-g", "GENERAL.STATE", "device", "show", INTERFACE, is_checked=False)
    return state[:3].strip().isdigit() and int(state[:3]) >= 30


def key_management() -> str:
    """By what it has joined, as wpa_supplicant tells: WPA-PSK, SAE."""
    status = run("wpa_cli", "-i", INTERFACE, "status", is_checked=False)
    return next((line.partition("=")[2] for line in status.splitlines() if line.startswith("key_mgmt=")), "")


def _addresses() -> str:
    return run("ip", "-4", "addr", "show", "dev", INTERFACE, is_checked=False)


class Reach:
    """Samples whether the dashcam can be reached at all: by a network that it has joined, or by its access point."""

    def __init__(self) -> None:
        self.worst_seconds = 0.0
        self._last_reached = uptime()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="reach", daemon=True)

    def start(self) -> None:
        """Counts from now."""
        self._last_reached = uptime()
        self._thread.start()

    def stop(self) -> float:
        """The longest time without."""
        self._stop.set()
        self._thread.join()
        return round(self.worst_seconds, 1)

    def _watch(self) -> None:
        while not self._stop.is_set():
            now = uptime()
            if is_access_point() or joined_ssid():
                self._last_reached = now
            self.worst_seconds = max(self.worst_seconds, now - self._last_reached)
            time.sleep(_SAMPLE_SECONDS)
