"""A served program on a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.link.server import LinkServer
from tests.link.peers import Program, new_server


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def server(tmp_path: Path, program: Program) -> Iterator[LinkServer]:
    server = new_server(tmp_path, program)
    server.start()
    yield server
    program.go_on.set()
    server.close()
