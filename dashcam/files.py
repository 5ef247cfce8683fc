"""Files on the card: written whole or not at all, durable when that is promised, and never outside their root."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

# No share shows these names, the keeper removes those that nobody holds open.
TEMPORARY_PREFIX = ".tmp-"

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1  # linux/fs.h
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Space:
    """Size of a file system and what a program without root may still write to it, in bytes."""

    total_bytes: int
    free_bytes: int


def space_of(folder: Path) -> Space:
    """Space of the file system that holds `folder`. Raises OSError when it is gone."""
    facts = os.statvfs(folder)
    return Space(facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize)


def words_of_trouble(error: OSError, folder: Path, option: str = "--data") -> str:
    """Why `folder` cannot be used, and the cure, for a person who does not know errno. `option`: names another."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return f"{folder} may not be written by this user; change its owner or use {option}"
        case errno.EROFS:
            return f"{folder} is on a read-only card; check its lock switch, or use {option}"
        case errno.ENOSPC | errno.EDQUOT:
            return f"the card of {folder} is full; make space on it, or use {option}"
        case errno.ENOTDIR | errno.EEXIST | errno.ELOOP:
            return f"{folder} has a file or link where a folder must be; remove it, or use {option}"
    return f"{folder} cannot be used ({error.strerror or error}); look after the card, or use {option}"


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable (a rename or a new file is not, until its folder is synced)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Makes `folder` and what is missing above it, each durable in its parent."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def write_durably(path: Path, content: bytes | Iterator[bytes]) -> None:
    """Puts `content` at `path`, replacing what was there: after a power cut the old or the new is there, whole.

    What comes in pieces is written piece by piece, so that it need not fit the memory. Others may read it as far as the
    umask lets them, and replace it where they may write to the folder; nobody else writes into it.
    """
    _write_and_name(path, content, os.replace)


def write_new_durably(path: Path, content: bytes | Iterator[bytes]) -> None:
    """The same without ever replacing anything. Raises FileExistsError when something is there."""
    _write_and_name(path, content, rename_new)


def _write_and_name(path: Path, content: bytes | Iterator[bytes], rename: Callable[[Path, Path], None]) -> None:
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.getpid()}-{path.name}")
    try:
        # Not through a link that somebody has put there under this name.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with open(descriptor, "wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        rename(temporary, path)
    except BaseException:  # of whoever makes the content, too
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def rename_new(source: Path, target: Path) -> None:
    """Renames without ever replacing. Raises FileExistsError when `target` is there.

    renameat2(2) with RENAME_NOREPLACE; a file system that cannot (EINVAL) gets a look before the rename.
    """
    result = _libc.renameat2(
        _AT_FDCWD,
        os.fsencode(source),
        _AT_FDCWD,
        os.fsencode(target),
        ctypes.c_uint(_RENAME_NOREPLACE),
    )
    if result == 0:
        return
    code = ctypes.get_errno()
    if code not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(code, os.strerror(code), str(source), None, str(target))
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    os.rename(source, target)


def unused_stem(stem: str, is_taken: Callable[[str], bool]) -> str:
    """`stem`, or `stem_2`, `stem_3`, ... : the first that is not taken."""
    candidate, number = stem, 1
    while is_taken(candidate):
        number += 1
        candidate = f"{stem}_{number}"
    return candidate


def path_below(root: Path, relative: str) -> Path | None:
    """`root/relative` if it truly lies below `root` with every link followed, else None. `root` must be resolved."""
    if "\0" in relative:
        return None
    path = (root / relative).resolve()
    return path if path.is_relative_to(root) and path != root else None
