"""The command line as people use it: each test runs it in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashcam import __version__

CHECKOUT = Path(__file__).resolve().parent.parent
COMMANDS = ("run", "record", "web", "keep", "network", "check", "scan")
# Loads the settings and has nothing to do with cameras.
UNDERSTAND = """
import sys
from dashcam import cli
cli._COMMANDS = dict.fromkeys(cli._COMMANDS, lambda invocation: print(invocation.options) or 0)
raise SystemExit(cli.main())
"""


def dashcam(*words: str, home: Path | None = None, code: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DASHCAM_")}
    environment["COLUMNS"] = "80"
    if home is not None:
        environment["HOME"] = str(home)
    start = ["-m", "dashcam"] if code is None else ["-c", code]
    return subprocess.run(
        [sys.executable, *start, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=CHECKOUT,
        env=environment,
    )


def understood(*words: str, home: Path) -> str:
    result = dashcam(*words, home=home, code=UNDERSTAND)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("words", [["--version"], ["run", "--version"]])
def test_version(words: list[str]) -> None:
    assert dashcam(*words).stdout == f"dashcam {__version__}\n"


def test_help_shows_the_commands_and_examples() -> None:
    text = dashcam("--help").stdout
    assert all(f"    {command} " in text for command in COMMANDS)
    assert "dashcam run --data" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_without_a_command_the_help_is_shown_and_it_fails() -> None:
    result = dashcam()
    assert result.returncode == 2
    assert "commands:" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_its_exit_codes(command: str) -> None:
    text = dashcam(command, "--help").stdout
    assert text.startswith(f"usage: dashcam {command} [-h]")
    assert "--data" in text
    assert "--set" in text
    assert [line.split()[0] for line in text.partition("exit codes:\n")[2].splitlines()][:3] == ["0", "1", "2"]
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_help_names_the_script_that_started_it() -> None:
    run = "runpy.run_module('dashcam.__main__', run_name='__main__')"
    code = f"import os, runpy; os.environ['DASHCAM_COMMAND'] = 'scripts/run'; {run}"
    text = dashcam("--help", code=code).stdout
    assert text.startswith("usage: scripts/run [-h]")
    assert "\n  scripts/run --data /media/card" in text
    assert "\n  scripts/run check --data" in text
    assert "dashcam run" not in text
    assert dashcam("record", "--help", code=code).stdout.startswith("usage: scripts/run record [-h]")


def test_an_unknown_option_shows_the_options_of_its_command() -> None:
    assert dashcam("run", "--foo").stderr.startswith("usage: dashcam run [-h]")
    assert dashcam("--foo").stderr.startswith("usage: dashcam [-h]")


def test_all_mistakes_in_set_are_told_at_once_with_what_was_meant(tmp_path: Path) -> None:
    result = dashcam(
        "record",
        "--set",
        "camera.knd=usb",
        "--set",
        "recording.segment_seconds=soon",
        "--set",
        "nothing",
        home=tmp_path,
    )
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert "did you mean 'camera.kind'?" in lines[0]
    assert "recording.segment_seconds = 'soon'" in lines[1]
    assert "write section.name=value" in lines[2]


def test_a_mistake_in_a_file_is_a_warning_and_the_program_starts(tmp_path: Path) -> None:
    state = tmp_path / "dashcam" / ".state"
    state.mkdir(parents=True)
    (state / "settings.toml").write_text('[camera]\nknd = "usb"\nname = "rear"\n')
    result = dashcam("record", home=tmp_path, code=UNDERSTAND)
    assert result.returncode == 0
    assert "WARNING dashcam: " in result.stderr
    assert "name='rear'" in result.stdout


def test_the_folders_have_their_defaults(tmp_path: Path) -> None:
    printed = understood("record", home=tmp_path)
    assert f"data=PosixPath('{tmp_path}/dashcam')" in printed
    assert f"state=PosixPath('{tmp_path}/dashcam/.state')" in printed


def test_the_environment_names_the_folder_and_the_option_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"import os; os.environ['DASHCAM_DATA'] = '{tmp_path}/card'\n{UNDERSTAND}"
    assert f"'{tmp_path}/card/.state'" in dashcam("keep", code=code).stdout
    assert "'/elsewhere/.state'" in dashcam("keep", "--data", "/elsewhere", code=code).stdout
    assert "'/state'" in dashcam("keep", "--data", "/elsewhere", "--state", "/state", code=code).stdout


def test_a_relative_folder_with_spaces_is_taken_from_here(tmp_path: Path) -> None:
    assert f"'{CHECKOUT}/my card'" in understood("web", "--data", "my card", home=tmp_path)


@pytest.mark.parametrize("option", ["--data", "--state"])
def test_a_file_is_no_folder(option: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = dashcam("web", option, str(file), home=tmp_path)
    assert result.returncode == 1
    assert "is not a folder; choose another" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_options_reach_the_program(tmp_path: Path) -> None:
    printed = understood("run", "--port", "0", "--for", "2.5", "--set", "camera.kind=pattern", home=tmp_path)
    assert "for_seconds=2.5" in printed
    assert "port=0" in printed
    assert "kind='pattern'" in printed
    assert "or_pattern=True" in understood("record", "--or-pattern", home=tmp_path)
    assert "or_pattern=False" in understood("record", home=tmp_path)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["run", "--port", "99999"], "is no port"),
        (["run", "--port", "http"], "is no port"),
        (["run", "--for", "soon"], "is no time"),
        (["run", "--for", "-1"], "is no time"),
        (["run", "--for", "inf"], "is no time"),
        (["web", "--for", "10"], "unrecognized arguments"),
        (["keep", "--data", ""], "is no folder"),
        (["drive"], "invalid choice"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(words: list[str], hint: str, tmp_path: Path) -> None:
    result = dashcam(*words, home=tmp_path)
    assert result.returncode == 2
    assert hint in result.stderr


@pytest.mark.parametrize(
    ("error", "code"), [("AlreadyRunning", 3), ("SettingsError", 2), ("CardError", 1), ("CameraAbsent", 1)]
)
def test_an_error_of_the_dashcam_is_one_line_and_its_code(error: str, code: int, tmp_path: Path) -> None:
    script = f"""
from dashcam import cli, errors
def fail(_invocation): raise errors.{error}("put it right")
cli._COMMANDS["keep"] = fail
raise SystemExit(cli.main(["keep", "--data", {str(tmp_path)!r}]))
"""
    result = dashcam(code=script)
    assert result.returncode == code
    assert result.stderr.endswith(" ERROR dashcam: put it right\n")
    assert len(result.stderr.splitlines()) == 1


def test_a_missing_library_names_the_cure(tmp_path: Path) -> None:
    script = f"""
from dashcam import cli
def fail(_invocation): import some_library
cli._COMMANDS["keep"] = fail
raise SystemExit(cli.main(["keep", "--data", {str(tmp_path)!r}]))
"""
    result = dashcam(code=script)
    assert result.returncode == 1
    assert "the library some_library is missing; start with scripts/run" in result.stderr
