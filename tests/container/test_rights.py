"""Who owns what on the started appliance, and what each user is refused; tried as that user, in its unit's sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.system.appliance import (
    CARD_GROUP,
    DATA_FOLDER,
    KEEPER_UNIT,
    KEEPER_USER,
    NETWORK_STATE_FOLDER,
    NETWORK_UNIT,
    NETWORK_USER,
    READERS_GROUP,
    RECORDER_UNIT,
    RECORDER_USER,
    SHARE_USER,
    SHARES_STATE_FOLDER,
    STATE_FOLDER,
    STATE_GROUP,
    WEB_UNIT,
    WEB_USER,
)
from tests.container.container import Container
from tests.container.sandbox import outcomes_as, outcomes_in_unit

_LOGIN = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
_OTHERS = (RECORDER_USER, KEEPER_USER, NETWORK_USER, SHARE_USER, "nobody")
_REFUSED = "Interactive authentication required"
_CARD = DATA_FOLDER / "DCIM"


def _newest_clip(machine: Container) -> str:
    """One that is not being written."""
    machine.wait("a closed clip", lambda: any((machine.root / "data/DCIM/VIDEO").glob("*/*.json")))
    sidecar = max((machine.root / "data/DCIM/VIDEO").glob("*/*.json"))
    return f"{_CARD}/VIDEO/{sidecar.parent.name}/{sidecar.stem}.mp4"


def _owner(machine: Container, path: Path | str) -> str:
    return machine.run("stat", "--format=%U:%G %a", str(path)).strip()


def test_each_program_runs_as_its_own_user(machine: Container) -> None:
    for unit, user in (
        (RECORDER_UNIT, RECORDER_USER),
        (KEEPER_UNIT, KEEPER_USER),
        (WEB_UNIT, WEB_USER),
        (NETWORK_UNIT, NETWORK_USER),
    ):
        machine.wait_until_active(unit)
        told = machine.run("ps", "-o", "user:32=,group:32=", str(machine.number(unit, "MainPID")))
        assert told.split() == [user, STATE_GROUP]


def test_folders_and_files_belong_to_whom_they_should(machine: Container) -> None:
    assert _owner(machine, DATA_FOLDER) == f"root:{READERS_GROUP} 750"
    assert _owner(machine, _CARD) == f"{RECORDER_USER}:{CARD_GROUP} 2775"
    assert _owner(machine, STATE_FOLDER) == f"root:{STATE_GROUP} 2770"
    assert _owner(machine, NETWORK_STATE_FOLDER) == f"{NETWORK_USER}:{STATE_GROUP} 700"
    assert _owner(machine, SHARES_STATE_FOLDER) == "root:root 700"
    clip = Path(_newest_clip(machine))
    assert _owner(machine, clip) == f"{RECORDER_USER}:{CARD_GROUP} 644"
    assert _owner(machine, clip.parent).endswith(f":{CARD_GROUP} 2775")
    for program in ("recorder", "keeper", "web", "network"):
        assert _owner(machine, f"/run/dashcam/{program}") == f"dashcam-{program}:{STATE_GROUP} 750"


def test_page_reads_clips_and_can_write_nowhere_on_the_card(machine: Container) -> None:
    done = outcomes_in_unit(machine, WEB_UNIT, _newest_clip(machine))
    assert done.pop("read the clip") == "done"
    assert done.pop("write to the state") == "done", "the sandbox is its own"
    assert set(done.values()) <= {"EROFS", "EACCES", "EPERM"}, done
    assert len(done) > 8


def test_keeper_moves_and_deletes_but_alters_no_clip(machine: Container) -> None:
    done = outcomes_in_unit(machine, KEEPER_UNIT, _newest_clip(machine))
    assert done["make a file beside the clip"] == "done"
    assert done["rename a file beside the clip"] == "done"
    assert done["append to the clip"] == "EACCES"
    assert done["empty the clip"] == "EACCES"
    assert done["write to the system"] == "EROFS"


def test_user_of_the_shares_reads_clips_and_alters_none(machine: Container) -> None:
    done = outcomes_as(machine, SHARE_USER, _newest_clip(machine))
    assert done.pop("read the clip") == "done"
    assert set(done.values()) == {"EACCES"} or set(done.values()) == {"EACCES", "EPERM"}, done


def test_strangers_do_not_even_see_the_clips(machine: Container) -> None:
    assert set(outcomes_as(machine, "nobody", _newest_clip(machine)).values()) <= {"EACCES", "EPERM"}


def test_page_may_switch_the_machine_off(machine: Container) -> None:
    for question in ("CanPowerOff", "CanReboot"):
        assert machine.run_as(WEB_USER, "busctl", "call", *_LOGIN, question).strip() == 's "yes"'


@pytest.mark.parametrize("user", _OTHERS)
def test_others_may_not_switch_the_machine_off(machine: Container, user: str) -> None:
    for question in ("CanPowerOff", "CanReboot"):
        assert machine.run_as(user, "busctl", "call", *_LOGIN, question).strip() in ('s "challenge"', 's "no"')
    told = machine.run_as(user, "busctl", "call", *_LOGIN, "PowerOff", "b", "false", code=1)
    assert _REFUSED in told or "Access denied" in told


def test_network_program_starts_and_stops_the_shares_alone(machine: Container) -> None:
    manage = ("systemctl", "--no-ask-password")
    machine.run_as(NETWORK_USER, *manage, "stop", "dashcam-smb.service", "dashcam-ftp.service")
    # Without its settings in /run it has nothing to do, and says so by starting nothing.
    machine.run_as(NETWORK_USER, *manage, "start", "dashcam-ftp.service")
    for verb, unit in (
        ("stop", RECORDER_UNIT),
        ("restart", "avahi-daemon.service"),
        ("start", "rescue.target"),
        ("stop", WEB_UNIT),
    ):
        assert _REFUSED in machine.run_as(NETWORK_USER, *manage, verb, unit, code=None), f"{verb} {unit}"
    assert machine.is_active(RECORDER_UNIT)


@pytest.mark.parametrize("user", [WEB_USER, RECORDER_USER, KEEPER_USER, SHARE_USER])
def test_others_start_and_stop_nothing(machine: Container, user: str) -> None:
    told = machine.run_as(user, "systemctl", "--no-ask-password", "stop", "dashcam-smb.service", code=1)
    assert _REFUSED in told
