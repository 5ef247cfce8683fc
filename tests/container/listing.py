"""All that a tree of files consists of, to be compared: python -m tests.container.listing TREE."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path


def listing(tree: Path) -> dict[str, str]:
    """Kind, mode, owner and content of each file and folder, by its name."""
    found = {}
    for folder, folders, files in os.walk(tree):
        for name in folders + files:
            path = Path(folder, name)
            found[f"/{path.relative_to(tree)}"] = _facts(path)
    return found


def _facts(path: Path) -> str:
    facts = path.lstat()
    words = f"{stat.filemode(facts.st_mode)} {facts.st_uid}:{facts.st_gid}"
    if stat.S_ISLNK(facts.st_mode):
        return f"{words} to {path.readlink()}"
    if stat.S_ISREG(facts.st_mode):
        with open(path, "rb") as file:
            return f"{words} {hashlib.file_digest(file, 'sha1').hexdigest()}"
    return words


if __name__ == "__main__":
    for _name, _words in listing(Path(sys.argv[1])).items():
        print(f"{_name!r} {_words}")
