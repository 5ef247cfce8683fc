"""The shares, proved from the inside: logged in to as by a computer, listed, read, and closed where they have to be."""

from __future__ import annotations

import ftplib
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dashcam.check.finding import Finding
from dashcam.errors import DashcamError
from dashcam.settings.schema_network import SharesSettings
from dashcam.system.appliance import FTP_PORT, SHARE_USER, SMB_PORT

_HOST = "127.0.0.1"
_LIMIT_SECONDS = 15
_READ_FROM, _READ_BYTES = 1000, 4096
# Nobody has a file of this name; on a share as it should be nobody ever gets one.
_PROBE = "dashcam-check-may-be-removed.txt"
# How deep it looks for a file: VIDEO, a day, a clip.
_DEEPEST = 3

NOT_TRIED = "on, but not tried: for that it needs the password of the shares, by --share-password-file FILE"


class _Wrong(DashcamError):
    """A share does not do what it has to, or does more; the message is for the finding."""


def check_shares(
    settings: SharesSettings,
    password: Callable[[], str | None],
    *,
    user: str = SHARE_USER,
    smb_port: int = SMB_PORT,
    ftp_port: int = FTP_PORT,
) -> list[Finding]:
    """A finding for each share that is on. `password`: asked for once, None or empty when there is none to be had."""
    if not settings.smb and not settings.ftp:
        return []
    given = password()
    found = []
    if settings.smb:
        found.append(_finding("drive", given, lambda word: _try_smb(settings, word, user, smb_port)))
    if settings.ftp:
        found.append(_finding("ftp", given, lambda word: _try_ftp(settings, word, user, ftp_port)))
    return found


def _finding(subject: str, password: str | None, attempt: Callable[[str], str]) -> Finding:
    """Whatever it is, it records all the same."""
    if not password:
        return Finding("ok", subject, NOT_TRIED)
    try:
        return Finding("ok", subject, attempt(password))
    except _Wrong as error:
        return Finding("warn", subject, str(error))


def _try_smb(settings: SharesSettings, password: str, user: str, port: int) -> str:
    # They bring cryptography along, and say a lot at INFO.
    import smbclient
    from smbprotocol.exceptions import LogonFailure, SMBException

    logging.getLogger("smbprotocol").setLevel(logging.ERROR)
    options: dict[str, Any] = {"username": user, "password": password, "port": port, "connection_cache": {}}
    root = rf"\\{_HOST}\{settings.smb_name}"
    try:
        smbclient.register_session(_HOST, connection_timeout=_LIMIT_SECONDS, **options)
        names = smbclient.listdir(root, **options)
        clip = _first_file(smbclient, root, options)
        if clip is not None:
            _read_range(smbclient, clip, options)
        if settings.smb_delete:
            _refused(smbclient, clip, "r+b", options)
        else:
            _refused(smbclient, rf"{root}\{_PROBE}", "xb", options)
    except LogonFailure as error:
        raise _Wrong("Samba does not take this password; set the password of the shares on the page again") from error
    except (SMBException, OSError, ValueError) as error:
        raise _Wrong(f"Samba does not answer as it should ({_short(error)}); see the shares on the page") from error
    finally:
        with suppress(SMBException, OSError, ValueError):
            smbclient.reset_connection_cache(fail_on_error=False, connection_cache=options["connection_cache"])
    return _praise(names, is_read=clip is not None, is_alterable=settings.smb_delete)


def _first_file(smbclient: Any, folder: str, options: dict[str, Any], depth: int = 0) -> str | None:
    """A file that is worth reading; the newest days first."""
    entries = sorted(smbclient.scandir(folder, **options), key=lambda entry: str(entry.name), reverse=True)
    for entry in entries:
        path = rf"{folder}\{entry.name}"
        if not entry.is_dir():
            if depth and entry.smb_info.end_of_file > _READ_FROM:
                return path
        elif depth < _DEEPEST and (found := _first_file(smbclient, path, options, depth + 1)) is not None:
            return found
    return None


def _read_range(smbclient: Any, path: str, options: dict[str, Any]) -> None:
    with smbclient.open_file(path, "rb", share_access="rwd", **options) as file:
        file.seek(_READ_FROM)
        if not file.read(_READ_BYTES):
            raise _Wrong("Samba gives nothing of a clip; look after the card")


def _refused(smbclient: Any, path: str | None, mode: str, options: dict[str, Any]) -> None:
    """What must not be possible is tried."""
    if path is None:
        return
    try:
        smbclient.open_file(path, mode, share_access="rwd", **options).close()
    except OSError:
        return
    if mode == "xb":
        smbclient.remove(path, **options)
    raise _Wrong(
        "whoever has the password may write to the clips by Samba; run scripts/install again, which forbids it"
    )


def _try_ftp(settings: SharesSettings, password: str, user: str, port: int) -> str:
    context = ssl.create_default_context()
    # The certificate is the dashcam's own; who is asked is this machine itself.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    is_plain = settings.ftp_tls == "off"
    try:
        made = ftplib.FTP() if is_plain else ftplib.FTP_TLS(context=context)  # noqa: S321 - it is what is tried
        with made as ftp:
            ftp.connect(_HOST, port, _LIMIT_SECONDS)
            ftp.login(user, password)
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
            names = ftp.nlst()
            if _may_store(ftp):
                raise _Wrong("whoever has the password may write by FTP; run scripts/install again, which forbids it")
    except ftplib.error_perm as error:
        if str(error).startswith("530"):
            words = "FTP does not take this password; set the password of the shares on the page again"
            raise _Wrong(words) from error
        raise _Wrong(f"FTP does not answer as it should ({_short(error)}); see the shares on the page") from error
    except ftplib.all_errors as error:
        raise _Wrong(f"FTP does not answer ({_short(error)}); see the shares on the page") from error
    return _praise(names, is_read=False, is_alterable=False) + (", without TLS" if is_plain else ", by TLS")


def _may_store(ftp: ftplib.FTP) -> bool:
    try:
        ftp.sendcmd(f"MKD {_PROBE}")
    except ftplib.error_perm:
        return False
    ftp.rmd(_PROBE)
    return True


def _praise(names: list[str], *, is_read: bool, is_alterable: bool) -> str:
    words = f"logged in and listed {len(names)} folders"
    words += ", read from a clip" if is_read else ""
    return words + (", could delete but not alter" if is_alterable else ", could not write")


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
