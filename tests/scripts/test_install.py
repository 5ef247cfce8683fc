"""scripts/install: runs with the system's Python from anywhere, before anything is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def run(
    *words: str,
    script: Path = CHECKOUT / "scripts/install",
    cwd: Path = CHECKOUT,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    """No library of ours, no writing into the checkout, from a folder that has a `dashcam` itself."""
    clone = tmp_path / "dash cam"
    for folder in ("dashcam", "scripts", "boot", "netconfig", "www"):
        shutil.copytree(CHECKOUT / folder, clone / folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = sorted(clone.rglob("*"))
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "dashcam").mkdir(parents=True)
    (elsewhere / "dashcam/__init__.py").write_text("raise ImportError('not this one')")
    bare = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(elsewhere)}
    result = run("--packages", script=clone / "scripts/install", cwd=elsewhere, env=bare)
    assert result.returncode == 0, result.stderr
    assert "network-manager" in result.stdout
    assert sorted(clone.rglob("*")) == before


def test_it_imports_no_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import dashcam.appliance.command;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names))"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.split() == ["dashcam"]


def test_an_older_python_is_told_the_cure(tmp_path: Path) -> None:
    """Without starting it with code that it would not understand."""
    clone = tmp_path / "clone"
    (clone / "scripts").mkdir(parents=True)
    script = (CHECKOUT / "scripts/install").read_text()
    old = tmp_path / "bin/python3"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    # The system's own cannot be hidden, so this copy looks for it elsewhere.
    (clone / "scripts/install").write_text(script.replace("/usr/bin/python3", str(old)))
    (clone / "scripts/install").chmod(0o755)
    result = run(script=clone / "scripts/install", env={"PATH": f"{old.parent}:/usr/bin:/bin"})
    assert result.returncode == 1
    assert "needs Python 3.11 or newer. Install Raspberry Pi OS Lite (64-bit)" in result.stderr


def test_here_it_says_what_hinders_or_what_it_would_do() -> None:
    result = run("--dry-run")
    assert "Traceback" not in result.stderr
    assert result.stdout.startswith("dashcam: ")
    if not Path("/run/systemd/system").is_dir():
        assert result.returncode == 1
        assert "scripts/run" in result.stdout


def test_without_root_it_asks_for_sudo(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        script = tmp_path / "scripts/install"
        words = ["setpriv", "--reuid=65534", "--clear-groups", "--", "true"]
        assert not script.exists()
        if subprocess.run(words, capture_output=True, check=False).returncode or not _nobody_can_read(CHECKOUT):
            return
        command = ["setpriv", "--reuid=65534", "--clear-groups", "--", str(CHECKOUT / "scripts/install")]
    else:
        command = [str(CHECKOUT / "scripts/install")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert "start it with sudo" in result.stdout


def _nobody_can_read(path: Path) -> bool:
    words = ["setpriv", "--reuid=65534", "--clear-groups", "--", "test", "-r", str(path / "dashcam/cli.py")]
    return subprocess.run(words, check=False).returncode == 0
