"""What avahi publishes for us, heard by another machine; and that it is there again whatever happens to avahi."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.link.network_messages import ShareStatus
from dashcam.network.announce import Announcer, Offer, offers_of
from tests.network.avahi_rig import Host, two_hosts
from tests.shares.rig import until
from tests.system.stand_in_logind import private_bus

PAGE = Offer("_http._tcp", 80, ("path=/",))
DRIVE = Offer("_smb._tcp", 445)
SECOND = 1_000_000_000


class Impatient:
    """A clock that has always gone on far enough for the next look."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        self.now_ns += 60 * SECOND
        return self.now_ns


def announcer_of(address: str) -> Announcer:
    return Announcer(bus_address=address, monotonic_ns=Impatient())


def turn_until_heard(announcer: Announcer, other: Host, offers: tuple[Offer, ...], line: str, wanted: str) -> None:
    """`line`: the start of a line of `avahi-browse --parsable`, as the other machine hears it."""

    heard = ""

    def is_heard() -> bool:
        nonlocal heard
        announcer.turn(wanted, offers)
        kind = line.split(";")[2]
        heard = other.run("avahi-browse", "--resolve", "--parsable", "--terminate", "--no-db-lookup", kind)
        print(heard)
        return line in heard

    until(is_heard, f"{line}: {announcer.host_name} {announcer.words}")


def turn_until_named(announcer: Announcer, name: str, place: str = "") -> None:
    """Until it is announced by this name, or by none."""

    def is_named() -> bool:
        announcer.turn("dashcam", (PAGE,), place)
        return announcer.host_name == name

    until(is_named, f"the name {name!r}")


def test_another_machine_finds_name_page_and_drive_also_after_a_restart_of_avahi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with two_hosts(tmp_path, monkeypatch, "laptop") as (own, other):
        announcer = announcer_of(own.address)
        announcer.turn("dashcam", (PAGE,))
        assert (announcer.host_name, "avahi-daemon does not run" in announcer.words) == ("", True)

        own.start_avahi()
        page = ';dashcam;_http._tcp;local;dashcam.local;10.41.0.1;80;"path=/"'
        turn_until_heard(announcer, other, (PAGE,), page, "dashcam")
        assert (announcer.host_name, announcer.words) == ("dashcam", "")
        assert other.run("avahi-resolve", "--name", "-4", "dashcam.local").split() == ["dashcam.local", "10.41.0.1"]

        turn_until_heard(
            announcer, other, (PAGE, DRIVE), ";dashcam;_smb._tcp;local;dashcam.local;10.41.0.1;445;", "dashcam"
        )

        own.stop_avahi()
        turn_until_named(announcer, "")
        own.start_avahi()
        turn_until_heard(announcer, other, (PAGE,), page, "dashcam")

        turn_until_heard(announcer, other, (PAGE,), ";car;_http._tcp;local;car.local;10.41.0.1;80;", "car")
        assert announcer.host_name == "car"
        announcer.close()
        announcer.close()


def test_a_name_that_another_machine_has_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with two_hosts(tmp_path, monkeypatch, "dashcam") as (own, other):
        own.start_avahi()
        announcer = announcer_of(own.address)
        page = ";dashcam-2;_http._tcp;local;dashcam-2.local;10.41.0.1;80;"
        turn_until_heard(announcer, other, (PAGE,), page, "dashcam")
        assert announcer.host_name == "dashcam-2"
        assert "Another device here is called dashcam already, so this one is dashcam-2.local" in announcer.words

        # Once the other one is gone, and we are in another network, the name is ours.
        other.stop_avahi()
        turn_until_named(announcer, "dashcam", place="home")
        assert announcer.words == ""
        announcer.close()


def test_another_program_that_offers_the_same_first_does_not_cost_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Samba does when it is left to announce itself: avahi refuses another one of this name and kind."""
    with two_hosts(tmp_path, monkeypatch, "stranger") as (own, other):
        own.start_avahi()
        first, announcer = announcer_of(own.address), announcer_of(own.address)
        elsewhere = ";dashcam;_smb._tcp;local;dashcam.local;10.41.0.1;4450;"
        turn_until_heard(first, other, (Offer("_smb._tcp", 4450),), elsewhere, "dashcam")
        drive = r";dashcam\032\0352;_smb._tcp;local;dashcam.local;10.41.0.1;445;"
        turn_until_heard(announcer, other, (PAGE, DRIVE), drive, "dashcam")
        assert (announcer.host_name, announcer.words) == ("dashcam", "")
        announcer.close()
        first.close()


def test_without_avahi_or_a_bus_nothing_is_announced_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_bus(tmp_path, monkeypatch) as address:
        of_empty_bus = announcer_of(address)
        of_empty_bus.turn("dashcam", (PAGE,))
    of_no_bus = announcer_of("unix:path=/nowhere/bus")
    of_no_bus.turn("dashcam", (PAGE,))
    for announcer in (of_empty_bus, of_no_bus):
        assert announcer.host_name == ""
        assert "avahi-daemon" in announcer.words
        announcer.close()


def test_it_does_not_ask_all_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announcer = Announcer(bus_address="unix:path=/nowhere/bus", monotonic_ns=lambda: SECOND)
    announcer.turn("dashcam", (PAGE,))
    announcer.words = "as it was"
    announcer.turn("dashcam", (PAGE,))
    assert announcer.words == "as it was"
    announcer.turn("dashcam", (PAGE, DRIVE))
    assert announcer.words != "as it was"


def test_only_what_runs_is_offered() -> None:
    def share(kind: str, is_running: bool) -> ShareStatus:
        return ShareStatus(
            kind=kind,  # type: ignore[arg-type]
            is_wanted=True,
            is_running=is_running,
            has_password=True,
            user="dashcam",
        )

    assert [offer.type for offer in offers_of(())] == ["_http._tcp"]
    offered = offers_of((share("smb", True), share("ftp", False)))
    assert [(offer.type, offer.port) for offer in offered] == [("_http._tcp", 80), ("_smb._tcp", 445)]
