"""Changes of files and folders."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dashcam.appliance.change import Memory
from dashcam.appliance.machine import Machine
from dashcam.files import write_durably


def missing_folders(machine: Machine, folder: str) -> list[str]:
    """The folders that have to be made before there is `folder`, the innermost first."""
    missing = []
    path = Path(folder)
    while not machine.path(path).exists() and path != path.parent:
        missing.append(str(path))
        path = path.parent
    return missing


def make_missing(machine: Machine, folder: str) -> None:
    """Makes it and those above it, root's and open to look into."""
    for missing in reversed(missing_folders(machine, folder)):
        machine.path(missing).mkdir()
        machine.own(machine.path(missing), "root", "root", 0o755)


def remove_made(machine: Machine, memory: Memory) -> None:
    """Takes away the folders that were made for a file, as far as nobody else uses them."""
    for made in memory.get("made", ()):
        with suppress(OSError):
            machine.path(made).rmdir()


def facts_of(path: Path) -> Memory:
    """Owner and mode."""
    facts = path.lstat()
    return {"uid": facts.st_uid, "gid": facts.st_gid, "mode": facts.st_mode & 0o7777}


def give_back(path: Path, memory: Memory) -> None:
    """Owner and mode as they were."""
    with suppress(OSError):  # a FAT file system has none
        os.chown(path, memory["uid"], memory["gid"], follow_symlinks=False)
        path.chmod(memory["mode"])


def text_of(path: Path) -> str | None:
    """A file's content with every byte kept, as text; None when there is none."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def remember_file(machine: Machine, name: str) -> Memory:
    """A small file as it is: content, owner, mode, and the folders that are not there yet."""
    path = machine.path(name)
    memory: Memory = {"made": missing_folders(machine, str(Path(name).parent)), "content": None}
    if path.is_symlink():
        return memory | {"target": str(path.readlink())}
    if (content := text_of(path)) is not None:
        memory |= facts_of(path) | {"content": content}
    return memory


def restore_file(machine: Machine, name: str, memory: Memory) -> None:
    """The file as `remember_file` found it."""
    path = machine.path(name)
    path.unlink(missing_ok=True)
    if "target" in memory:
        path.symlink_to(memory["target"])
    elif memory["content"] is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, memory["content"])
        give_back(path, memory)
    remove_made(machine, memory)


def replace_text(path: Path, text: str) -> None:
    """New content in one step, with the owner and mode that the file had."""
    facts = facts_of(path) if path.exists() else None
    if path.is_symlink():
        path.unlink()
    write_durably(path, text.encode("utf-8", "surrogateescape"))
    if facts is not None:
        give_back(path, facts)


@dataclass(frozen=True, kw_only=True)
class WriteFile:
    """A file of ours, or one whose whole content is ours now."""

    path: str
    content: str
    why: str
    mode: int = 0o644
    """0: on a FAT file system, where all files have the same."""
    owner: str = "root"
    group: str = "root"
    unedited: str = ""
    """A pattern of all that we may have written: what the owner of the machine makes of it stays."""

    @property
    def key(self) -> str:
        """The file."""
        return self.path

    def words(self) -> str:
        """What is written."""
        return f"write {self.path}: {self.why}"

    def is_done(self, machine: Machine) -> bool:
        """Whether it is there as it should be."""
        path = machine.path(self.path)
        if self.unedited and path.exists() and not re.fullmatch(self.unedited, text_of(path) or ""):
            return True
        same = not path.is_symlink() and text_of(path) == self.content
        return same and (not self.mode or machine.is_owned(path, self.owner, self.group, self.mode))

    def remember(self, machine: Machine) -> Memory:
        """What was there under its name."""
        return remember_file(machine, self.path)

    def apply(self, machine: Machine) -> None:
        """Writes it."""
        path = machine.path(self.path)
        make_missing(machine, str(Path(self.path).parent))
        replace_text(path, self.content)
        if self.mode:
            machine.own(path, self.owner, self.group, self.mode)

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Puts back what was there."""
        restore_file(machine, self.path, memory)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder with its owner and mode."""

    path: str
    why: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755
    keeps_content: bool = False
    """What the owner of the machine put in it (clips) stays when the dashcam goes, and is root's then."""

    @property
    def key(self) -> str:
        """The folder."""
        return f"{self.path}/"

    def words(self) -> str:
        """What is made."""
        return f"make {self.path}/ ({self.owner}:{self.group} {self.mode:04o}): {self.why}"

    def is_done(self, machine: Machine) -> bool:
        """Whether it is there as it should be."""
        path = machine.path(self.path)
        return path.is_dir() and machine.is_owned(path, self.owner, self.group, self.mode)

    def remember(self, machine: Machine) -> Memory:
        """Whether it was there, and whose it was."""
        path = machine.path(self.path)
        memory: Memory = {"made": missing_folders(machine, self.path)}
        return memory | (facts_of(path) if path.exists() else {})

    def apply(self, machine: Machine) -> None:
        """Makes it."""
        make_missing(machine, self.path)
        machine.own(machine.path(self.path), self.owner, self.group, self.mode)

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Takes it away with what is in it, but for clips."""
        path = machine.path(self.path)
        if not path.is_dir():
            return
        if self.keeps_content:
            _leave_to_root(machine, path)
        if "mode" in memory:
            path.mkdir(exist_ok=True)
            give_back(path, memory)
            return
        if not self.keeps_content:
            shutil.rmtree(path, ignore_errors=True)
        remove_made(machine, memory)


def _leave_to_root(machine: Machine, top: Path) -> None:
    """The dashcam's users go, and their numbers may be given to others: what is theirs becomes root's, for all to read.

    Folders with nothing in them go as well.
    """
    users = {machine.user_id(name) for name in machine.names_in("/etc/passwd") if name.startswith("dashcam")}
    groups = {machine.group_id(name) for name in machine.names_in("/etc/group") if name.startswith("dashcam")}

    def hand_over(path: Path) -> None:
        facts = path.lstat()
        if facts.st_uid not in users and facts.st_gid not in groups:
            return
        owner = (0 if facts.st_uid in users else facts.st_uid, 0 if facts.st_gid in groups else facts.st_gid)
        with suppress(PermissionError):  # exFAT: all of it is whose the mount options say
            os.chown(path, *owner, follow_symlinks=False)
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)

    for name, folders, files in os.walk(top, topdown=False):
        folder = Path(name)
        with suppress(OSError):
            folder.rmdir()
            continue
        for inside in (folder, *(folder / entry for entry in files + folders)):
            with suppress(FileNotFoundError):  # it was empty
                hand_over(inside)
