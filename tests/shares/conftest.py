"""A machine whose shares run for all tests of a module, and one that is a test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashcam.network.wanted import Wanted, WantedFtp, WantedSamba
from tests.shares.rig import PASSWORD, Machine, machine

READ_ONLY = Wanted(smb=WantedSamba(name="dashcam", workgroup="HOME"), ftp=WantedFtp())


@pytest.fixture
def own_machine() -> Iterator[Machine]:
    with machine() as made:
        yield made


@pytest.fixture(scope="module")
def sharing() -> Iterator[Machine]:
    """Samba and FTP run, to be read only."""
    with machine() as made:
        applied = made.apply(READ_ONLY, PASSWORD)
        assert (applied.smb, applied.ftp, applied.password, applied.has_password) == ("", "", "", True)
        made.start_smb()
        made.start_ftp()
        yield made
