"""Why NetworkManager could not: its errors, exit codes and words, as one error that names the cure. Pure."""

from __future__ import annotations

from typing import NoReturn

from dashcam.network.base import NetworkTrouble, Profile, TroubleKind
from dashcam.network.keys import shown
from dashcam.system.bus import BusMissing, BusRefusal

NOT_RUNNING = "NetworkManager does not run; install it (apt install network-manager) or start it: systemctl start "
NOT_RUNNING += "NetworkManager"
NO_RADIO = "there is no Wi-Fi radio; if one is plugged in by USB, look whether its driver or firmware is missing"
_FORBIDDEN = "NetworkManager does not let the dashcam change that; scripts/install installs the polkit rule for it"

# What nmcli says, of any version since 1.20, in English: with LC_ALL=C it speaks no other language. The first that
# is found counts: a device is also "not available because the network could not be found".
_WORDS: tuple[tuple[str, TroubleKind], ...] = (
    ("Secrets were required", "wrong_key"),
    ("No valid secrets", "wrong_key"),
    ("Wi-Fi network could not be found", "not_found"),
    ("unknown connection", "not_found"),
    ("no such connection", "not_found"),
    ("IP configuration could not be reserved", "no_address"),
    ("IP configuration is no longer valid", "no_address"),
    ("DHCP", "no_address"),
    ("supplicant", "refused"),
    ("No carrier", "refused"),
    ("Not authorized", "forbidden"),
    ("Insufficient privileges", "forbidden"),
    ("AccessDenied", "forbidden"),
    ("not running", "no_service"),
    ("Could not create NMClient", "no_service"),
    ("Scanning not allowed", "not_ready"),
    ("No suitable device", "not_ready"),
    ("not available", "not_ready"),
    ("is not active", "not_ready"),
    ("Timeout", "timeout"),
)
# nmcli(1), exit status
_EXIT_CODES: dict[int, TroubleKind] = {3: "timeout", 8: "no_service", 10: "not_found"}
_LONGEST_WORDS = 300


def kind_of(exit_code: int, words: str) -> TroubleKind:
    """By what nmcli has printed, else by its exit code."""
    lowered = words.lower()
    for part, kind in _WORDS:
        if part.lower() in lowered:
            return kind
    return _EXIT_CODES.get(exit_code, "unknown")


def trouble_of(exit_code: int, words: str) -> NetworkTrouble:
    """What nmcli meant, with its own words where there is nothing better to say."""
    kind = kind_of(exit_code, words)
    plain = _plain(words) or f"nmcli ended with {exit_code}"
    match kind:
        case "no_service":
            return NetworkTrouble(kind, NOT_RUNNING)
        case "forbidden":
            return NetworkTrouble(kind, f"{_FORBIDDEN} ({plain})")
    return NetworkTrouble(kind, plain)


def joining_trouble(trouble: NetworkTrouble, profile: Profile) -> NetworkTrouble:
    """The same, told of the network that was to be joined."""
    name = shown(profile.ssid)
    match trouble.kind:
        case "wrong_key" if profile.security == "wpa3":
            words = (
                f"{name} did not accept the key, or the radio cannot WPA3; type the key anew, and set the hotspot to "
                "WPA2: on an iPhone switch on Maximise Compatibility"
            )
        case "wrong_key":
            words = f"the key of {name} is wrong; type it anew, as the hotspot's settings show it now"
        case "not_found":
            words = (
                f"{name} is not in reach; switch the hotspot on, keep its page open on an iPhone, and let it use "
                "2.4 GHz (Maximise Compatibility)"
            )
        case "no_address":
            words = f"{name} let the dashcam in but gave it no address; switch the hotspot off and on again"
        case "refused":
            words = (
                f"{name} did not let the dashcam in; come nearer, look how many devices it allows, and set it to WPA2 "
                f"(Maximise Compatibility on an iPhone) ({trouble.detail})"
            )
        case "timeout":
            words = f"{name} was not joined in time; come nearer and try again"
        case _:
            return trouble
    return NetworkTrouble(trouble.kind, words)


def opening_trouble(trouble: NetworkTrouble) -> NetworkTrouble:
    """The same, told of the own access point."""
    if "Shared connection" in trouble.detail or trouble.kind == "no_address":
        words = "the own access point has nobody who hands out addresses; install it: apt install dnsmasq-base"
        return NetworkTrouble("no_address", words)
    if trouble.kind == "timeout":
        return NetworkTrouble("timeout", "the own access point did not open in time")
    return NetworkTrouble(trouble.kind, f"the own access point did not open: {trouble.detail}")


def bus_trouble(error: BusMissing | BusRefusal) -> NetworkTrouble:
    """What an answer on D-Bus, or none, means."""
    if isinstance(error, BusMissing):
        return NetworkTrouble("no_service", f"{NOT_RUNNING} ({error})")
    last = error.name.rpartition(".")[2]
    if last in ("ServiceUnknown", "NameHasNoOwner"):
        return NetworkTrouble("no_service", NOT_RUNNING)
    if error.is_forbidden or last in ("PermissionDenied", "NotPrivileged"):
        return NetworkTrouble("forbidden", f"{_FORBIDDEN} ({error})")
    if last in ("InvalidProperty", "MissingProperty", "InvalidSetting", "MissingSetting", "InvalidConnection"):
        return NetworkTrouble("invalid", f"NetworkManager does not take this: {error}")
    if last in ("NotAllowed", "UnavailableDevice", "DeviceNotActive", "NotActive"):
        return NetworkTrouble("not_ready", f"the radio cannot do that now; try again ({error})")
    if last in ("UnknownConnection", "UnknownObject", "DoesNotExist"):
        return NetworkTrouble("not_found", f"NetworkManager does not know it any more ({error})")
    if last in ("NoReply", "Timeout"):
        return NetworkTrouble("timeout", f"NetworkManager does not answer; try again ({error})")
    return NetworkTrouble("unknown", f"NetworkManager refuses: {error}")


def raise_bus_trouble(error: BusMissing | BusRefusal) -> NoReturn:
    """As `bus_trouble`, raised from it."""
    raise bus_trouble(error) from error


def _plain(words: str) -> str:
    """Without nmcli's own prefixes and hints, on one line."""
    lines = [line.strip() for line in words.splitlines() if line.strip() and not line.startswith("Hint:")]
    return " ".join(line.removeprefix("Error: ") for line in lines)[:_LONGEST_WORDS]
