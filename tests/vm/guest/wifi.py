"""Trials of Wi-Fi: phones come and go, and the dashcam is always somewhere."""

from __future__ import annotations

import time
from pathlib import Path

from dashcam.errors import DashcamError
from dashcam.link import messages as m
from dashcam.link.client import ask
from dashcam.system.appliance import STATE_FOLDER
from tests.vm.guest import radio
from tests.vm.guest.phones import Phone
from tests.vm.guest.telling import TrialFailed, tell, until, uptime

PHONE, KEY = "Zoe’s iPhone".encode(), "correct horse battery"
ACCESS_POINT_SECONDS = 45.0
BACK_SECONDS = 60.0
_ASK_SECONDS = 60.0
_LONG = 240.0


def status() -> m.NetworkStatus:
    """What the dashcam says of itself."""
    return ask(STATE_FOLDER, "network", m.GetNetworkStatus(), m.NetworkStatus, _ASK_SECONDS)


def add(ssid: bytes, key: str, **facts: object) -> str:
    """Saves a network, as the page does."""
    request = m.AddNetwork(ssid_hex=ssid.hex(), key=key, **facts)  # type: ignore[arg-type]
    return ask(STATE_FOLDER, "network", request, m.NetworkAdded, _ASK_SECONDS).id


def try_now(network_id: str = "") -> m.TryBegins:
    """As the button of the page."""
    return ask(STATE_FOLDER, "network", m.TryNetwork(id=network_id), m.TryBegins, _ASK_SECONDS)


def answers() -> bool:
    """The network program is there."""
    try:
        status()
    except DashcamError:
        return False
    return True


def check(name: str, seconds: float, limit_seconds: float, **facts: object) -> None:
    """Tells a time; a trial goes on when it was too long, so that all are known."""
    tell("time", name=name, seconds=round(seconds, 1), limit=limit_seconds, good=seconds <= limit_seconds, **facts)


def joined(ssid: bytes = PHONE) -> bool:
    """To this network, with an address."""
    return radio.joined_ssid() == ssid


def frames() -> None:
    """What the recorder has lost meanwhile."""
    recorder = ask(STATE_FOLDER, "recorder", m.GetStatus(), m.RecorderStatus, _ASK_SECONDS)
    queue = recorder.queue
    tell(
        "frames",
        received=recorder.frames_received,
        written=recorder.frames_written,
        dropped=queue.dropped_frames,
        is_recording=recorder.is_recording,
        good=queue.dropped_frames == 0 and recorder.is_recording and recorder.frames_received > 0,
    )


def reaches(phone: Phone) -> None:
    """The page over the air, by address and by name."""
    page = phone.fetch(f"http://{radio.address()}/")
    named = phone.ask_name("dashcam.local")
    tell("page", good="<html" in page.lower() and named == radio.address(), name=named, address=radio.address())


def cycle(_: dict[str, str]) -> None:
    """At boot, lost, own access point, back, and with somebody on the access point: never dropped."""
    phone, visitor = Phone("phone", "wlan1"), Phone("visitor", "wlan2")
    phone.open_hotspot(PHONE, KEY)
    until("the radio is ready", radio.is_ready, _LONG)
    ready_at = uptime()
    reach = radio.Reach()
    reach.start()
    until("the network program answers", answers, _LONG)
    is_known = bool(status().saved)
    if not is_known:
        add(PHONE, KEY)
    until("joined at boot", joined, _LONG)
    check("joined at boot" if is_known else "joined when added", uptime() - ready_at, ACCESS_POINT_SECONDS)
    reaches(phone)

    phone.close()
    check("own access point after loss", until("own access point", radio.is_access_point, _LONG), ACCESS_POINT_SECONDS)
    time.sleep(17)
    phone.open_hotspot(PHONE, KEY)
    check("back", until("back to the phone", joined, _LONG), BACK_SECONDS)

    phone.close()
    until("own access point again", radio.is_access_point, _LONG)
    own = ask(STATE_FOLDER, "network", m.GetAccessPoint(), m.AccessPoint, _ASK_SECONDS)
    visitor.join(own.ssid, own.key, "10.41.0.77/24")
    tell("page", good="<html" in visitor.fetch("http://10.41.0.1/").lower(), name="", address="10.41.0.1")
    phone.open_hotspot(PHONE, KEY)
    until_at = uptime() + 90
    dropped = 0
    while uptime() < until_at:
        dropped += not radio.is_access_point()
        time.sleep(0.5)
    tell("kept", good=dropped == 0, dropped=dropped)
    visitor.close()
    check("back after the visitor", until("back to the phone", joined, _LONG), BACK_SECONDS + 60)
    worst = reach.stop()
    check("longest out of reach", worst, ACCESS_POINT_SECONDS)
    frames()


def variants(_: dict[str, str]) -> None:
    """Wrong key, hidden, WPA2 with WPA3, two networks, a fixed address, an empty phone hotspot name of any bytes."""
    phone, other = Phone("phone", "wlan1"), Phone("visitor", "wlan2")
    until("the radio is ready", radio.is_ready, _LONG)
    until("the network program answers", answers, _LONG)
    reach = radio.Reach()
    reach.start()
    for network in status().saved:
        ask(STATE_FOLDER, "network", m.ForgetNetwork(id=network.id), m.Done, _ASK_SECONDS)
    until("own access point", radio.is_access_point, _LONG)

    phone.open_hotspot(b"DriverPhone", KEY)
    wrong = add(b"DriverPhone", "not the right key")
    try_now(wrong)
    time.sleep(5)
    check("own access point after a wrong key", until("back", radio.is_access_point, _LONG), ACCESS_POINT_SECONDS)
    words = next(network.words for network in status().saved if network.id == wrong)
    tell("words", name="wrong key", words=words, good="key" in words.lower() or "password" in words.lower())
    add(b"DriverPhone", KEY)
    try_now()
    check("joined with the right key", until("joined", lambda: joined(b"DriverPhone"), _LONG), BACK_SECONDS)
    phone.close()

    _one(phone, "typographic", PHONE, KEY)
    _one(phone, "hidden", b"quiet", KEY, is_hidden=True)
    _one(phone, "WPA2 and WPA3", b"Modern", KEY, security="transition")
    _one(phone, "open", b"Cafe", "", security="open")
    _one(phone, "bytes", b"\xff\x00caf\xe9: \\;\"'", KEY)
    _fixed(phone)
    _two(phone, other)
    check("longest out of reach", reach.stop(), ACCESS_POINT_SECONDS)
    frames()


def _one(phone: Phone, name: str, ssid: bytes, key: str, *, is_hidden: bool = False, security: str = "wpa2") -> None:
    """From the own access point to a network that has just come, by the button; then it goes again."""
    until("own access point", radio.is_access_point, _LONG)
    phone.open_hotspot(ssid, key, is_hidden=is_hidden, security=security)
    network_id = add(ssid, key, is_hidden=is_hidden)
    try_now(network_id)
    seconds = until(f"{name}: joined", lambda: joined(ssid), _LONG)
    check(name, seconds, BACK_SECONDS, by=radio.key_management(), shown=radio.joined_ssid().hex())
    reaches(phone)
    ask(STATE_FOLDER, "network", m.ForgetNetwork(id=network_id), m.Done, _ASK_SECONDS)
    phone.close()


def _fixed(phone: Phone) -> None:
    until("own access point", radio.is_access_point, _LONG)
    phone.open_hotspot(b"Home", KEY)
    network_id = add(b"Home", KEY, address="192.168.43.200/24", gateway="192.168.43.1")
    try_now(network_id)
    until("fixed address: joined", lambda: joined(b"Home"), _LONG)
    tell("fixed", good=radio.address() == "192.168.43.200", address=radio.address())
    reaches(phone)
    ask(STATE_FOLDER, "network", m.ForgetNetwork(id=network_id), m.Done, _ASK_SECONDS)
    phone.close()


def _two(phone: Phone, other: Phone) -> None:
    """Both are there: the preferred one is joined; it goes: the other one."""
    until("own access point", radio.is_access_point, _LONG)
    phone.open_hotspot(b"First", KEY)
    other.open_hotspot(b"Second", KEY, subnet="192.168.44")
    second = add(b"Second", KEY)
    first = add(b"First", KEY)
    ask(STATE_FOLDER, "network", m.OrderNetworks(ids=(first, second, *_others(first, second))), m.Done, _ASK_SECONDS)
    try_now()
    until("one of two", lambda: bool(radio.joined_ssid()), _LONG)
    tell("two", good=joined(b"First"), joined=radio.joined_ssid().decode())
    phone.close()
    check("the other of two", until("the other of two", lambda: joined(b"Second"), _LONG), BACK_SECONDS)
    other.close()


def _others(*known: str) -> tuple[str, ...]:
    return tuple(network.id for network in status().saved if network.id not in known)


def show(_: dict[str, str]) -> None:
    """How everything stands, for whoever looks for a fault."""
    until("the radio is ready", radio.is_ready, _LONG)
    until("the network program answers", answers, _LONG)
    time.sleep(60)
    print(Path("/proc/meminfo").read_text()[:120])
    tell("status", words=status().wifi.words, state=status().wifi.state)
    if not radio.is_access_point():
        raise TrialFailed("no access point although nothing is known")


TRIALS = {"cycle": cycle, "variants": variants, "show": show}
