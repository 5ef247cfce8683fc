"""The tree, made once for all tests of this folder, and the container that most of them share."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, skip_unless_in_ci
from tests.container.before_network import BeforeNetwork, look_before_network
from tests.container.container import Container
from tests.container.parts import FILM_RATE, NETWORK_MANAGER, appliance_files
from tests.made_videos import counting, write_video

_FILM_SECONDS = 4


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Debian with the appliance, by the checkout's own scripts/install, in two layers. To be left as it is."""
    if os.geteuid() != 0:
        skip_unless_in_ci("containers are root's")
    missing = [name for name in ("mmdebstrap", "systemd-nspawn") if shutil.which(name) is None]
    if missing:
        skip_unless_in_ci(f"{' and '.join(missing)} missing; scripts/test installs them in CI")
    folder = tmp_path_factory.mktemp("appliance")
    words = [str(CHECKOUT / "os-image" / "build-tree"), "--layer", str(folder / "tree")]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with open(f"{(folder / 'tree' / 'debian').resolve()}.lock") as lock:
        # While it is held no other build removes that Debian.
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield folder / "tree"
    shutil.rmtree(folder)  # too large to be kept for the next three runs


@pytest.fixture(scope="session")
def plain_tree(tree: Path) -> Path:
    """The Debian that it was installed in. To be left as it is."""
    return (tree / "debian").resolve()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera shows, passed on as it is: nothing is encoded in the container."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_video(path, counting(_FILM_SECONDS * FILM_RATE, FILM_RATE), rate=FILM_RATE)
    return path


@pytest.fixture(scope="session")
def started(tree: Path, film: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """The appliance with a camera, started while NetworkManager hangs."""
    work = tmp_path_factory.mktemp("shared")
    files = appliance_files(work / "before", film=film, held=NETWORK_MANAGER)
    with Container(tree, work / "started", files=files) as container:
        yield container


@pytest.fixture(scope="session")
def before_network(started: Container) -> BeforeNetwork:
    """How all stood while NetworkManager hung; now it goes on."""
    return look_before_network(started)


@pytest.fixture(scope="session")
def machine(started: Container, before_network: BeforeNetwork) -> Container:
    """The same once NetworkManager went on, started to the end; each test leaves it recording."""
    started.wait_until_active("multi-user.target")
    return started
