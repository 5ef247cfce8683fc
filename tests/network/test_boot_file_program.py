"""The real network program takes over the boot partition's file when it starts, and again when that has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashcam.errors import LinkError
from dashcam.link.network_messages import BootFileReport
from dashcam.settings import load_settings
from dashcam.settings.load import BOOT_FILE_VARIABLE
from dashcam.system.boot_times import boots_path, read_boot_lines
from tests.network.processes import program, status_of
from tests.network.stand_in_timed import StandInTimed
from tests.recorder.asked import wait_until


def _reports(data: Path, fits: Callable[[BootFileReport], bool]) -> Callable[[], bool]:
    def look() -> bool:
        try:
            report = status_of(data).boot_file
        except LinkError:
            return False
        return report is not None and fits(report)

    return look


def test_it_is_taken_over_at_the_start_and_when_it_has_changed(tmp_path: Path, timed: StandInTimed) -> None:
    data, boot_file = tmp_path / "data", tmp_path / "firmware" / "dashcam.toml"
    data.mkdir()
    boot_file.parent.mkdir()
    boot_file.write_bytes("\ufeffcountry = “DE”\r\ncontry = US\r\n[override]\r\ncamera.fps = 12\r\n".encode())
    with program(data, timed, **{BOOT_FILE_VARIABLE: str(boot_file)}) as process:
        told = "line 2: this name is not known; did you mean 'country'?"
        wait_until(_reports(data, lambda report: report.mistakes == (told,)), "the report")
        saved = load_settings(data / ".state").saved
        assert saved == {"network.country": "DE"}
        boot_file.write_text('country = "AT"\n')
        wait_until(_reports(data, lambda report: report.taken == ("Country: AT",)), "what has changed")
        assert load_settings(data / ".state").saved == {"network.country": "AT"}
        process.terminate()
        assert process.wait(60) == 0
    (line,) = read_boot_lines(boots_path(data / ".state", "network"))
    assert {"process", "imported", "ended"} <= line.marks.keys()
