"""The tree, made once for all tests of this folder, and the container that most of them share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, skip_unless_in_ci
from tests.container.container import Container
from tests.container.parts import appliance_files
from tests.made_videos import counting, write_video

_FILM_SECONDS, _FILM_RATE = 4, 25


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Debian with the appliance, by the checkout's own scripts/install. To be left as it is."""
    if os.geteuid() != 0:
        skip_unless_in_ci("containers are root's")
    missing = [name for name in ("mmdebstrap", "systemd-nspawn") if shutil.which(name) is None]
    if missing:
        skip_unless_in_ci(f"{' and '.join(missing)} missing; scripts/test installs them in CI")
    folder = tmp_path_factory.mktemp("appliance") / "tree"
    done = subprocess.run([CHECKOUT / "os-image" / "build-tree", folder], stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, "os-image/build-tree says why"
    return folder


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera shows, passed on as it is: nothing is encoded in the container."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_video(path, counting(_FILM_SECONDS * _FILM_RATE, _FILM_RATE), rate=_FILM_RATE)
    return path


@pytest.fixture(scope="session")
def machine(tree: Path, film: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """The appliance with a camera, started once; each test leaves it recording."""
    work = tmp_path_factory.mktemp("shared")
    files = appliance_files(work / "before", film=film)
    with Container(tree, work, files=files) as container:
        container.wait_until_recording()
        yield container
