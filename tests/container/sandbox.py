"""Tries what a program must not be able to do: as its user, in a copy of its unit with all that shuts it in."""

from __future__ import annotations

import json

from dashcam.system.appliance import NETWORK_STATE_FOLDER, PROGRAM_FOLDER, STATE_FOLDER
from tests.container.container import Container

_PYTHON = str(PROGRAM_FOLDER / "venv" / "bin" / "python")
_FOLDER = "/run/dashcam-test"
_UNIT = "dashcam-test-probe.service"
# Each by itself, so that one that is refused does not hide the next; what was done is undone.
_PROBE = f"""
import errno, json, os, sys
clip = sys.argv[1]
folder = os.path.dirname(clip)
beside = os.path.join(folder, ".tmp-probe")

def make(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    os.unlink(path)

def make_folder(path):
    os.mkdir(path)
    os.rmdir(path)

def rename_beside():
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    os.rename(beside, beside + "2")
    os.unlink(beside + "2")

def read(path):
    with open(path, "rb") as file:
        assert file.read(8)[4:] == b"ftyp"

def steal():
    os.rename(clip, clip + "x")
    os.rename(clip + "x", clip)

attempts = {{
    "read the clip": lambda: read(clip),
    "make a file beside the clip": lambda: make(beside),
    "rename a file beside the clip": rename_beside,
    "append to the clip": lambda: os.close(os.open(clip, os.O_WRONLY | os.O_APPEND)),
    "empty the clip": lambda: os.truncate(clip, os.stat(clip).st_size),
    "rename the clip": steal,
    "change the clip's mode": lambda: os.chmod(clip, 0o644),
    "make a folder in DCIM": lambda: make_folder("/data/DCIM/probe"),
    "make a file in DCIM": lambda: make("/data/DCIM/.tmp-probe"),
    "make a file in the data folder": lambda: make("/data/probe"),
    "read what the network program keeps": lambda: os.listdir("{NETWORK_STATE_FOLDER}"),
    "put another folder in its place": lambda: os.rename("{NETWORK_STATE_FOLDER}", "{NETWORK_STATE_FOLDER}.old"),
    "write to the state": lambda: make("{STATE_FOLDER}/.tmp-probe"),
    "write to the system": lambda: make("/etc/probe"),
    "write to the program": lambda: make("{PROGRAM_FOLDER}/probe"),
}}
done = {{}}
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError as error:
        done[name] = errno.errorcode[error.errno]
    else:
        done[name] = "done"
print(json.dumps(done))
"""


def outcomes_as(machine: Container, user: str, clip: str) -> dict[str, str]:
    """What came of each attempt by a user who is shut in by nothing: `done`, or the name of the error."""
    return _read(machine.run_as(user, _PYTHON, "-I", "-c", _PROBE, clip))


def outcomes_in_unit(machine: Container, unit: str, clip: str) -> dict[str, str]:
    """The same in a copy of the unit that runs the attempts instead of its program."""
    folder = machine.root / _FOLDER.lstrip("/")
    folder.mkdir(exist_ok=True)
    (folder / "probe.py").write_text(_PROBE)
    (folder / "outcomes").unlink(missing_ok=True)
    units = machine.root / "run/systemd/system"
    drop_in = units / f"{_UNIT}.d"
    drop_in.mkdir(parents=True, exist_ok=True)
    (units / _UNIT).write_text((machine.root / "etc/systemd/system" / unit).read_text())
    (drop_in / "probe.conf").write_text(
        f"[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\nWorkingDirectory=/\nRuntimeDirectory=\n"
        f"ExecStart=\nExecStart={_PYTHON} -I {_FOLDER}/probe.py {clip}\nStandardOutput=file:{_FOLDER}/outcomes\n"
    )
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", _UNIT)
    return _read((folder / "outcomes").read_text())


def _read(text: str) -> dict[str, str]:
    outcomes: dict[str, str] = json.loads(text.splitlines()[-1])
    return outcomes
