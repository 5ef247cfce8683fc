"""exiftool, another program's eyes: what it reads in a picture, and whether it finds anything wrong there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.conftest import skip_unless_in_ci


def exiftool_facts(path: Path) -> dict[str, object]:
    """Every EXIF tag as `GPS:GPSLatitude`, numbers as numbers; skips the test where there is no exiftool.

    Raises AssertionError for a picture of ours that it finds something wrong with.
    """
    if shutil.which("exiftool") is None:
        skip_unless_in_ci("exiftool is not installed")
    options = ["-json", "-n", "-a", "-G1", "-validate", "-warning", "-error", "-EXIF:all", "-Composite:all"]
    read = subprocess.run(["exiftool", *options, str(path)], capture_output=True, text=True, check=True)
    (facts,) = json.loads(read.stdout)
    assert isinstance(facts, dict)
    wrong = {name: said for name, said in facts.items() if name.endswith((":Warning", ":Error"))}
    # "0 0 0": no errors, no warnings, none of them minor.
    assert (wrong, facts["ExifTool:Validate"]) == ({}, "0 0 0")
    return facts
