"""What an exit code tells whoever has started the program."""

from __future__ import annotations

from dashcam.errors import AlreadyRunning, DashcamError, SettingsError

OK = 0
FAILED = 1
# Nothing but a person can mend these two, so that starting again is of no use.
BAD_SETTINGS = 2
ALREADY_RUNNING = 3


def exit_code_of(error: DashcamError) -> int:
    """The exit code for an error that ends a program."""
    match error:
        case AlreadyRunning():
            return ALREADY_RUNNING
        case SettingsError():
            return BAD_SETTINGS
    return FAILED
