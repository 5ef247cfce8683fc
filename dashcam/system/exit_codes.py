"""What an exit code tells whoever has started the program."""

from __future__ import annotations

from dashcam.errors import AlreadyRunning, DashcamError, SettingsError

OK = 0
FAILED = 1
# Nothing but a person can mend these two, so that starting again is of no use.
BAD_SETTINGS = 2
ALREADY_RUNNING = 3
# EX_SOFTWARE of sysexits.h: whoever looks after the program starts it anew.
BROKEN = 70
# What a shell says of a program ended by Ctrl-C.
INTERRUPTED = 130


def exit_code_of(error: DashcamError) -> int:
    """The exit code for an error that ends a program."""
    match error:
        case AlreadyRunning():
            return ALREADY_RUNNING
        case SettingsError():
            return BAD_SETTINGS
    return FAILED
