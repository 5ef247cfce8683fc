"""What the command line prints of the network, as lines. Pure, but for the library that draws QR codes."""

from __future__ import annotations

from dashcam.link.network_messages import (
    AccessPoint,
    NetworksSeen,
    NetworkStatus,
    ScannedNetwork,
    ShareStatus,
    WifiStatus,
)
from dashcam.system.qr import terminal_qr

_STATES = {
    "off": "off",
    "no_radio": "no radio",
    "starting": "starting",
    "joining": "joining",
    "joined": "joined",
    "opening": "opening the own access point",
    "access_point": "own access point",
    "looking": "looking for networks",
    "failed": "failed",
}
_SECURITIES = {
    "open": "no key",
    "wpa": "",
    "wpa3": "WPA3",
    "wep": "WEP, cannot be joined",
    "enterprise": "with accounts, cannot be joined",
}
_NO_ADDRESS = "no address yet: the machine is in no network, or the page does not run"
_SHARES = {"smb": "Network drive", "ftp": "FTP"}


def status_lines(status: NetworkStatus) -> list[str]:
    """Wi-Fi, the page with its QR code, the shares, and what is wrong."""
    lines = [f"{'Wi-Fi':<15}{_wifi(status.wifi)}", f"{'':<15}{status.wifi.words}"]
    for number, address in enumerate(status.page_addresses or (_NO_ADDRESS,)):
        lines.append(f"{'Page' if number == 0 else '':<15}{address}")
    for share in status.shares:
        where = ", ".join(share.addresses) if share.is_running else share.words or "off"
        lines.append(f"{_SHARES[share.kind]:<15}{where}")
    lines += [f"! {warning}" for warning in status.warnings]
    if status.page_addresses:
        # Who has just scanned the access point's code is not helped by a name that takes a while to be found.
        plain = next((each for each in status.page_addresses if ".local" not in each), status.page_addresses[0])
        lines += ["", *terminal_qr(plain), f"The page: {plain}"]
    return lines


def _wifi(wifi: WifiStatus) -> str:
    parts = [_STATES[wifi.state]]
    if wifi.ssid:
        parts.append(wifi.ssid)
    if wifi.signal_percent is not None:
        parts.append(f"{wifi.signal_percent} %")
    if wifi.address:
        parts.append(wifi.address)
    if wifi.state == "access_point":
        parts.append("nobody on it" if not wifi.stations else f"{wifi.stations} on it")
    return ", ".join(parts)


def switched_lines(kind: str, shares: tuple[ShareStatus, ...], *, is_on: bool) -> list[str]:
    """That a share is on or off now, and what it still lacks."""
    lines = [f"{_SHARES[kind]} is switched {'on' if is_on else 'off'}."]
    if is_on and not shares:
        lines.append("But this machine has no shares: scripts/install makes them.")
    elif is_on and not any(share.has_password for share in shares):
        lines.append("It opens once it has a password: `dashcam network shares password`.")
    return lines


def access_point_lines(found: AccessPoint) -> list[str]:
    """Name, key, and the QR code by which a phone's camera joins."""
    return [
        "",
        *terminal_qr(found.qr_text),
        f"Own access point: {found.ssid}",
        f"Key:              {found.key}",
        f"Page on it:       http://{found.address}/",
    ]


def saved_lines(status: NetworkStatus) -> list[str]:
    """The preferred one first, with what became of the last try."""
    if not status.saved:
        return ["No network is saved. `dashcam network add SSID` saves one."]
    lines = []
    for place, each in enumerate(status.saved, 1):
        facts = [text for text, is_so in (("hidden", each.is_hidden), ("no key", not each.has_key)) if is_so]
        facts += [each.address] if each.address else []
        facts += ["joined"] if status.wifi.state == "joined" and status.wifi.network_id == each.id else []
        lines.append(f"{place:>2}  {each.ssid}{_in_brackets(facts)}  {each.id}")
        lines += [f"    {each.words}"] if each.words else []
    return lines


def seen_lines(seen: NetworksSeen) -> list[str]:
    """The strongest first."""
    lines = [seen.words] if seen.words else []
    if seen.words and seen.age_seconds is not None:
        lines.append(f"That was {seen.age_seconds:.0f} s ago:")
    if not seen.networks:
        return [*lines, "Nothing is in reach. A phone's hotspot must be on, at 2.4 GHz, its settings page open."]
    return [*lines, *(_seen(each) for each in seen.networks)]


def _seen(each: ScannedNetwork) -> str:
    facts = [text for text in (_SECURITIES[each.security], "5 GHz" if each.is_5_ghz else "") if text]
    facts += ["saved"] if each.network_id else []
    return f"{each.signal_percent:>3} %  {each.ssid}{_in_brackets(facts)}"


def _in_brackets(facts: list[str]) -> str:
    return f" ({', '.join(facts)})" if facts else ""
