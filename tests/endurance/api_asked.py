"""The whole API is asked for everything that its description allows, and for what it does not.

    python -m tests.endurance.api_asked --examples 500

The real web server over a real card and catalogue, with stand-ins for recorder and keeper.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pytest
from schemathesis.core.failures import FailureGroup

from tests.web.api_fuzz import ApiFuzz
from tests.web.sites import Sites
from tests.web.test_openapi import KNOWN, filled


def main() -> int:
    """Asks, prints, and gives 1 when an answer was not as described."""
    parser = argparse.ArgumentParser(description="The API is asked for everything")
    parser.add_argument("--examples", type=int, default=500, help="for each operation")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="dc-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={folder}/no-bus")
        sites = Sites(Path(folder))
        site = filled(sites.make())
        fuzz = ApiFuzz(site.get("/api/openapi.json").json, site.website.address, KNOWN)
        for name in fuzz.names():
            print(name, flush=True)
            try:
                fuzz.run(name, chosen.examples, chosen.seed)
            except (FailureGroup, AssertionError) as error:
                wrong += 1
                print(error)
        sites.close()
    print(f"{sum(fuzz.answered.values())} requests to {len(fuzz.names())} operations, {wrong} of them answered wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
