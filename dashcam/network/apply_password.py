"""The password of the shares on its way to Samba and vsftpd, which keep a hash of it each, and nobody keeps itself."""

from __future__ import annotations

import logging
import os
import re
import stat

import msgspec

from dashcam.network.apply_config import SMB_CONFIG
from dashcam.network.apply_places import ApplyTrouble, Places, put_file, read_unbelieved
from dashcam.network.wanted import ShareSecret
from dashcam.system.tool import ToolFailed

log = logging.getLogger(__name__)

FTP_PASSWORDS, SMB_PASSWORDS = "ftp.passwd", "passdb.tdb"
_MOST_BYTES = 2000
# crypt(5): SHA-512 with salt.
_HASH = re.compile(r"\$6\$[A-Za-z0-9./$=]+", re.ASCII)


def has_password(places: Places) -> bool:
    """Both Samba and vsftpd have one."""
    return all((places.kept / name).is_file() for name in (FTP_PASSWORDS, SMB_PASSWORDS))


def take_secret(places: Places) -> ShareSecret | None:
    """What the network program has put down for us; gone after this, whatever it was. Raises ApplyTrouble."""
    try:
        # A folder that somebody has replaced by a link is not gone into: what is removed would be another file.
        folder = os.open(places.secrets.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        content = read_unbelieved(places.secrets, _MOST_BYTES, places.writers)
        secret = msgspec.json.decode(content, type=ShareSecret)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeError) as error:  # its text could tell the password
        raise ApplyTrouble("The password has 8 to 63 characters; choose another.") from error
    finally:
        _remove(folder, places.secrets.name)
        os.close(folder)
    if not secret.password.isprintable():
        raise ApplyTrouble("The password may have no line breaks and no other control characters; choose another.")
    return secret


def set_password(secret: ShareSecret, places: Places) -> None:
    """Gives it to both, never as an argument. smb.conf has to be in place. Raises ApplyTrouble."""
    try:
        line = f"{secret.password}\n".encode()
    except UnicodeEncodeError as error:
        raise ApplyTrouble("The password has a character that does not exist; choose another.") from error
    user = places.share_user
    try:
        hashed = places.run(["openssl", "passwd", "-6", "-stdin"], line).strip()
        if not _HASH.fullmatch(hashed):
            raise ApplyTrouble("openssl has made no hash of the password; run scripts/install again")
        places.run(["smbpasswd", "-c", str(places.runtime / SMB_CONFIG), "-s", "-a", user], line * 2)
    except ToolFailed as error:
        cure = "run scripts/install again, which installs it" if error.is_missing else "the old one, if any, stays"
        raise ApplyTrouble(f"The password of the shares is not set: {error}; {cure}.") from error
    put_file(places.kept / FTP_PASSWORDS, f"{user}:{hashed}\n".encode(), 0o600)
    log.info("the shares have a new password")


def _remove(folder: int, name: str) -> None:
    try:
        if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError as error:
        log.error("the file with the password cannot be removed, it is gone with the next start: %s", error)
