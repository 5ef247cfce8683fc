"""The start of the appliance: what comes first, and what waits for what."""

from __future__ import annotations

from pathlib import Path

from dashcam.system.appliance import (
    PAGE_PORTS,
    RECORDER_UNIT,
    TARGET_UNIT,
    WEB_SOCKET_UNIT,
    WEB_UNIT,
)
from tests.container.before_network import BeforeNetwork
from tests.container.container import Container
from tests.container.order import read_order, waits_for
from tests.container.parts import FIRST_CLIP, NETWORK_MANAGER, PROGRAM_UNITS
from tests.mp4_boxes import boxes_of
from tests.numbered import decoded_in

# Beginnings of names: networks, the time, who logs in, what others need, and all that is ordinary on a machine.
_NEVER_WAITED_FOR = (
    *("network", "NetworkManager", "wpa_supplicant", "nss-lookup", "avahi", "ssh", "smb", "vsftpd", "nft", "rfkill"),
    *("time", "systemd-time", "chrony", "ntp", "systemd-udev-settle", "dbus", "polkit", "systemd-logind", "cloud-"),
    *("sysinit.target", "basic.target", "sockets.target", "multi-user.target", "graphical.target", "swap.target"),
    *("dashcam-keeper", "dashcam-web", "dashcam-network", "dashcam-apply", "dashcam-smb", "dashcam-ftp"),
)


def test_recording_and_page_are_there_while_networkmanager_hangs(before_network: BeforeNetwork) -> None:
    assert before_network.network_manager == "activating", "it was to hang"
    assert before_network.recorder == "active"
    assert before_network.status.is_recording
    assert before_network.status.open_clip is not None
    assert before_network.status.open_clip.path.startswith("VIDEO/"), "a piece of it is durable"
    assert before_network.page.status == 200
    assert "<title>" in before_network.page.text


def test_first_durable_fragment_comes_before_networkmanager_is_active(machine: Container) -> None:
    ready = machine.number(RECORDER_UNIT, "ActiveEnterTimestampMonotonic")
    machine.wait_until_active(NETWORK_MANAGER)
    assert 0 < ready < machine.number(NETWORK_MANAGER, "ActiveEnterTimestampMonotonic")


def test_recorder_is_ready_only_once_a_fragment_is_on_the_card(machine: Container, tmp_path: Path) -> None:
    copy = tmp_path / "at-ready.mp4"
    copy.write_bytes((machine.root / FIRST_CLIP.relative_to("/")).read_bytes())
    assert {"moov", "mdat"} <= {box.name for box in boxes_of(copy) if box.is_whole}
    assert decoded_in(copy) > 1


def test_whole_appliance_runs(machine: Container) -> None:
    for unit in (*PROGRAM_UNITS, WEB_SOCKET_UNIT, TARGET_UNIT):
        machine.wait_until_active(unit)
    for unit in PROGRAM_UNITS:
        assert machine.number(unit, "NRestarts") == 0, unit
    failed = machine.run("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    assert failed.split() == []


def test_page_is_served_on_all_its_ports(machine: Container) -> None:
    for port in PAGE_PORTS:
        answer = machine.fetch(f"http://127.0.0.1:{port}/api/status")
        assert answer.status == 200
        assert '"is_recording":true' in answer.text


def test_recorder_waits_for_nothing_but_its_card(machine: Container) -> None:
    held_up_by = waits_for(read_order(machine), RECORDER_UNIT)
    assert "-.mount" in held_up_by, "the order was read"
    assert [name for name in sorted(held_up_by) if name.startswith(_NEVER_WAITED_FOR)] == []


def test_nothing_waits_for_the_recorder(machine: Container) -> None:
    after = read_order(machine)
    waiting = sorted(name for name in after if RECORDER_UNIT in waits_for(after, name))
    # The end of the machine is: it comes after the recorder has closed its clip.
    assert [name for name in waiting if "shutdown.target" not in waits_for(after, name) | {name}] == []
    needed_by = machine.show(RECORDER_UNIT, "RequiredBy", "RequisiteOf", "BoundBy", "TriggeredBy")
    assert set(needed_by.values()) == {""}


def test_page_does_not_wait_for_a_network(machine: Container) -> None:
    held_up_by = waits_for(read_order(machine), WEB_UNIT)
    assert {"network.target", "network-online.target", NETWORK_MANAGER, RECORDER_UNIT} & held_up_by == set()
