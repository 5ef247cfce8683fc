"""What waits for what when the machine starts, as systemd itself works it out, with all that its settings imply."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashcam.system import appliance
from tests.boot.installed import SYSTEM_UNITS, Root, installed, need

SYSTEMD = Path("/lib/systemd/systemd")
FSTAB_GENERATOR = Path("/lib/systemd/system-generators/systemd-fstab-generator")
NOBODY = "65534"
# With a partition of its own for state and clips, and all on one.
FSTABS = {
    "partitions": """\
/dev/mmcblk0p2 / ext4 ro 0 1
/dev/mmcblk0p1 /boot/firmware vfat ro 0 2
/dev/mmcblk0p3 /var/lib/dashcam ext4 noatime,nofail,x-systemd.device-timeout=5s 0 2
/dev/mmcblk0p4 /data ext4 noatime,nofail,x-systemd.device-timeout=5s 0 2
""",
    "one": "/dev/mmcblk0p2 / ext4 defaults,noatime 0 1\n/dev/mmcblk0p1 /boot/firmware vfat defaults 0 2\n",
}
# All that the recorder may wait for: its file systems, what they lie on, what makes device nodes, what takes its log.
MAY_WAIT_FOR = re.compile(
    r"-\.mount|data\.mount|var\.mount|var-lib-dashcam\.mount|boot-firmware\.mount|dev-[\w\\]+\.device|.+\.slice"
    r"|blockdev@dev-[\w\\]+\.target|systemd-fsck@dev-[\w\\]+\.service|systemd-fsck-root\.service|systemd-fsckd\.socket"
    r"|systemd-remount-fs\.service|local-fs-pre\.target|systemd-journald\.socket|modprobe@\w+\.service"
    r"|kmod-static-nodes\.service|systemd-(tmpfiles-setup-dev(-early)?|sysusers|firstboot|udev-load-credentials)\.service"
)
NEVER = (
    "network.target",
    "network-pre.target",
    "network-online.target",
    "NetworkManager.service",
    "NetworkManager-wait-online.service",
    "time-sync.target",
    "time-set.target",
    "systemd-timesyncd.service",
    "systemd-udev-settle.service",
    "sysinit.target",
    "basic.target",
    "sockets.target",
    "multi-user.target",
    "local-fs.target",
    "dbus.service",
    appliance.TARGET_UNIT,
    appliance.WEB_UNIT,
    appliance.WEB_SOCKET_UNIT,
    appliance.KEEPER_UNIT,
    appliance.NETWORK_UNIT,
    appliance.APPLY_UNIT,
)


@dataclass(frozen=True)
class Boot:
    """The start of a machine as systemd plans it."""

    after: dict[str, set[str]]
    """By unit, what it is ordered behind."""
    started: set[str]
    words: str

    def waits_for(self, unit: str) -> set[str]:
        """All that comes before it, however indirectly."""
        found: set[str] = set()
        open_ends = [unit]
        while open_ends:
            more = self.after.get(open_ends.pop(), set()) - found
            found |= more
            open_ends += more
        return found

    def waiting_for(self, unit: str) -> set[str]:
        """All that is ordered behind it directly."""
        return {name for name, others in self.after.items() if unit in others}


def plan(root: Root, fstab: str = "partitions") -> Boot:
    """Asks systemd, without starting anything; not as root, which it refuses."""
    mounts = root.folder / "mounts"
    mounts.mkdir()
    table = root.folder / "fstab"
    table.write_text(FSTABS[fstab])
    subprocess.run(
        [FSTAB_GENERATOR, mounts, mounts, mounts],
        env={"SYSTEMD_FSTAB": str(table), "PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
    )
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    asked = subprocess.run(
        [*as_nobody, SYSTEMD, "--test", "--system", "--unit=multi-user.target", "--no-pager"],
        env={
            "SYSTEMD_UNIT_PATH": f"{root.units}:{mounts}:{SYSTEM_UNITS}",
            "SYSTEMD_LOG_TARGET": "console",
            "SYSTEMD_LOG_LEVEL": "warning",
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    units, _, jobs = asked.stdout.partition("-> By jobs:")
    return Boot(_orders(units), set(re.findall(r"Action: (\S+) -> start", jobs)), asked.stderr + asked.stdout)


def _orders(units: str) -> dict[str, set[str]]:
    after: dict[str, set[str]] = {}
    for block in re.split(r"^\t*-> Unit ", units, flags=re.MULTILINE)[1:]:
        after[block.partition(":\n")[0]] = set(re.findall(r"^\s+After: (\S+)", block, flags=re.MULTILINE))
    return after


@pytest.fixture
def root() -> Iterator[Root]:
    need(str(SYSTEMD), str(FSTAB_GENERATOR), "setpriv")
    with installed() as made:
        for unit in ("NetworkManager.service", "systemd-timesyncd.service"):
            made.enable_foreign(unit)
        made.enable_foreign("NetworkManager-wait-online.service", "network-online.target")
        yield made


@pytest.mark.parametrize("fstab", FSTABS)
def test_the_recorder_waits_for_its_own_mounts_only(root: Root, fstab: str) -> None:
    boot = plan(root, fstab)
    assert appliance.RECORDER_UNIT in boot.started
    found = boot.waits_for(appliance.RECORDER_UNIT)
    assert {"-.mount", "systemd-remount-fs.service"} <= found
    assert ({"data.mount", "var-lib-dashcam.mount"} <= boot.started) == (fstab == "partitions")
    assert sorted(name for name in found if not MAY_WAIT_FOR.fullmatch(name)) == []
    assert not found & set(NEVER)


@pytest.mark.parametrize("fstab", FSTABS)
def test_nothing_waits_for_the_recorder_but_the_end_of_the_machine(root: Root, fstab: str) -> None:
    boot = plan(root, fstab)
    assert boot.waiting_for(appliance.RECORDER_UNIT) == {"shutdown.target"}
    for unit in (appliance.WEB_UNIT, appliance.WEB_SOCKET_UNIT, appliance.NETWORK_UNIT, "multi-user.target"):
        assert unit in boot.started
        assert appliance.RECORDER_UNIT not in boot.waits_for(unit), unit


def test_the_page_waits_for_no_network_and_no_keeper(root: Root) -> None:
    boot = plan(root)
    for unit in (appliance.WEB_UNIT, appliance.WEB_SOCKET_UNIT, appliance.NETWORK_UNIT):
        found = boot.waits_for(unit)
        assert not found & {
            "network.target",
            "network-online.target",
            "NetworkManager.service",
            "time-sync.target",
            "multi-user.target",
            appliance.KEEPER_UNIT,
            appliance.APPLY_UNIT,
        }, unit


def test_all_is_started_but_the_shares_and_there_is_no_circle(root: Root) -> None:
    boot = plan(root)
    assert {appliance.KEEPER_UNIT, appliance.APPLY_UNIT, appliance.TARGET_UNIT, "data.mount"} <= boot.started
    assert not {appliance.SMB_UNIT, appliance.FTP_UNIT} & boot.started
    assert "ordering cycle" not in boot.words


@pytest.mark.parametrize(
    "line",
    ["After=network.target", "After=NetworkManager.service", "DefaultDependencies=yes", "After=dashcam-web.socket"],
)
def test_waiting_for_more_would_be_found(root: Root, line: str) -> None:
    path = root.units / appliance.RECORDER_UNIT
    path.write_text(path.read_text().replace("[Service]\n", f"{line}\n[Service]\n", 1))
    assert plan(root).waits_for(appliance.RECORDER_UNIT) & set(NEVER)


def test_so_would_be_a_setting_that_implies_it(root: Root) -> None:
    """PrivateTmp= waits for all file systems; nobody sees it in the unit."""
    root.spoil(appliance.RECORDER_UNIT, "PrivateTmp=yes", "Service")
    found = plan(root).waits_for(appliance.RECORDER_UNIT)
    assert [name for name in found if not MAY_WAIT_FOR.fullmatch(name)]


def test_whoever_waits_for_the_recorder_would_be_found(root: Root) -> None:
    root.spoil(appliance.WEB_UNIT, f"After={appliance.RECORDER_UNIT}")
    boot = plan(root)
    assert boot.waiting_for(appliance.RECORDER_UNIT) == {"shutdown.target", appliance.WEB_UNIT}
