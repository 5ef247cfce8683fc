"""A container that runs the appliance's units, and what tests ask of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from dashcam.errors import LinkError
from dashcam.link.client import ask
from dashcam.link.messages import GetStatus, RecorderStatus
from dashcam.system.appliance import RUNTIME_FOLDER, STATE_FOLDER
from dashcam.system.runtime_folder import SHARED_VARIABLE
from tests.endurance.child_process import dies_with_us

LIMIT_SECONDS = 90.0
"""What has to come comes within this, on a busy machine too."""
_LOOK_SECONDS = 0.05
_HIERARCHIES = ("", "systemd", "unified")
_FETCH = """
import json, sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1], method=sys.argv[2], data=sys.argv[3].encode() or None)
request.add_header("Content-Type", "application/json")
try:
    answer = urllib.request.urlopen(request, timeout=60)
except urllib.error.HTTPError as error:
    answer = error
print(json.dumps([answer.status, answer.read().decode("utf-8", "replace")]))
"""


class Answer(msgspec.Struct, array_like=True):
    """What the page answered."""

    status: int
    text: str


class Container:
    """A tree that is started, in memory, as a context: leaving it ends the container at once.

    `files` is laid over the tree before, and `prepare` (bash) run in it.
    """

    def __init__(self, tree: Path, work: Path, *, files: Path | None = None, prepare: str = "") -> None:
        self._tree = tree
        self._work = work
        self._name = f"dashcam-test-{os.getpid()}-{work.name}"
        self._files = files
        self._prepare = prepare
        self.log = work / "console"
        self._process: subprocess.Popen[bytes] | None = None
        self.init = 0
        """The process number of its systemd, here."""

    def __enter__(self) -> Self:
        self._work.mkdir(parents=True, exist_ok=True)
        if self._files is not None:
            (self._work / "files").symlink_to(self._files)
        if self._prepare:
            (self._work / "prepare").write_text(self._prepare)
        words = ["unshare", "--mount", "--propagation", "private", "--"]
        words += [str(Path(__file__).parent / "start-container"), self._name, str(self._tree), str(self._work)]
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(dies_with_us(words), stdout=log, stderr=log, start_new_session=True)
        try:
            self.wait("its systemd", self._find_init)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._end()

    def _find_init(self) -> bool:
        """The process that is number 1 of its own name space, once it has become systemd."""
        assert self._process is not None
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            for child in children:
                status = Path(f"/proc/{child}/status").read_text()
                if "Name:\tsystemd\n" in status and status.split("NSpid:")[1].splitlines()[0].split()[1:] == ["1"]:
                    self.init = int(child)
        return self.init > 0 and (self.root / "run/systemd/private").exists()

    def _end(self) -> None:
        if self._process is not None:
            if self.init and self._process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.init, signal.SIGKILL)
            elif self._process.poll() is None:
                self._process.kill()
            self._process.wait(LIMIT_SECONDS)
        for hierarchy in _HIERARCHIES:
            group = Path("/sys/fs/cgroup", hierarchy, self._name)
            if group.is_dir():
                self.wait("the end of its processes", partial(_are_removed, group), can_be_over=True)

    @property
    def root(self) -> Path:
        """Its files, from here."""
        return Path(f"/proc/{self.init}/root")

    def wait_for_end(self) -> int:
        """Until it has switched itself off; the exit code of systemd-nspawn."""
        assert self._process is not None
        return self._process.wait(LIMIT_SECONDS)

    def run(self, *words: str, code: int | None = 0) -> str:
        """What a command says that runs inside as root; it has to end with `code`, unless that is None."""
        enter = ["nsenter", f"--target={self.init}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
        enter += ["--root", "--wd", "--"]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}
        done = subprocess.run(
            [*enter, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
        )
        assert code is None or done.returncode == code, f"{' '.join(words)}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def run_as(self, user: str, *words: str, code: int | None = 0) -> str:
        """The same as somebody else, with all groups of theirs."""
        return self.run("runuser", "-u", user, "--", *words, code=code)

    def show(self, unit: str, *properties: str) -> dict[str, str]:
        """What systemd says about a unit."""
        lines = self.run("systemctl", "show", unit, f"--property={','.join(properties)}").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def number(self, unit: str, name: str) -> int:
        """A property that is one."""
        return int(self.show(unit, name)[name])

    def is_active(self, unit: str) -> bool:
        """Whether it runs and has said that it is ready."""
        return self.show(unit, "ActiveState")["ActiveState"] == "active"

    def fetch(self, address: str, method: str = "GET", body: str = "") -> Answer:
        """What the page answers inside to an address such as `http://127.0.0.1/`."""
        python = "/usr/bin/python3"
        return msgspec.json.decode(self.run(python, "-I", "-c", _FETCH, address, method, body), type=Answer)

    def recorder(self) -> RecorderStatus:
        """Asked over its link, as the page does. Raises LinkError while it starts."""
        with _runtime(self.root / RUNTIME_FOLDER.relative_to("/")):
            return ask(STATE_FOLDER, "recorder", GetStatus(), RecorderStatus, LIMIT_SECONDS)

    def wait_until_recording(self) -> RecorderStatus:
        """Until a clip grows that has its name."""

        def is_recording() -> bool:
            clip = self.recorder().open_clip
            return clip is not None and bool(clip.path)

        self.wait("the recording", is_recording)
        return self.recorder()

    def wait(self, what: str, holds: Callable[[], bool], *, can_be_over: bool = False) -> None:
        """Looks until it holds; the container has to be alive, and a program that starts may be silent."""
        until = time.monotonic() + LIMIT_SECONDS
        while True:
            with contextlib.suppress(LinkError):
                if holds():
                    return
            assert time.monotonic() < until, f"{what} did not come\n{self.last_words()}"
            is_over = self._process is not None and self._process.poll() is not None
            assert can_be_over or not is_over, f"it ended before {what} came\n{self.last_words()}"
            time.sleep(_LOOK_SECONDS)

    def wait_until_active(self, unit: str) -> None:
        """Until it is ready."""
        self.wait(unit, lambda: self.is_active(unit))

    def last_words(self) -> str:
        """The console's and the journal's end, for a test that failed."""
        words = self.log.read_text(errors="replace")[-2000:]
        if self._process is not None and self._process.poll() is None and self.init:
            words += self.run("journalctl", "--no-pager", "--lines=60", "--output=short-monotonic", code=None)
        return words


@contextlib.contextmanager
def _runtime(folder: Path) -> Iterator[None]:
    before = os.environ.get(SHARED_VARIABLE)
    os.environ[SHARED_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[SHARED_VARIABLE]
        else:
            os.environ[SHARED_VARIABLE] = before


def _are_removed(group: Path) -> bool:
    """Takes away a control group with those below it; False while something lives in one."""
    for folder, _, _ in os.walk(group, topdown=False):
        with contextlib.suppress(FileNotFoundError):
            try:
                Path(folder).rmdir()
            except OSError:
                return False
    return True


if __name__ == "__main__":
    # By hand: python -m tests.container.container TREE WORK; ends with Enter.
    with Container(Path(sys.argv[1]), Path(sys.argv[2])) as machine:
        print(f"nsenter -t {machine.init} -a")
        input()
