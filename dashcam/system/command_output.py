"""Runs a program of the system's for what it prints: without a shell, with a hard limit, killed with all it started."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from dashcam.system.run_command import CommandFailed

# Everybody's words are then those of the C locale, and names stay UTF-8; LC_ALL is above LANG and LANGUAGE above both.
_PLAIN_LANGUAGE = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": ""}
_LOOK_SECONDS = 0.1
_PIECE_BYTES = 65_536
# Lists of networks are a few kB.
_LARGEST_OUTPUT_BYTES = 4_000_000


class CommandTooSlow(CommandFailed):
    """It took longer than it may, and was killed."""


class CommandStopped(CommandFailed):
    """The dashcam ends meanwhile, and does not wait for it."""


class Utf8Bytes(bytes):
    """What a program has printed, for libraries that would decode it by the locale: it is UTF-8, or nearly."""

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:  # noqa: ARG002
        """Whatever is asked for; bytes that are no UTF-8 come back as they were by `surrogateescape`."""
        return super().decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """How a program ended, and what it printed."""

    exit_code: int
    """Minus the number of the signal that ended it."""
    stdout: Utf8Bytes
    stderr: Utf8Bytes

    def check(self, words: Sequence[str]) -> None:
        """Raises subprocess.CalledProcessError unless it ended well, for libraries that expect `subprocess.run`."""
        if self.exit_code != 0:
            raise subprocess.CalledProcessError(self.exit_code, list(words), self.stdout, self.stderr)


def command_output(
    words: Sequence[bytes],
    limit_seconds: float,
    stop: threading.Event | None = None,
    environment: Mapping[str, str] | None = None,
) -> CommandOutput:
    """Waits until it has ended and its words are read; an exit code other than 0 is an answer too.

    Raises CommandTooSlow with the limit, CommandFailed when it cannot be started, prints without end, or `stop` is
    set meanwhile; then it is killed, and all that it has started.
    """
    everything = {**(os.environ if environment is None else environment), **_PLAIN_LANGUAGE}
    try:
        process = subprocess.Popen(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=everything,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise CommandFailed(f"it cannot be started: {error}") from error
    try:
        stdout, stderr = _read_all(process, time.monotonic() + limit_seconds, limit_seconds, stop)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return CommandOutput(process.returncode, Utf8Bytes(stdout), Utf8Bytes(stderr))


def _read_all(
    process: subprocess.Popen[bytes], until: float, limit_seconds: float, stop: threading.Event | None
) -> tuple[bytes, bytes]:
    """Reads both pipes until the program itself has ended: what it has started may hold them open for longer."""
    assert process.stdout is not None
    assert process.stderr is not None
    read = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as selector:
        for descriptor in read:
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ)
        has_ended = False
        while selector.get_map() and not has_ended:
            has_ended = process.poll() is not None
            for key, _ in selector.select(0 if has_ended else _LOOK_SECONDS):
                if not _read_on(key.fd, read[key.fd], drain=has_ended):
                    selector.unregister(key.fd)
            _go_on_or_raise(read.values(), until, limit_seconds, stop)
    while process.poll() is None:
        _go_on_or_raise((), until, limit_seconds, stop)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_SECONDS)
    first, second = read.values()
    return bytes(first), bytes(second)


def _read_on(descriptor: int, into: bytearray, *, drain: bool) -> bool:
    """False once the pipe has ended. `drain`: reads all that is there."""
    while True:
        try:
            piece = os.read(descriptor, _PIECE_BYTES)
        except BlockingIOError:
            return True
        into += piece
        if not piece:
            return False
        if not drain or len(into) > _LARGEST_OUTPUT_BYTES:
            return True


def _go_on_or_raise(
    read: Collection[bytearray], until: float, limit_seconds: float, stop: threading.Event | None
) -> None:
    if stop is not None and stop.is_set():
        raise CommandStopped("it was ended, because the dashcam ends")
    if time.monotonic() >= until:
        raise CommandTooSlow(f"it took longer than {limit_seconds:g} s and was ended")
    if sum(map(len, read)) > _LARGEST_OUTPUT_BYTES:
        raise CommandFailed("what it prints does not end")
