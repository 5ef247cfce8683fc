"""The configurations that `dashcam network apply` makes: of Samba, of vsftpd, of the firewall, of the access point."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path

from dashcam.errors import SettingsError
from dashcam.network.apply_places import ApplyTrouble, Places, put_file
from dashcam.network.fill import fill
from dashcam.network.wanted import Wanted, WantedFtp, WantedSamba
from dashcam.settings.checks_network import check_host_name, check_share_name, check_workgroup
from dashcam.system.appliance import ACCESS_POINT_ADDRESS, ACCESS_POINT_LENGTH
from dashcam.system.tool import ToolFailed

log = logging.getLogger(__name__)

SMB_CONFIG, FTP_CONFIG, FIREWALL_CONFIG, HOSTS_CONFIG = "smb.conf", "vsftpd.conf", "nftables.nft", "hosts.txt"
CERTIFICATE_NAME, KEY_NAME = "ftp.pem", "ftp.key"
# What Linux calls radios: wlan0, wlp3s0, wlx....
_ANY_RADIO = "wl*"
_MOST_PAGE_PORTS = 8
_SSH_UNITS = ("ssh.service", "ssh.socket", "sshd.service")
_SSH_PORT = re.compile(r"^\s*Port[\s=]+(\d{1,5})\s*$", re.IGNORECASE | re.MULTILINE | re.ASCII)
# MS-NBTE: a NetBIOS name.
_NETBIOS_CHARACTERS = 15
_FOREVER_DAYS = 36500
_KEY_SECONDS = 60.0


def yes(is_so: bool) -> str:
    """As Samba and vsftpd write it."""
    return "YES" if is_so else "NO"


def smb_config(wanted: Wanted, places: Places) -> str:
    """smb.conf. Also while no share is wanted: the password is kept by it. Raises SettingsError, FillError."""
    smb = wanted.smb or WantedSamba(name="dashcam", workgroup="WORKGROUP")
    check_share_name(smb.name)
    check_workgroup(smb.workgroup)
    check_host_name(wanted.host_name)
    listening = places.listening
    values: dict[str, str | int] = {
        "workgroup": smb.workgroup,
        "netbios_name": wanted.host_name[:_NETBIOS_CHARACTERS].rstrip("-").upper(),
        "smb_port": listening.smb_port,
        "addresses": listening.address,
        "is_bound": yes(bool(listening.address)).lower(),
        "kept": str(places.kept),
        "runtime": str(places.runtime),
        "share_name": smb.name,
        "dcim": str(places.dcim),
        "share_user": places.share_user,
        "card_group": places.card_group,
        "is_read_only": yes(not smb.may_delete).lower(),
    }
    return fill(_template(places, SMB_CONFIG), values)


def ftp_config(wanted: Wanted, places: Places) -> str:
    """vsftpd.conf. Raises FillError."""
    tls = (wanted.ftp or WantedFtp()).tls
    first, last = places.listening.passive_ports
    values: dict[str, str | int] = {
        "listen_address": places.listening.address or "0.0.0.0",
        "ftp_port": places.listening.ftp_port,
        "share_user": places.share_user,
        "pam_service": places.pam_service,
        "dcim": str(places.dcim),
        "runtime": str(places.runtime),
        "kept": str(places.kept),
        "first_passive_port": first,
        "last_passive_port": last,
        "has_tls": yes(tls != "off"),
        "must_tls": yes(tls == "required"),
        "has_seccomp": yes(places.has_seccomp),
    }
    return fill(_template(places, FTP_CONFIG), values)


def firewall_config(wanted: Wanted, places: Places, *, has_password: bool, ssh_ports: tuple[int, ...]) -> str:
    """The rules: open is the page, and the ports of a share that is on and has its password. Raises FillError."""
    if not 0 < len(wanted.page_ports) <= _MOST_PAGE_PORTS:
        raise ApplyTrouble(f"the page has {len(wanted.page_ports)} ports; it may have 1 to {_MOST_PAGE_PORTS}")
    ports = [str(port) for port in wanted.page_ports]
    if wanted.smb is not None and has_password:
        ports.append(str(places.listening.smb_port))
    if wanted.ftp is not None and has_password:
        ports += [str(places.listening.ftp_port), "{}-{}".format(*places.listening.passive_ports)]
    login = f"tcp dport {{ {', '.join(map(str, ssh_ports))} }} accept" if ssh_ports else ""
    network = f"{ACCESS_POINT_ADDRESS.rpartition('.')[0]}.0/{ACCESS_POINT_LENGTH}"
    values = {
        "access_point": wanted.interface or _ANY_RADIO,
        "access_point_network": network,
        "open_ports": ", ".join(dict.fromkeys(ports)),
        "login_rule": login,
    }
    return fill(_template(places, FIREWALL_CONFIG), values)


def hosts_config(wanted: Wanted, places: Places) -> str:
    """Names for who is on the own access point. Raises SettingsError, FillError."""
    check_host_name(wanted.host_name)
    values = {"access_point_address": ACCESS_POINT_ADDRESS, "host_name": wanted.host_name}
    return fill(_template(places, HOSTS_CONFIG), values)


def put_smb(wanted: Wanted, places: Places) -> None:
    """Puts smb.conf in place once Samba itself finds nothing wrong with it. Raises ApplyTrouble."""
    for name in ("samba", "samba/ncalrpc"):
        _make_folder(places.runtime / name, 0o755)
    _make_folder(places.kept / "samba", 0o755)
    _make_folder(places.kept / "private", 0o700)

    def check(path: Path) -> None:
        places.run(["testparm", "--suppress-prompt", str(path)])

    _put_checked(places.runtime / SMB_CONFIG, _made(smb_config, wanted, places), check)


def put_ftp(wanted: Wanted, places: Places) -> None:
    """Puts vsftpd.conf in place, with a key of this unit's own where it is needed. Raises ApplyTrouble."""
    _make_folder(places.runtime / "empty", 0o755)
    if wanted.ftp is not None and wanted.ftp.tls != "off":
        make_certificate(wanted.host_name, places)
    _put_checked(places.runtime / FTP_CONFIG, _made(ftp_config, wanted, places), lambda _: None)


def put_hosts(wanted: Wanted, places: Places) -> None:
    """Puts the names for the access point in place. Raises ApplyTrouble."""
    _put_checked(places.runtime / HOSTS_CONFIG, _made(hosts_config, wanted, places), lambda _: None)


def put_firewall(wanted: Wanted, places: Places, *, has_password: bool) -> None:
    """Puts the rules in force, all at once or not at all. Raises ApplyTrouble."""
    ports = ssh_ports(places)
    content = firewall_config(wanted, places, has_password=has_password, ssh_ports=ports)
    path = places.runtime / FIREWALL_CONFIG
    try:
        _put_checked(path, content, lambda fresh: _ran(places, ["nft", "--check", "--file", str(fresh)]))
        # Every time: somebody may have thrown ours away with `nft flush ruleset`.
        places.run(["nft", "--file", str(path)])
    except ToolFailed as error:
        words = "install nftables" if error.is_missing else "what is let in is as it was"
        raise ApplyTrouble(f"The firewall is not in force: {error}; {words}.") from error


def make_certificate(host_name: str, places: Places) -> None:
    """A key of this unit's own and its certificate, once. Raises ApplyTrouble."""
    key, certificate = places.kept / KEY_NAME, places.kept / CERTIFICATE_NAME
    if key.is_file() and certificate.is_file():
        return
    fresh_key, fresh = places.kept / f".new-{KEY_NAME}", places.kept / f".new-{CERTIFICATE_NAME}"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-keyout", str(fresh_key), "-out", str(fresh), "-days", str(_FOREVER_DAYS)]
    words += ["-subj", f"/CN={host_name}", "-addext", f"subjectAltName=DNS:{host_name}.local,IP:{ACCESS_POINT_ADDRESS}"]
    try:
        places.run(words, limit_seconds=_KEY_SECONDS)
    except ToolFailed as error:
        raise ApplyTrouble(
            f"FTP has no certificate for TLS: {error}; set shares.ftp_tls to off to do without"
        ) from error
    fresh_key.chmod(0o600)
    # The certificate last: only with it the pair is taken for made.
    os.replace(fresh_key, key)
    os.replace(fresh, certificate)


def ssh_ports(places: Places) -> tuple[int, ...]:
    """The ports of SSH where this machine has it on; else none."""
    if not any(_says(places, verb, unit) for verb in ("is-enabled", "is-active") for unit in _SSH_UNITS):
        return ()
    found = []
    for path in (places.ssh / "sshd_config", *sorted((places.ssh / "sshd_config.d").glob("*.conf"))):
        try:
            found += [int(port) for port in _SSH_PORT.findall(path.read_text(errors="replace"))]
        except OSError:
            continue
    return tuple(dict.fromkeys(port for port in found if 0 < port < 65536)) or (22,)


def _says(places: Places, verb: str, unit: str) -> bool:
    try:
        places.run(["systemctl", verb, "--quiet", unit])
    except ToolFailed:
        return False
    return True


def _made(make: Callable[[Wanted, Places], str], wanted: Wanted, places: Places) -> str:
    try:
        return make(wanted, places)
    except SettingsError as error:
        raise ApplyTrouble(f"{error}; what was set before stays") from error


def _ran(places: Places, words: list[str]) -> None:
    places.run(words)


def _put_checked(path: Path, content: str, check: Callable[[Path], None]) -> None:
    """Only what has passed the check comes to its place; what is there stays otherwise. Raises ToolFailed."""
    encoded = content.encode()
    try:
        if path.read_bytes() == encoded:
            return
    except OSError:
        pass  # none yet
    tried = path.with_name(f"try-{path.name}")
    put_file(tried, encoded, 0o644)
    try:
        check(tried)
    finally:
        tried.unlink(missing_ok=True)
    put_file(path, encoded, 0o644)
    log.info("%s is made anew", path.name)


def _template(places: Places, name: str) -> str:
    try:
        return (places.templates / name).read_text(encoding="utf-8")
    except OSError as error:
        raise ApplyTrouble(f"the template {name} cannot be read: {error}; run scripts/install again") from error


def _make_folder(folder: Path, mode: int) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(mode)
