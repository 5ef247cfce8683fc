"""Runs the trial that the kernel's command line names: rig=NAME."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from tests.vm.guest import boot, card, wifi
from tests.vm.guest.telling import tell

TRIALS = {**wifi.TRIALS, **boot.TRIALS, **card.TRIALS}


def main() -> int:
    """0 when the trial has ended as it should."""
    words = dict(word.partition("=")[::2] for word in Path("/proc/cmdline").read_text().split())
    name = words.get("rig", "")
    tell("begins", trial=name)
    try:
        TRIALS[name](words)
    except Exception as error:  # noqa: BLE001 - whatever it is, the host has to hear of it
        traceback.print_exc()
        tell("failed", trial=name, words=repr(error))
        return 1
    tell("done", trial=name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
