"""The units are well formed, shut in, and rank as they must: the recorder is the last to suffer."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.system import appliance
from tests.boot.installed import Root, installed, need, verify
from tests.boot.units import BOOT, UnitFile, folders, members, read_unit, unit_files
from tests.conftest import skip_unless_in_ci

# Of `systemd-analyze security`, as systemd 252 counts: later ones know more, and may count a little more.
MOST_EXPOSED = {"dashcam-recorder.service": 2.0, "dashcam-web.service": 2.0}
MOST_EXPOSED_OF_OTHERS = 4.0
PROGRAMS = (appliance.RECORDER_UNIT, appliance.KEEPER_UNIT, appliance.WEB_UNIT, appliance.NETWORK_UNIT)
SERVICES = sorted(path.name for path in unit_files() if path.suffix == ".service")


@pytest.fixture
def root() -> Iterator[Root]:
    need("systemd-analyze")
    with installed() as made:
        made.add_system_units()
        yield made


def unit(name: str) -> UnitFile:
    return read_unit(BOOT / name)


def seconds(text: str) -> int:
    assert re.fullmatch(r"\d+", text), text
    return int(text)


def test_all_that_the_appliance_names_is_there_and_nothing_else() -> None:
    named = {value for name, value in vars(appliance).items() if name.endswith("_UNIT")}
    assert {path.name for path in unit_files()} == named | {"dashcam.slice"}


def test_systemd_finds_no_fault(root: Root) -> None:
    found = verify(root)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("name", [path.name for path in unit_files()])
@pytest.mark.parametrize("line", ["Documentaton=man:x(1)", "After"])
def test_a_mistyped_line_would_be_found(root: Root, name: str, line: str) -> None:
    root.spoil(name, line)
    found = verify(root, name)
    assert found.returncode != 0
    assert name in found.stderr


def exposure(path: Path) -> float:
    """How much of the system a service could reach, as systemd sums it up: 0 to 10."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+) ", printed)
    assert found, printed
    return float(found[1])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_shut_in(name: str) -> None:
    need("systemd-analyze")
    found = exposure(BOOT / name)
    print(f"{name}: exposure {found}")
    assert found <= MOST_EXPOSED.get(name, MOST_EXPOSED_OF_OTHERS)


def test_a_service_that_is_not_shut_in_would_be_found(root: Root) -> None:
    for line in ("ProtectSystem=no", "NoNewPrivileges=no", "CapabilityBoundingSet=~", "SystemCallFilter="):
        with (root.units / "dashcam-web.service").open("a") as file:
            file.write(f"[Service]\n{line}\n")
    assert exposure(root.units / "dashcam-web.service") > MOST_EXPOSED["dashcam-web.service"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_watched_and_started_anew_for_ever(name: str) -> None:
    found = unit(name)
    assert found.last("Service", "Type") == "notify"
    assert found.last("Service", "Restart") == "always"
    assert found.last("Unit", "StartLimitIntervalSec") == "0"
    assert seconds(found.last("Service", "WatchdogSec")) >= 60
    assert 0 < seconds(found.last("Service", "TimeoutStartSec")) <= 90
    assert found.last("Service", "RuntimeDirectoryPreserve") == "restart"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_has_a_user_of_its_own_without_root(name: str) -> None:
    found = unit(name)
    program = name.removeprefix("dashcam-").removesuffix(".service")
    assert found.last("Service", "User") == f"dashcam-{program}"
    assert found.last("Service", "Group") == appliance.STATE_GROUP
    assert found.last("Service", "NoNewPrivileges") == "yes"
    assert found.last("Service", "RuntimeDirectory") == f"dashcam/{program}"
    assert found.last("Service", "RuntimeDirectoryMode") == "0750"
    assert f"DASHCAM_RUNTIME={appliance.RUNTIME_FOLDER}" in found.words("Service", "Environment")
    start = found.last("Service", "ExecStart").split()
    assert start[0] == f"{appliance.PROGRAM_FOLDER}/venv/bin/python"
    assert start[-4:] == ["--data", str(appliance.DATA_FOLDER), "--state", str(appliance.STATE_FOLDER)]


def test_only_the_recorder_has_devices_and_it_has_no_network() -> None:
    recorder = unit(appliance.RECORDER_UNIT)
    assert recorder.last("Service", "DevicePolicy") == "closed"
    assert {"char-81", "char-media", "char-dma_heap", "char-gpiochip"} <= set(recorder.words("Service", "DeviceAllow"))
    assert recorder.last("Service", "IPAddressDeny") == "any"
    assert recorder.last("Service", "IPAddressAllow") == "localhost"
    for name in {*SERVICES} - {appliance.RECORDER_UNIT, appliance.APPLY_UNIT}:
        assert unit(name).last("Service", "PrivateDevices") == "yes", name


def test_the_keeper_reaches_a_webhook_and_listens_nowhere() -> None:
    keeper = unit(appliance.KEEPER_UNIT)
    assert {"AF_INET", "AF_INET6"} <= set(keeper.words("Service", "RestrictAddressFamilies"))
    assert keeper.last("Service", "PrivateNetwork", "no") == "no"
    assert keeper.last("Service", "IPAddressDeny") == ""
    assert keeper.last("Service", "SocketBindDeny") == "any"


def test_only_recorder_and_keeper_write_to_the_card() -> None:
    for name in SERVICES:
        written = {path.lstrip("-") for path in unit(name).words("Service", "ReadWritePaths")}
        may_write = name in (appliance.RECORDER_UNIT, appliance.KEEPER_UNIT)
        assert (str(appliance.DATA_FOLDER) in written) == may_write, name
        assert unit(name).last("Service", "ProtectSystem") == "strict", name


def test_the_recorder_is_the_last_to_die_and_the_first_to_be_served() -> None:
    def score(name: str) -> int:
        return int(unit(name).last("Service", "OOMScoreAdjust"))

    recorder = appliance.RECORDER_UNIT
    order = [appliance.FTP_UNIT, appliance.WEB_UNIT, appliance.KEEPER_UNIT, appliance.NETWORK_UNIT, recorder]
    scores = [score(name) for name in order]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert score(appliance.SMB_UNIT) == score(appliance.FTP_UNIT)
    for key in ("CPUWeight", "IOWeight"):
        weights = {name: int(unit(name).last("Service", key, "100")) for name in SERVICES}
        assert max(weights, key=lambda name: weights[name]) == recorder
        assert sorted(weights.values())[-2] <= 100
    assert unit(recorder).last("Service", "Slice") == "dashcam.slice"
    # Slowing it down would cost frames; it dies before it takes the machine with it.
    assert not unit(recorder).last("Service", "MemoryHigh")
    for name in SERVICES:
        assert unit(name).last("Service", "MemoryMax"), name
        assert name == recorder or unit(name).last("Service", "MemoryHigh"), name


def test_shares_are_started_by_nobody_but_the_network_program() -> None:
    for name in (appliance.SMB_UNIT, appliance.FTP_UNIT):
        assert not unit(name).words("Install", "WantedBy")
        assert name not in " ".join(unit(other).last("Unit", "Wants") for other in SERVICES)
        assert unit(name).last("Unit", "ConditionPathExists").startswith(str(appliance.SHARES_RUNTIME_FOLDER))


def test_the_page_listens_where_people_look() -> None:
    ports = [line.rpartition(":")[2] for line in unit(appliance.WEB_SOCKET_UNIT).sections["Socket"]["ListenStream"]]
    assert tuple(map(int, ports)) == appliance.PAGE_PORTS


def test_users_and_folders_are_those_of_the_appliance(tmp_path: Path) -> None:
    need("systemd-sysusers")
    if os.geteuid() != 0:
        skip_unless_in_ci("users are made by root only, also below another folder")
    (tmp_path / "etc").mkdir()
    command = ["systemd-sysusers", f"--root={tmp_path}", "-"]
    users = (BOOT / "sysusers.conf").read_bytes()
    assert subprocess.run(command, input=users, capture_output=True, check=False).returncode == 0
    passwords = {line.split(":")[0]: line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    assert set(passwords) == set(members())
    assert all(fields[-1].endswith("nologin") for fields in passwords.values())
    numbers = [line.split(":") for line in (tmp_path / "etc/group").read_text().splitlines()]
    groups = {name: set(found.split(",")) - {""} for name, _, _, found in numbers}
    assert groups[appliance.CARD_GROUP] == {appliance.RECORDER_USER, appliance.KEEPER_USER}
    assert groups[appliance.READERS_GROUP] == {appliance.RECORDER_USER, appliance.KEEPER_USER, appliance.WEB_USER}
    number_of = {name: number for name, _, number, _ in numbers}
    for user in (appliance.RECORDER_USER, appliance.KEEPER_USER, appliance.WEB_USER, appliance.NETWORK_USER):
        assert passwords[user][3] == number_of[appliance.STATE_GROUP]
    assert {folder.path for folder in folders()} == {
        str(appliance.DATA_FOLDER),
        str(appliance.DATA_FOLDER / "DCIM"),
        str(appliance.STATE_FOLDER),
        str(appliance.NETWORK_STATE_FOLDER),
        str(appliance.SHARES_STATE_FOLDER),
    }


def test_the_hardware_starts_a_hanging_machine_anew_within_what_it_can_count() -> None:
    """The Raspberry Pi's watchdog counts to fifteen seconds."""
    found = read_unit(BOOT / "watchdog.conf")
    assert 5 <= seconds(found.last("Manager", "RuntimeWatchdogSec")) <= 14
