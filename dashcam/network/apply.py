"""`dashcam network apply`: the only code of the dashcam that runs as root, for a moment, as dashcam-apply.service.

Reads what the network program wants (`dashcam.network.wanted`) without believing it, puts it into force, and answers.
One thing that does not work keeps no other from being done; doing it twice changes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import pwd
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from dashcam.errors import DashcamError
from dashcam.network.apply_boot import put_boot_files
from dashcam.network.apply_config import put_firewall, put_ftp, put_hosts, put_smb
from dashcam.network.apply_password import has_password, set_password, take_secret
from dashcam.network.apply_places import ApplyTrouble, Places, find_netconfig, put_file, read_unbelieved
from dashcam.network.apply_radio import reload_driver, set_country, switch_on
from dashcam.network.own_folder import own_folder
from dashcam.network.wanted import APPLIED_NAME, SECRETS_NAME, WANTED_NAME, Applied, Wanted
from dashcam.system.appliance import DATA_FOLDER, NETWORK_USER, STATE_FOLDER
from dashcam.system.exit_codes import FAILED, OK
from dashcam.system.log_lines import set_up_logging
from dashcam.system.runtime_folder import runtime_folder
from dashcam.system.tool import ToolFailed

log = logging.getLogger(__name__)

# With the three texts of the boot partition it is far below this.
_MOST_BYTES = 400_000


def run(places: Places) -> Applied:
    """Does all of it and answers. Raises OSError when not even the answer can be written."""
    _open_folder(places.runtime, 0o755)
    before = _last_answer(places)
    # Without it there are no shares, but there is a firewall.
    troubles = [words for words in (_words_of(lambda: _open_folder(places.kept, 0o700)),) if words]
    wanted, fingerprint = _wanted(places, troubles)

    smb = _words_of(lambda: put_smb(wanted, places))
    ftp = _words_of(lambda: put_ftp(wanted, places))
    password = _words_of(lambda: _take_password(places))
    is_set = has_password(places)
    reloaded = before.reload_radio if before else 0
    boot_files: tuple[str, ...] = ()

    def reload() -> None:
        nonlocal reloaded
        last = before.reload_radio if before else None
        # Tried once: a driver that does not load does not load in the next minute either.
        reloaded = wanted.reload_radio
        reload_driver(wanted, last, places)

    def write_boot_files() -> None:
        nonlocal boot_files
        boot_files = put_boot_files(wanted.boot_files, places)

    steps = (
        lambda: put_hosts(wanted, places),
        lambda: put_firewall(wanted, places, has_password=is_set),
        reload,
        lambda: switch_on(wanted, places),
        lambda: set_country(wanted, places),
        write_boot_files,
    )
    troubles += [words for words in map(_words_of, steps) if words]
    applied = Applied(
        wanted_sha256=fingerprint,
        has_password=is_set,
        password=password,
        smb=smb,
        ftp=ftp,
        boot_files=boot_files,
        troubles=tuple(troubles),
        reload_radio=reloaded,
    )
    _answer(applied, places)
    return applied


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="dashcam network apply",
        description="Puts into force what is wanted of Samba, FTP, firewall, radio and boot partition; for root.",
        allow_abbrev=False,
    )
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="holds DCIM")
    parser.add_argument("--state", type=Path, default=STATE_FOLDER, help="beside it is what is wanted")
    parsed = parser.parse_args(arguments)
    set_up_logging(is_verbose=False, has_parent=False, is_quiet=False)
    return apply(parsed.data, parsed.state)


def apply(data: Path, state: Path) -> int:
    """On this machine, as root; gives the exit code."""
    if os.geteuid() != 0:
        log.error("only root can do this; it is done by `systemctl start dashcam-apply`")
        return FAILED
    try:
        applied = run(places_of_machine(data, state))
    except (OSError, DashcamError) as error:
        log.error("nothing could be put into force: %s", error)
        return FAILED
    return FAILED if _everything_wrong(applied) and not applied.wanted_sha256 else OK


def places_of_machine(data: Path, state: Path) -> Places:
    """Those of the appliance. Raises ApplyTrouble when the templates are missing."""
    writers = {0}
    try:
        writers.add(pwd.getpwnam(NETWORK_USER).pw_uid)
    except KeyError:
        log.warning("there is no user %s; run scripts/install again", NETWORK_USER)
    return Places(
        wanted=own_folder(state) / WANTED_NAME,
        secrets=runtime_folder(state, "network") / SECRETS_NAME,
        dcim=data / "DCIM",
        templates=find_netconfig(),
        writers=frozenset(writers),
    )


def _everything_wrong(applied: Applied) -> bool:
    return bool(applied.smb and applied.ftp and applied.troubles)


def _wanted(places: Places, troubles: list[str]) -> tuple[Wanted, str]:
    """What is wanted and the fingerprint of its file; nothing but the page where it cannot be known."""
    try:
        content = read_unbelieved(places.wanted, _MOST_BYTES, places.writers)
        return msgspec.json.decode(content, type=Wanted), hashlib.sha256(content).hexdigest()
    except FileNotFoundError:
        return Wanted(), ""
    except (ApplyTrouble, msgspec.MsgspecError, UnicodeError) as error:
        troubles.append(f"What is wanted cannot be read: {error}. Nothing is shared until it is set again.")
        return Wanted(), ""


def _open_folder(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) != mode:
        folder.chmod(mode)


def _take_password(places: Places) -> None:
    secret = take_secret(places)
    if secret is not None:
        set_password(secret, places)


def _words_of(step: Callable[[], None]) -> str:
    """What went wrong, in words; empty when nothing did."""
    try:
        step()
    except ToolFailed as error:
        words = f"{error}; run scripts/install again"
    except DashcamError as error:
        words = str(error)
    except OSError as error:
        words = f"{error.filename or 'a file'} cannot be written: {error.strerror}; look after the card"
    else:
        return ""
    log.warning("%s", words)
    return words


def _last_answer(places: Places) -> Applied | None:
    """Since the start of the machine: what is in the runtime folder does not outlive it."""
    try:
        return msgspec.json.decode((places.runtime / APPLIED_NAME).read_bytes(), type=Applied)
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return None


def _answer(applied: Applied, places: Places) -> None:
    path = places.runtime / APPLIED_NAME
    # Also when it is the same again: a new file tells that the question was heard.
    path.unlink(missing_ok=True)
    put_file(path, msgspec.json.encode(applied), 0o644)


if __name__ == "__main__":
    sys.exit(main())
