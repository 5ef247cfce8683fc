"""Runs a command as one of several users who own nothing here but what they were given.

`unshare --mount python -m tests.boot.as_user UID GID GROUP,GROUP UMASK COMMAND...`, as root: what is mounted is seen by
it alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.appliance.stranger import open_way_to
from tests.conftest import CHECKOUT


def main() -> None:
    """Becomes the user and then the command."""
    user, group, further, umask, *command = sys.argv[1:]
    open_way_to(Path(sys.prefix), Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), CHECKOUT)
    os.setgroups([int(number) for number in further.split(",") if number])
    os.setgid(int(group))
    os.setuid(int(user))
    os.umask(int(umask, 8))
    os.chdir(CHECKOUT)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
