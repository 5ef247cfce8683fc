"""Files of the boot partition: only the three that are ours, whole or not at all, writable for that moment only."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashcam.errors import BadRequest
from dashcam.files import write_durably
from dashcam.network.apply_places import ApplyTrouble, Places
from dashcam.network.boot_file_cuts import cut_out, digest_of
from dashcam.network.wanted import WantedBootFiles
from dashcam.system.appliance import BOOT_FILE_NAME, BOOT_INFO_NAME, BOOT_REPORT_NAME
from dashcam.system.tool import ToolFailed

log = logging.getLogger(__name__)

_MOST_BYTES = 1_000_000
_CURE = "mend the boot partition in a computer, or remove what was written by hand"


def put_boot_files(wanted: WantedBootFiles, places: Places) -> tuple[str, ...]:
    """Writes what differs; gives the names of those that are as they are wanted. Raises ApplyTrouble."""
    if wanted == WantedBootFiles():
        return ()
    folder = next((folder for folder in places.boot_folders if folder.is_dir()), None)
    if folder is None:
        raise ApplyTrouble("This machine has no boot partition to write to.")
    try:
        contents = _contents(wanted, folder)
        due = [name for name, content in contents.items() if _content_of(folder / name) != content]
        if due:
            with _writable(folder, places):
                for name in due:
                    write_durably(folder / name, contents[name])
                    log.info("%s is written", folder / name)
    except (OSError, ToolFailed, BadRequest) as error:
        raise ApplyTrouble(f"{folder} cannot be written: {error}; {_CURE}.") from error
    return tuple(contents)


def _contents(wanted: WantedBootFiles, folder: Path) -> dict[str, bytes]:
    """What the files shall hold, by name; without dashcam.toml when that is another one than was read."""
    texts = {BOOT_REPORT_NAME: wanted.report, BOOT_INFO_NAME: wanted.info}
    contents = {name: text.encode() for name, text in texts.items() if text is not None}
    if wanted.settings_cuts:
        found = _content_of(folder / BOOT_FILE_NAME)
        if found is not None and digest_of(found) == wanted.settings_read_sha256:
            contents[BOOT_FILE_NAME] = cut_out(found, wanted.settings_cuts)
        else:  # its secrets are out already, or somebody has written another one, which is yet to be read
            log.info("%s is another one than was read; it is left as it is", BOOT_FILE_NAME)
    return contents


def _content_of(path: Path) -> bytes | None:
    """None when there is no such file."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ApplyTrouble(f"{path} is no file; {_CURE}.")
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    if len(content) > _MOST_BYTES:
        raise ApplyTrouble(f"{path} is longer than anything that belongs there; {_CURE}.")
    return content


@contextmanager
def _writable(folder: Path, places: Places) -> Iterator[None]:
    """Where it is mounted read-only, it is not for this moment."""
    if not is_mounted_read_only(folder, places.mounts):
        yield
        return
    places.run(["mount", "-o", "remount,rw", str(folder)])
    try:
        yield
    finally:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        places.run(["mount", "-o", "remount,ro", str(folder)])


def is_mounted_read_only(folder: Path, mounts: Path) -> bool:
    """True when `folder` is where a file system is mounted that may only be read; see fstab(5) for the format."""
    is_read_only = False
    for line in mounts.read_text(errors="replace").splitlines():
        _device, place, _kind, options, *_ = line.split(" ")
        if place.replace("\\040", " ") == str(folder):
            is_read_only = "ro" in options.split(",")
    return is_read_only
