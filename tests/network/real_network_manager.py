"""The real NetworkManager, without a radio, in name spaces of its own: it has no network and writes nowhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import skip_unless_in_ci
from tests.endurance.child_process import dies_with_us
from tests.network.mocked_radio import need_network_manager, wait_for_service
from tests.system.stand_in_logind import private_bus

# Its folders are empty ones, and names and resolvers are not its business: nothing of the machine's can change.
_INSIDE = """set -e
mount -t tmpfs none /etc/NetworkManager
mount -t tmpfs none /var/lib/NetworkManager
mount -t tmpfs none /run
mkdir -p /run/NetworkManager
cat >/etc/NetworkManager/NetworkManager.conf <<END
[main]
plugins=keyfile
auth-polkit=false
dns=none
rc-manager=unmanaged
hostname-mode=none
END
mkdir -m 700 "$1"
mkdir /etc/NetworkManager/system-connections
mount --bind "$1" /etc/NetworkManager/system-connections
exec NetworkManager --no-daemon
"""
_SPACES = ["unshare", "--mount", "--net", "--uts", "--ipc", "--propagation", "private"]


@contextmanager
def real_network_manager(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """The address of its bus, and the folder in which it keeps its profiles."""
    need_network_manager("nmcli", "NetworkManager", "unshare")
    if subprocess.run([*_SPACES, "true"], capture_output=True, check=False).returncode != 0:
        skip_unless_in_ci("no name spaces: run as root")
    keyfiles = folder / "system-connections"
    with private_bus(folder, patch) as address, open(folder / "nm.log", "wb") as log:
        words = dies_with_us([*_SPACES, "sh", "-c", _INSIDE, "sh", str(keyfiles)])
        environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        with subprocess.Popen(words, env=environment, stdout=log, stderr=log) as process:
            try:
                wait_for_service(address, process, folder / "nm.log")
                yield address, keyfiles
            finally:
                process.terminate()
