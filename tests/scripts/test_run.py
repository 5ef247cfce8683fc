"""scripts/run: works from anywhere, in any folder, and passes on what it was told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from dashcam import cli

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def test_every_command_may_be_named() -> None:
    """One that the script does not know would be taken for an option of `run`."""
    named = re.search(r"^ +([a-z |]+) \| -h ", (CHECKOUT / "scripts" / "run").read_text(), re.MULTILINE)
    assert named is not None
    assert set(named[1].split(" | ")) == cli._COMMANDS.keys()


def test_it_works_from_elsewhere_in_a_folder_with_spaces(tmp_path: Path) -> None:
    """And in a folder that has one called `dashcam` itself, as the one above a checkout has."""
    clone = tmp_path / "a folder" / "dash cam"
    for folder in ("dashcam", "scripts"):
        shutil.copytree(CHECKOUT / folder, clone / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "setup.cfg", clone)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "dashcam").mkdir(parents=True)
    (elsewhere / "dashcam" / "__init__.py").write_text("raise ImportError('not this one')")
    result = subprocess.run(
        [clone / "scripts" / "run", "--help"],
        cwd=elsewhere,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("usage: scripts/run [-h]")
    assert "--data" in result.stdout
    assert not list(elsewhere.glob("D*")), "asking for help records nothing"
