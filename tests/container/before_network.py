"""The appliance while NetworkManager hangs at its start, as on a machine where it takes for ever."""

from __future__ import annotations

from dataclasses import dataclass

from dashcam.link.messages import RecorderStatus
from dashcam.system.appliance import RECORDER_UNIT
from tests.container.container import Answer, Container
from tests.container.parts import NETWORK_MANAGER, RELEASE


@dataclass(frozen=True)
class BeforeNetwork:
    """How it stood then."""

    status: RecorderStatus
    recorder: str
    network_manager: str
    page: Answer


def look_before_network(machine: Container) -> BeforeNetwork:
    """Waits for recording and page, looks, and lets NetworkManager go on, whatever came of it."""
    try:
        status = machine.wait_until_recording()
        machine.wait_until_active(RECORDER_UNIT)
        page = machine.fetch("http://127.0.0.1/")
        return BeforeNetwork(
            status=status,
            recorder=machine.show(RECORDER_UNIT, "ActiveState")["ActiveState"],
            network_manager=machine.show(NETWORK_MANAGER, "ActiveState")["ActiveState"],
            page=page,
        )
    finally:
        (machine.root / RELEASE.relative_to("/")).touch()
