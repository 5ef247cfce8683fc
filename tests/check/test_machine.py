"""Python, libraries, memory, clock and port."""

from __future__ import annotations

import http.server
import socket
import threading
from pathlib import Path

import pytest

from dashcam.check.finding import Finding, verdict
from dashcam.check.machine import Library, check_clock, check_libraries, check_memory, check_port, check_python
from dashcam.clock import RELEASE_UTC_NS, Evidence, MachineTrust, WallClock
from dashcam.link.messages import ClockStatus
from dashcam.settings.schema import WebSettings


@pytest.mark.parametrize(("version", "mark"), [((3, 10), "warn"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "warn")])
def test_pythons_that_are_tried_are_ok(version: tuple[int, int], mark: str) -> None:
    assert check_python(version).mark == mark


def test_libraries_that_are_there_stand_on_one_line_with_their_version() -> None:
    findings = check_libraries()
    assert findings[0].mark == "ok"
    assert "av " in findings[0].words
    assert "msgspec" not in findings[0].words  # without it nothing here would run


@pytest.mark.parametrize("mark", ["warn", "no"])
def test_a_missing_library_is_told_with_what_it_costs_and_the_cure(mark: str) -> None:
    library = Library("absent_module", "absent-package", "there is no page", mark)  # type: ignore[arg-type]
    assert check_libraries([library]) == [
        Finding(
            mark,  # type: ignore[arg-type]
            "libraries",
            "absent-package is missing: there is no page; start with scripts/run, which installs it",
        )
    ]


def meminfo(path: Path, free_megabytes: int) -> Path:
    path.write_text(
        f"MemTotal: 425984 kB\nMemFree: 1 kB\nMemAvailable: {free_megabytes * 1000} kB\nHugePages_Total: 0\n"
    )
    return path


@pytest.mark.parametrize(("free_megabytes", "mark"), [(400, "ok"), (200, "warn"), (50, "warn")])
def test_memory_is_what_the_kernel_calls_available(free_megabytes: int, mark: str, tmp_path: Path) -> None:
    finding = check_memory(meminfo(tmp_path / "meminfo", free_megabytes))
    assert finding.mark == mark
    assert " of 436 MB are free" in finding.words


def test_a_kernel_that_does_not_tell_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "odd").write_text("MemTotal: much\n")
    assert check_memory(tmp_path / "odd").mark == "warn"
    assert check_memory(tmp_path / "absent").mark == "warn"
    assert check_memory().words.endswith("are free") or check_memory().mark == "warn"


@pytest.mark.parametrize(
    ("utc_ns", "mark", "hint"),
    [(RELEASE_UTC_NS + 1, "ok", "clock chip"), (0, "warn", "1970-01-01 01:00:00 Europe/Berlin cannot be right")],
)
def test_a_clock_from_before_this_program_cannot_be_right(utc_ns: int, mark: str, hint: str) -> None:
    finding = check_clock("Europe/Berlin", WallClock(system_utc_ns=lambda: utc_ns))
    assert finding.mark == mark
    assert hint in finding.words


@pytest.mark.parametrize(
    ("evidence", "trust", "mark", "hints"),
    [
        ("ntp", "auto", "ok", ["From the internet (network time)."]),
        ("chip", "auto", "ok", ["From the machine's clock chip."]),
        ("nothing", "trusted", "ok", ["clock.machine"]),
        ("nothing", "auto", "warn", ["named by number", "An estimate: without a clock chip", "GPS receiver"]),
        ("other_chip", "auto", "warn", ["named by number", "do not agree", "A phone"]),
        ("ntp", "untrusted", "warn", ["named by number", "clock.machine says not to trust"]),
    ],
)
def test_what_the_clock_is_worth_is_told_with_the_cure(
    evidence: Evidence, trust: MachineTrust, mark: str, hints: list[str]
) -> None:
    clock = WallClock(system_utc_ns=lambda: RELEASE_UTC_NS + 1, evidence=lambda _utc_ns: evidence, trust=trust)
    finding = check_clock("UTC", clock)
    assert finding.mark == mark
    assert finding.words.startswith("2026-11-20 00:00:00 UTC")
    assert all(hint in finding.words for hint in hints), finding.words


def test_a_running_recorder_may_know_the_time_better() -> None:
    clock = WallClock(lambda: 60 * 10**9, lambda: RELEASE_UTC_NS, evidence=lambda _utc_ns: "nothing")
    told = ClockStatus(
        utc=None, source="phone", zone="", monotonic_ns=0, utc_ns=RELEASE_UTC_NS + 3600 * 10**9, words="From a phone."
    )
    finding = check_clock("UTC", clock, told)
    assert finding == Finding("ok", "clock", "2026-11-20 01:01:00 UTC. From a phone.")
    clock = WallClock(system_utc_ns=lambda: RELEASE_UTC_NS)
    unsure = ClockStatus(utc=None, source="saved", zone="", words="An estimate.")
    assert check_clock("UTC", clock, unsure).words == "2026-11-20 00:00:00 UTC. From the machine's clock chip."


def test_an_unknown_zone_is_told() -> None:
    finding = check_clock("Europe/Atlantis", WallClock())
    assert finding.mark == "warn"
    assert "no known time zone" in finding.words


def local(port: int) -> WebSettings:
    return WebSettings(host="127.0.0.1", port=port)


def test_a_free_port_is_shown_with_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert check_port(local(port)) == Finding("ok", "page", f"port {port} is free: http://127.0.0.1:{port}/")
    assert check_port(local(0)).mark == "ok"


def test_a_taken_port_names_the_cure_and_is_no_reason_not_to_record() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        finding = check_port(local(server.getsockname()[1]))
        thread.join()
    assert finding.mark == "warn"
    assert finding.words.endswith("choose another with --port")


def test_an_address_of_another_machine_is_told() -> None:
    assert "see web.host" in check_port(WebSettings(host="192.0.2.77", port=8000)).words


def test_a_port_that_the_dashcam_itself_has_is_fine() -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        server_version, sys_version = "dashcam", ""

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        finding = check_port(local(server.server_port))
        server.shutdown()
        thread.join()
    assert finding == Finding("ok", "page", f"a dashcam is being served at http://127.0.0.1:{server.server_port}/")


def test_only_no_prevents_recording_and_a_finding_is_one_line() -> None:
    fine, doubtful, broken = Finding("ok", "card", "a"), Finding("warn", "card", "b\nc"), Finding("no", "card", "d")
    assert verdict([fine, doubtful]) == ""
    assert verdict([fine, broken, doubtful]) == "It could not record like this."
    assert doubtful.line() == "warn  card       b c"
