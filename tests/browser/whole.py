"""The whole dashcam, as `scripts/run` starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.web.sites import wait_until


@contextmanager
def running_dashcam(folder: Path, assignments: Sequence[str]) -> Iterator[str]:
    """The address of a dashcam that records into `folder`/dashcam with these settings (`section.name=value`)."""
    command = [sys.executable, "-m", "dashcam", "run", "--data", str(folder / "dashcam"), "--port", "0"]
    command += [word for assignment in ("web.host=127.0.0.1", *assignments) for word in ("--set", assignment)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: list(folder.glob("dashcam-*/web.address")))
        [address] = folder.glob("dashcam-*/web.address")
        yield address.read_text().strip()
    finally:
        process.terminate()
        process.wait()
