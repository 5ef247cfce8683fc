"""`dashcam network apply` as its unit runs it: as root with few capabilities, on an appliance that is a namespace."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from dashcam.network.wanted import Applied, ShareSecret, Wanted, WantedBootFiles, WantedFtp, WantedSamba
from dashcam.system.appliance import (
    APPLY_UNIT,
    CARD_GROUP,
    NETWORK_USER,
    SHARE_USER,
)
from tests.conftest import CHECKOUT
from tests.shares.rig import PASSWORD, limited_as, require_programs

NETWORK_UID, SHARE_UID, CARD_GID = 64_001, 64_002, 64_003
STATE = Path("/var/lib/dashcam")
RUNTIME = Path("/run/dashcam")
_LIMIT_SECONDS = 120.0
# Everything that it would change is a file system of this test's own, and so is the network.
_SCRIPT = """
set -eu
mount -t tmpfs -o mode=755 none /run
mount -t tmpfs -o mode=755 none /var/lib
mount -t tmpfs -o mode=755 none /boot
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/group" /etc/group
mkdir -p /run/dashcam/network /var/lib/dashcam /var/lib/dashcam-network /boot/firmware
mount -t tmpfs -o mode=755 none /boot/firmware
cp "$1/wanted.json" /var/lib/dashcam-network/
cp "$1/dashcam.toml" /boot/firmware/
cp "$1/secrets.json" /run/dashcam/network/
chmod 600 /run/dashcam/network/secrets.json
chown -R {network} /run/dashcam/network /var/lib/dashcam /var/lib/dashcam-network
chmod 700 /var/lib/dashcam-network
chmod 700 /run/dashcam/network
mount -o remount,ro /boot/firmware
shift
"$@" || echo "ended with $?" >&2
cp -r /run/dashcam-shares "$RESULT/runtime"
cp -r /var/lib/dashcam-shares "$RESULT/kept"
cp -r /boot/firmware "$RESULT"
ls -A /run/dashcam/network >"$RESULT/left"
nft list ruleset >"$RESULT/ruleset"
grep /boot/firmware /proc/self/mounts >"$RESULT/mounts"
"""


def test_a_whole_run_on_an_appliance(tmp_path: Path) -> None:
    require_programs()
    tmp_path.chmod(0o755)
    result = tmp_path / "result"
    result.mkdir()
    read = b"[shares]\npassword = 'geheim'\n"
    wanted = Wanted(
        wifi=True,
        country="DE",
        smb=WantedSamba(name="dashcam", workgroup="HOME", may_delete=True),
        ftp=WantedFtp(),
        boot_files=WantedBootFiles(report="Gut gelesen.\r\n", settings_read_sha256=hashlib.sha256(read).hexdigest()),
    )
    (tmp_path / "dashcam.toml").write_bytes(read)
    (tmp_path / "wanted.json").write_bytes(msgspec.json.encode(wanted))
    (tmp_path / "secrets.json").write_bytes(msgspec.json.encode(ShareSecret(password=PASSWORD)))
    users = Path("/etc/passwd").read_text()
    users += f"{NETWORK_USER}:x:{NETWORK_UID}:{NETWORK_UID}::/:/usr/sbin/nologin\n"
    users += f"{SHARE_USER}:x:{SHARE_UID}:{SHARE_UID}::/:/usr/sbin/nologin\n"
    (tmp_path / "passwd").write_text(users)
    (tmp_path / "group").write_text(Path("/etc/group").read_text() + f"{CARD_GROUP}:x:{CARD_GID}:\n")

    command = ["unshare", "--mount", "--net", "--propagation", "private"]
    command += ["sh", "-c", _SCRIPT.format(network=NETWORK_UID), "sh", str(tmp_path)]
    command += limited_as(APPLY_UNIT)
    command += [sys.executable, "-m", "dashcam.network.apply", "--state", str(STATE)]
    environment = {**os.environ, "DASHCAM_RUNTIME": str(RUNTIME), "RESULT": str(result)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False, env=environment, cwd=CHECKOUT
    )
    assert done.returncode == 0, done.stderr
    assert "ended with" not in done.stderr, done.stderr
    assert PASSWORD not in done.stderr

    shares, kept = result / "runtime", result / "kept"
    applied = msgspec.json.decode((shares / "applied.json").read_bytes(), type=Applied)
    assert (applied.troubles, applied.smb, applied.ftp, applied.password) == ((), "", "", ""), done.stderr
    assert applied.has_password
    assert applied.boot_files == ("dashcam-report.txt",)
    assert (kept / "ftp.passwd").read_text().startswith("dashcam:$6$")
    assert (result / "left").read_text() == ""
    assert (result / "firmware" / "dashcam-report.txt").read_bytes() == b"Gut gelesen.\r\n"
    assert (result / "firmware" / "dashcam.toml").read_bytes() == read
    assert " ro," in (result / "mounts").read_text()
    assert "tcp dport { 21, 80, 445, 8000, 40000-40009 } accept" in (result / "ruleset").read_text()
