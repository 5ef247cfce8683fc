"""scripts/env: what it makes is made once, whole or not at all, and it names what it cannot install."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def start(commands: str, cache: Path, **variables: str) -> subprocess.Popen[str]:
    """Runs bash commands after sourcing scripts/env, with a cache of their own."""
    script = f'set -euo pipefail; . "{CHECKOUT}/scripts/env"; {commands}'
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)} | variables
    arguments = ["bash", "-c", script]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, env=environment, cwd=cache
    )


def run(commands: str, cache: Path, **variables: str) -> tuple[int, str, str]:
    """As `start`, to its end: exit code and what it printed."""
    process = start(commands, cache, **variables)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def test_what_is_made_twice_at_once_is_made_once(tmp_path: Path) -> None:
    commands = 'fill() { echo made >>log; echo whole >"$1/file"; }; dashcam_make_once "$PWD/thing" fill; cat thing/file'
    racers = [start(commands, tmp_path) for _ in range(8)]
    assert [racer.communicate(timeout=120)[0] for racer in racers] == ["whole\n"] * 8
    assert (tmp_path / "log").read_text() == "made\n"


def test_a_command_that_fails_leaves_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    code, _, _ = run('fill() { touch "$1/half"; return 3; }; dashcam_make_once "$PWD/thing" fill', tmp_path)
    assert code != 0
    assert [path.name for path in tmp_path.iterdir()] == ["thing.lock"]
    assert run('fill() { touch "$1/whole"; }; dashcam_make_once "$PWD/thing" fill', tmp_path)[0] == 0
    assert (tmp_path / "thing" / "whole").exists()


def test_what_was_killed_half_way_is_never_used(tmp_path: Path) -> None:
    code, _, _ = run(
        'fill() { touch "$1/half"; kill -KILL "$BASHPID"; }; dashcam_make_once "$PWD/thing" fill', tmp_path
    )
    assert code != 0
    assert not (tmp_path / "thing").exists()
    assert run('fill() { touch "$1/whole"; }; dashcam_make_once "$PWD/thing" fill', tmp_path)[0] == 0
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["whole"]
    assert len(list(tmp_path.glob("thing.made-*"))) == 1, "the half one is gone"


def test_requirements_are_those_of_setup_cfg(tmp_path: Path) -> None:
    settings = configparser.RawConfigParser()
    settings.read(CHECKOUT / "setup.cfg")
    _, output, _ = run(f'dashcam_requirements "{sys.executable}" test', tmp_path)
    wanted = settings["options"]["install_requires"] + "\n" + settings["options.extras_require"]["test"]
    assert output.split() == wanted.split()
    assert "#" not in output


def test_extras_have_environments_of_their_own(tmp_path: Path) -> None:
    names = [
        run(f"dashcam_name_environment {extra}; echo $dashcam_environment", tmp_path) for extra in ("", "test", "")
    ]
    assert names[0][1] == names[2][1] != names[1][1]
    assert names[0][1].startswith(str(tmp_path))


def test_a_script_called_by_a_script_uses_the_same_environment(tmp_path: Path) -> None:
    """The Python first on PATH is then that of the environment itself."""
    _, outside, _ = run("dashcam_name_environment; echo $dashcam_environment", tmp_path)
    made = tmp_path / "inner"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    path = f"{made}/bin:{os.environ['PATH']}"
    assert run("dashcam_name_environment; echo $dashcam_environment", tmp_path, PATH=path)[1] == outside


@pytest.mark.parametrize(("how", "goes_on"), [("need", False), ("wish", True)])
def test_a_package_that_cannot_be_had_is_named_with_the_command(tmp_path: Path, how: str, goes_on: bool) -> None:
    commands = f'dashcam_apt_install() {{ return 1; }}; dashcam_debian_packages {how} "a test" bash no-such-package'
    code, _, errors = run(commands, tmp_path)
    assert code == 1, "the caller decides"
    assert "apt-get install --no-install-recommends no-such-package" in errors
    assert "bash" not in errors, "what is there is not asked for"
    assert ("going on without" in errors) == goes_on


def test_packages_that_are_there_cost_nothing(tmp_path: Path) -> None:
    commands = 'dashcam_apt_install() { echo called; }; dashcam_debian_packages need "a test" bash coreutils'
    assert run(commands, tmp_path) == (0, "", "")


def test_a_raspberry_pi_is_known_by_its_board(tmp_path: Path) -> None:
    board = tmp_path / "model"
    commands = f'dashcam_board_file="{board}"; dashcam_on_raspberry_pi && echo yes || echo no'
    assert run(commands, tmp_path)[1] == "no\n"
    board.write_bytes(b"Raspberry Pi Zero 2 W Rev 1.0\0")
    assert run(commands, tmp_path)[1] == "yes\n"
    board.write_bytes(b"Some Other Board\0")
    assert run(commands, tmp_path)[1] == "no\n"
