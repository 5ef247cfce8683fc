"""`dashcam run` as a whole, with small programs in the place of its parts."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashcam.system.log_file import read_log
from tests.run.running import Running

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Running] = []

    def start_one(data: Path, *what: str, at_terminal: bool = False, is_read: bool = True) -> Running:
        pipe = tmp_path / f"events of number {len(started)}"
        started.append(Running(data, pipe, *what, at_terminal=at_terminal, is_read=is_read))
        return started[-1]

    yield start_one
    for running in started:
        running.process.kill()
        running.process.wait()
        running.remove_sockets()


def test_it_starts_all_tells_the_address_and_stops_all_in_order(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "my card")
    running.wait_until_all_run()
    running.output.wait_for("Only this machine can open it")
    running.output.wait_for("Recording(?: again)?: synthetic drive")
    running.process.send_signal(signal.SIGTERM)
    assert running.wait() == 0
    output, events = running.output.wait_for_end(), running.without_own_end().wait_for_end()
    assert f"http://127.0.0.1:{running.port}/" in output
    assert "█" in output  # the QR code
    assert "\x1b" not in output
    ends = [line for line in events.splitlines() if not line[-1].isdigit()]
    assert ends == ["page closed", "recorder closed its clip", "keeper ScanCard", "keeper is asked to end"]
    assert output.rstrip().endswith("Stopped")


def test_the_recorder_ending_by_itself_ends_all_with_success(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", "done")
    assert running.wait() == 0
    events = running.without_own_end().wait_for_end()
    assert "recorder closed its clip" in events
    # Whoever had come to run was asked to end; whoever had not was ended on the way there.
    assert "ERROR" not in running.output.wait_for_end()


def test_a_killed_part_is_started_again_and_said(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data")
    running.wait_until_all_run()
    first = running.process_id("recorder")
    running.output.wait_for("Recording: ")
    heard = len(running.events.text)
    os.kill(first, signal.SIGKILL)
    running.output.wait_for("the recorder was ended by SIGKILL; it is started again at once")
    assert int(running.events.wait_for(r"recorder (\d+)\n", after=heard)[1]) != first
    running.process.send_signal(signal.SIGINT)
    assert running.wait() == 0


def test_no_part_outlives_a_killed_parent_and_the_clip_is_closed(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data")
    running.wait_until_all_run()
    running.process.kill()
    events = running.without_own_end().wait_for_end()  # ends only when no part has it open any more
    assert "recorder closed its clip" in events
    assert "page closed" in events
    assert "keeper is asked to end" in events


def test_a_second_one_on_the_same_folder_refuses_and_starts_nothing(start: Start, tmp_path: Path) -> None:
    first = start(tmp_path / "data")
    first.wait_until_all_run()
    second = start(tmp_path / "data")
    assert second.wait() == 3
    assert "another dashcam already uses" in second.output.wait_for_end()
    assert second.without_own_end().wait_for_end() == ""
    first.process.terminate()
    assert first.wait() == 0
    assert "WARNING" not in first.output.wait_for_end()


def test_two_on_different_folders_and_ports_do_not_meet(start: Start, tmp_path: Path) -> None:
    both = [start(tmp_path / name) for name in ("one", "two")]
    for running in both:
        running.wait_until_all_run()
        running.output.wait_for(f"http://127.0.0.1:{running.port}/")
    for running in both:
        running.process.terminate()
        assert running.wait() == 0
        assert "WARNING" not in running.output.wait_for_end()


def test_with_its_port_taken_it_says_so_and_goes_on_recording(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", "taken")
    running.output.wait_for("choose one with --port")
    running.output.wait_for("the page ended with code 3 and is not started again; the recording goes on without it")
    running.output.wait_for("Recording: ")
    running.process_id("keeper")
    running.process.terminate()
    assert running.wait() == 0


def test_a_part_that_will_not_end_is_killed_with_a_complaint_and_a_code(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", "deaf")
    running.wait_until_all_run()
    running.process.terminate()
    assert running.wait() == 1
    assert "the keeper did not end within 0.5 s and was killed" in running.output.wait_for_end()


def test_a_terminal_has_one_status_line_and_ctrl_c_ends_all_properly(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", at_terminal=True)
    running.wait_until_all_run()
    running.output.wait_for("Only this machine can open it")
    running.output.wait_for(
        "\r\x1b\\[K\x1b\\[32m● Recording  0:12 · synthetic drive 1280x720 · .* free · no frame lost"
    )
    os.write(running.terminal, b"\x03")
    assert running.wait() == 0
    ends = running.without_own_end().wait_for_end()
    assert ends.index("page closed") < ends.index("recorder closed its clip") < ends.index("keeper is asked to end")
    os.close(running.terminal)


def test_at_a_terminal_only_what_is_wrong_is_shown(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", "broken", at_terminal=True)
    running.output.wait_for("page: ZeroDivisionError: a mistake in the page")
    running.output.wait_for("WARNING run: the page ended with code 1; it is started again at once")
    running.process.terminate()
    assert running.wait() == 0
    os.close(running.terminal)


def test_what_only_the_parent_knows_of_a_dead_part_is_in_its_log(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", "broken")
    running.output.wait_for("the page ended with code 1; it is started again in 2 s")
    running.process.terminate()
    assert running.wait() == 0
    state = tmp_path / "data" / ".state"
    (first, *_) = read_log(state, "run", containing="ZeroDivisionError: a mistake", least_level="warning").lines
    assert (first.area, first.level) == ("page", "warning")
    ends = [line.text.rpartition(" again ")[2] for line in read_log(state, "run", containing="ended with code 1").lines]
    assert ends[:3] == ["at once", "in 1 s", "in 2 s"]


def test_an_output_that_nobody_reads_stops_neither_the_parts_nor_the_end(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", "chatty", is_read=False)
    running.events.wait_for("recorder has said everything")
    running.wait_until_all_run()
    running.process.terminate()
    assert running.wait() == 0
    assert "recorder closed its clip" in running.without_own_end().wait_for_end()


def test_a_terminal_that_stands_still_stops_neither_the_parts_nor_the_end(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", "chatty", at_terminal=True, is_read=False)
    running.events.wait_for("recorder has said everything")
    running.wait_until_all_run()
    running.process.terminate()
    assert running.wait() == 0
    assert "recorder closed its clip" in running.without_own_end().wait_for_end()
    os.close(running.terminal)


def test_a_closed_terminal_ends_all_properly(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "data", at_terminal=True)
    running.wait_until_all_run()
    os.close(running.terminal)
    assert running.wait() == 0
    assert "recorder closed its clip" in running.without_own_end().wait_for_end()


def test_a_card_that_is_not_there_keeps_nothing_from_starting(start: Start, tmp_path: Path) -> None:
    running = start(tmp_path / "not mounted" / "card")
    running.output.wait_for("not mounted is not there; put the card in")
    running.wait_until_all_run()
    running.process.terminate()
    assert running.wait() == 0
    assert not (tmp_path / "not mounted").exists()
