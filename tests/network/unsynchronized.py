"""`dashcam network` on a machine whose clock nobody keeps, whatever this one's kernel says of its own:
python -m tests.network.unsynchronized DATA"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from dashcam.network.program import run
from dashcam.network.system_clock import Machine
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings
from tests.network.stand_in_timed import not_the_systems


def main() -> int:
    """Runs the program on the data folder that is named."""
    not_the_systems(os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", ""))
    logging.basicConfig(level=logging.INFO)
    data = Path(sys.argv[1])
    state = data / ".state"
    return run(ProgramOptions(data, state, load_settings(state)), Machine(is_synchronized=lambda: False))


if __name__ == "__main__":
    raise SystemExit(main())
