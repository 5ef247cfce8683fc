"""What the machine tells of itself, read from files as kernels show them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from dashcam.system import health as health_module
from dashcam.system.health import Health, Machine, warnings_of

ZERO_2_W = {
    "proc/device-tree/model": "Raspberry Pi Zero 2 W Rev 1.0\0",
    "proc/uptime": "75.52 290.11\n",
    "proc/loadavg": "0.47 0.66 0.70 2/120 3639\n",
    "proc/meminfo": "MemTotal:         426456 kB\nMemFree:          100000 kB\nMemAvailable:     214044 kB\n",
    "etc/os-release": 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "51540\n",
    "sys/class/hwmon/hwmon0/name": "cpu_thermal\n",
    "sys/class/hwmon/hwmon0/temp1_input": "51540\n",
    "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
}
THROTTLED_FILE = "sys/devices/platform/soc/soc:firmware/get_throttled"
ALARM_FILE = "sys/class/hwmon/hwmon1/in0_lcrit_alarm"


def put(root: Path, files: Mapping[str, str | None]) -> Machine:
    """A machine with these files; None: without."""
    for name, content in files.items():
        if content is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
    return Machine(root)


def test_a_raspberry_pi_tells_all(tmp_path: Path) -> None:
    found = put(tmp_path, ZERO_2_W).health()
    assert (found.model, found.system) == ("Raspberry Pi Zero 2 W Rev 1.0", "Debian GNU/Linux 12 (bookworm)")
    assert (found.uptime_seconds, found.load, found.temperature_celsius) == (75.52, 0.47, 51.5)
    assert (found.memory_total_bytes, found.memory_free_bytes) == (426456 * 1024, 214044 * 1024)
    assert (found.is_throttled, found.is_under_voltage, found.was_under_voltage) == (False, False, False)
    assert warnings_of(found) == ()


def test_a_machine_that_tells_nothing_is_no_error(tmp_path: Path) -> None:
    found = Machine(tmp_path / "nothing").health()
    silent = [name for name in Health.__struct_fields__ if getattr(found, name) is None]
    assert len(silent) == len(Health.__struct_fields__) - 3
    assert found.model
    assert warnings_of(found) == ()


def test_this_very_machine_is_read() -> None:
    found = Machine().health()
    assert found.memory_total_bytes
    assert found.memory_free_bytes
    assert found.uptime_seconds
    assert found.model


@pytest.mark.parametrize(
    ("bits", "throttled", "under_voltage", "was", "warnings"),
    [
        ("0", False, False, False, ()),
        ("1", False, True, True, (health_module.WEAK_SUPPLY,)),
        ("50005", True, True, True, (health_module.WEAK_SUPPLY,)),
        ("0x50000", False, False, True, (health_module.WEAK_SUPPLY_BEFORE,)),
        ("2", True, False, False, (health_module.THROTTLED,)),
        ("8", True, False, False, (health_module.THROTTLED,)),
        ("40000", False, False, False, ()),
        ("", None, None, None, ()),
        ("nonsense", None, None, None, ()),
    ],
)
def test_bits_of_the_firmware(
    tmp_path: Path,
    bits: str,
    throttled: bool | None,
    under_voltage: bool | None,
    was: bool | None,
    warnings: tuple[str, ...],
) -> None:
    found = put(tmp_path, {**ZERO_2_W, THROTTLED_FILE: bits, ALARM_FILE: None}).health()
    assert (found.is_throttled, found.is_under_voltage, found.was_under_voltage) == (throttled, under_voltage, was)
    assert warnings_of(found) == warnings


def test_the_kernels_alarm_speaks_where_the_firmware_is_silent(tmp_path: Path) -> None:
    found = put(tmp_path, {**ZERO_2_W, THROTTLED_FILE: None, ALARM_FILE: "1\n"}).health()
    assert (found.is_under_voltage, found.was_under_voltage, found.is_throttled) == (True, True, None)
    assert warnings_of(found) == (health_module.WEAK_SUPPLY,)


def test_that_power_was_too_low_is_remembered_after_it_is_good_again(tmp_path: Path) -> None:
    machine = put(tmp_path, {**ZERO_2_W, ALARM_FILE: "1"})
    machine.health()
    put(tmp_path, {ALARM_FILE: "0"})
    found = machine.health()
    assert (found.is_under_voltage, found.was_under_voltage) == (False, True)
    assert warnings_of(found) == (health_module.WEAK_SUPPLY_BEFORE,)


@pytest.mark.parametrize(
    ("sensors", "expected"),
    [
        ({"acpitz": "27800", "x86_pkg_temp": "61000", "iwlwifi_1": "99000"}, 61.0),
        ({"iwlwifi_1": "41000", "pch": "48050"}, 48.0),
        ({"cpu-thermal": "-300000"}, None),
        ({"cpu-thermal": "hot"}, None),
        ({"cpu-thermal": "82000"}, 82.0),
    ],
)
def test_the_processors_sensor_is_preferred(tmp_path: Path, sensors: dict[str, str], expected: float | None) -> None:
    files: dict[str, str | None] = {}
    for number, (name, temperature) in enumerate(sensors.items()):
        files[f"sys/class/thermal/thermal_zone{number}/type"] = name
        files[f"sys/class/thermal/thermal_zone{number}/temp"] = temperature
    found = put(tmp_path, files).health()
    assert found.temperature_celsius == (pytest.approx(expected, abs=0.06) if expected is not None else None)
    assert (health_module.HOT in warnings_of(found)) == (expected == 82.0)


def test_a_pc_is_called_by_its_firmware(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "sys/class/dmi/id/sys_vendor": "LENOVO\n",
        "sys/class/dmi/id/product_name": "21AH\n",
    }
    assert put(tmp_path, files).health().model == "LENOVO 21AH"


def test_heat_is_said_once_although_it_throttles_too() -> None:
    hot = msgspec.structs.replace(
        Machine().health(), temperature_celsius=85.0, is_throttled=True, is_under_voltage=False, was_under_voltage=False
    )
    assert warnings_of(hot) == (health_module.HOT,)
