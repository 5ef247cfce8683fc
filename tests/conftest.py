"""Fixtures for all tests: the real recordings that lie beside the checkout, and the virtual camera."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.virtual_camera.library import VirtualCameraMissing, make_importable

if TYPE_CHECKING:
    from tests.virtual_camera.camera import VirtualPicamera2

CHECKOUT = Path(__file__).resolve().parent.parent

# A run in the background (nohup, &) inherits ignored signals and would hand them on to the programs that it tries.
for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


def skip_unless_in_ci(reason: str) -> None:
    """Skips the test for lack of something; where everything has to be there (CI=true) it fails instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _runtime_folder() -> Iterator[None]:
    """A place for sockets and logs that is gone afterwards; a socket's path must be short."""
    with (
        tempfile.TemporaryDirectory(prefix="dc-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        # Strangers are to be turned away by the programs, not by this folder.
        Path(folder).chmod(0o711)
        patch.setenv("XDG_RUNTIME_DIR", folder)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real videos, tracks and broken files, `../shared/data` of the checkout. To be left as it is."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no test data in {folder}")
    return folder


@pytest.fixture(scope="session")
def virtual_picamera2() -> type[VirtualPicamera2]:
    """The class Picamera2 on a camera that needs no hardware; see tests/virtual_camera."""
    try:
        make_importable()
    except VirtualCameraMissing as error:
        skip_unless_in_ci(str(error))
    from tests.virtual_camera.camera import VirtualPicamera2

    return VirtualPicamera2
