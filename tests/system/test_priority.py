"""Standing back, as the kernel sees it."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

PROGRAM = """
import os, subprocess, threading
from dashcam.system.priority import lower_priority
lower_priority()
lower_priority()
nice = []
thread = threading.Thread(target=lambda: nice.append(os.getpriority(os.PRIO_PROCESS, 0)))
thread.start(); thread.join()
print(os.getpriority(os.PRIO_PROCESS, 0), nice[0])
print(subprocess.run(["ionice", "-p", str(os.getpid())], capture_output=True, text=True).stdout)
"""


@pytest.mark.skipif(shutil.which("ionice") is None, reason="ionice (util-linux) tells what the kernel has noted")
def test_processor_and_card_come_last_also_for_later_threads() -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.split() == ["10", "10", "best-effort:", "prio", "7"]
    assert result.stderr == ""
