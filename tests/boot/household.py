"""The programs of the appliance, each as the user that its unit names, with the folders that are made for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Literal
from urllib.parse import urlsplit

from dashcam.system import appliance
from tests.boot.units import BOOT, UnitFile, folders, members, read_unit
from tests.conftest import CHECKOUT
from tests.recorder.asked import wait_until
from tests.recorder.running import Systemd

Program = Literal["recorder", "keeper", "web", "network"]
COMMANDS: dict[Program, str] = {"recorder": "record", "keeper": "keep", "web": "web", "network": "network"}
Who = Literal["recorder", "keeper", "web", "network", "nobody"]
_STRANGER = "nobody"
# Far from what a machine gives its own.
_FIRST_NUMBER = 42_001
_END_SECONDS = 60


class Household:
    """Starts and ends them; `close` kills what is left and removes all that they made."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="dashcam-household-"))
        self._home.chmod(0o755)
        names = {"root"} | {name for user, groups in members().items() for name in (user, *groups)}
        names |= {name for folder in folders() for name in (folder.user, folder.group)} | {_STRANGER}
        self._numbers = {name: _FIRST_NUMBER + place for place, name in enumerate(sorted(names))} | {"root": 0}
        self._processes: dict[Program, subprocess.Popen[bytes]] = {}
        for folder in folders():
            self._make(self.at(folder.path), folder.mode, folder.user, folder.group)
        self.data, self.state = self.at(str(appliance.DATA_FOLDER)), self.at(str(appliance.STATE_FOLDER))
        self.runtime = self.at(str(appliance.RUNTIME_FOLDER))
        self._make(self.runtime, 0o755, "root", "root")
        self.log = self._home / "log"

    def at(self, path: str) -> Path:
        """Where a folder of the appliance is here."""
        return self._home / path.lstrip("/")

    def unit(self, program: Program) -> UnitFile:
        """As it is installed."""
        return read_unit(BOOT / f"dashcam-{program}.service")

    def number_of(self, name: str) -> int:
        """Of a user or group; a user's and a group's of one name are the same."""
        return self._numbers[name]

    def start(self, program: Program, *options: str) -> Systemd:
        """Starts it and returns when it is ready; gives what it tells systemd from then on."""
        unit = self.unit(program)
        runtime = self.at(f"/run/{unit.last('Service', 'RuntimeDirectory')}")
        mode = int(unit.last("Service", "RuntimeDirectoryMode"), 8)
        if not runtime.exists():
            self._make(runtime, mode, unit.last("Service", "User"), unit.last("Service", "Group"))
        notices = self.at(f"/notices/{program}")
        shutil.rmtree(notices, ignore_errors=True)
        self._make(notices, 0o755, "root", "root")
        systemd = Systemd(notices)
        systemd.path.chmod(0o777)
        command = [sys.executable, "-P", "-m", "dashcam", COMMANDS[program]]
        command += ["--data", str(self.data), "--state", str(self.state), *options]
        with open(self.log, "ab") as log_file:
            self._processes[program] = self.popen(
                program, command, stdout=log_file, stderr=log_file, **systemd.environment
            )

        def is_ready() -> bool:
            assert self._processes[program].poll() is None, f"the {program} has ended: {self.log.read_text()}"
            return "READY=1" in systemd.listen()

        wait_until(is_ready, f"the {program} is ready; its log is {self.log}")
        return systemd

    def popen(
        self, who: Who, command: Sequence[str], stdout: int | IO[bytes], stderr: int | IO[bytes], **more: str
    ) -> subprocess.Popen[bytes]:
        """The command as the user of that program."""
        words = ["unshare", "--mount", sys.executable, "-m", "tests.boot.as_user", *self._rights_of(who), *command]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/nonexistent",
            "DASHCAM_RUNTIME": str(self.runtime),
            **more,
        }
        return subprocess.Popen(words, cwd=CHECKOUT, env=environment, stdout=stdout, stderr=stderr)

    def _rights_of(self, who: Who) -> tuple[str, str, str, str]:
        """User, group, further groups and umask, as tests.boot.as_user takes them."""
        if who == "nobody":
            return str(self._numbers[_STRANGER]), str(self._numbers[_STRANGER]), "", "0022"
        unit = self.unit(who)
        user = unit.last("Service", "User")
        further = {*unit.words("Service", "SupplementaryGroups"), *members()[user]}
        numbers = ",".join(str(self._numbers[name]) for name in sorted(further))
        group = self._numbers[unit.last("Service", "Group")]
        return str(self._numbers[user]), str(group), numbers, unit.last("Service", "UMask")

    def run_python(self, who: Who, program: str, *arguments: str) -> tuple[int, str]:
        """A few lines as the user of that program; gives the exit code and what was printed, also of errors."""
        command = [sys.executable, "-P", "-c", program, *arguments]
        process = self.popen(who, command, subprocess.PIPE, subprocess.STDOUT)
        printed, _ = process.communicate(timeout=_END_SECONDS)
        return process.returncode, printed.decode()

    def page_port(self) -> int:
        """Where the page listens."""
        port = urlsplit((self.runtime / "web" / "web.address").read_text().strip()).port
        assert port
        return port

    def stop(self, program: Program) -> None:
        """In good order."""
        process = self._processes.pop(program)
        process.terminate()
        assert process.wait(_END_SECONDS) == 0, self.log.read_text()

    def kill(self, program: Program) -> None:
        """Without a word."""
        process = self._processes.pop(program)
        process.kill()
        process.wait()

    def close(self) -> None:
        """Kills what still runs, removes everything."""
        for program in tuple(self._processes):
            self.kill(program)
        shutil.rmtree(self._home)

    def _make(self, folder: Path, mode: int, user: str, group: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, self._numbers[user], self._numbers[group])
        folder.chmod(mode)
