"""What the driver is told of a share: how it is, and what to type to get there. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashcam.link.network_messages import ShareKind
from dashcam.network.share_units import FAILING
from dashcam.network.wanted import Applied, Wanted, WantedSamba
from dashcam.system.appliance import FTP_UNIT, SMB_UNIT

_WAITS = "Waits for a password: nothing is shared without one. Set it here."
_APPLYING = "Is being set up."
_STARTING = "Starts."
_FAILED = "It does not start, and is tried again; `journalctl -u {}` tells why."
_READABLE = "Without TLS, whoever is on the same network can read along: the password, too."
_MAY_READABLE = "A program that does not use TLS can be read along by whoever is on the same network."


def words_of(kind: ShareKind, wanted: Wanted, applied: Applied | None, state: str, refusal: str) -> str:
    """For people; empty when there is nothing to say. `state`: the unit's; `refusal`: why systemd cannot be asked."""
    part = wanted.smb if kind == "smb" else wanted.ftp
    if part is None:
        return ""
    if refusal:
        return refusal
    if applied is None:
        return _APPLYING
    trouble = applied.smb if kind == "smb" else applied.ftp
    if trouble:
        return trouble
    if not applied.has_password:
        return _WAITS
    if state in ("failed", FAILING):
        return _FAILED.format((SMB_UNIT if kind == "smb" else FTP_UNIT).removesuffix(".service"))
    if state != "active":
        return _STARTING
    if isinstance(part, WantedSamba):
        return ""
    return {"off": _READABLE, "optional": _MAY_READABLE, "required": ""}[part.tls]


def addresses_of(kind: ShareKind, wanted: Wanted, host_name: str, addresses: Sequence[str]) -> tuple[str, ...]:
    r"""To be typed, the best first: `\\dashcam.local\dashcam`, `smb://10.41.0.1/dashcam`, `ftp://dashcam.local/`."""
    hosts = [f"{host_name}.local"] if host_name else []
    hosts += addresses
    if kind == "ftp":
        return tuple(f"ftp://{host}/" for host in hosts) if wanted.ftp is not None else ()
    if wanted.smb is None:
        return ()
    name = wanted.smb.name
    windows = [rf"\\{host}\{name}" for host in hosts]
    others = [f"smb://{host}/{name.replace(' ', '%20')}" for host in hosts]
    return tuple(address for pair in zip(windows, others, strict=True) for address in pair)
