"""How the machine itself is: temperature, power supply, memory and load, as far as it tells."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

# https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
_UNDER_VOLTAGE_NOW, _CAPPED_NOW, _THROTTLED_NOW, _SOFT_LIMIT_NOW = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_UNDER_VOLTAGE_SINCE_START = 1 << 16
# A Raspberry Pi slows down from 80 °C on; every frame is still recorded then, but not much above.
HOT_CELSIUS = 80.0
# What a chip of a computer can have; sensors that are not connected tell anything.
_LEAST_CELSIUS, _MOST_CELSIUS = -40.0, 150.0
# The kernel's words for sensors of the processor, from the best to the rest.
_PROCESSOR_SENSORS = ("cpu-thermal", "cpu_thermal", "soc-thermal", "x86_pkg_temp", "coretemp", "k10temp", "acpitz")

WEAK_SUPPLY = (
    "The dashcam gets too little power: use a short, thick cable and a supply of at least 2.5 A, else pictures, card "
    "and Wi-Fi suffer."
)
WEAK_SUPPLY_BEFORE = (
    "Some time ago the dashcam had too little power for a moment: a shorter, thicker cable and a supply "
    "of at least 2.5 A cure that."
)
# Without the degrees: they change all the time, and a warning that changes is a new one.
HOT = "The dashcam is very hot; shade it and give it air, else it slows down and then fails."
THROTTLED = "The processor was slowed down to protect itself; give it air, or a heat sink, and keep it out of the sun."


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine tells of itself; None: it does not tell."""

    model: str
    system: str
    python: str
    uptime_seconds: float | None
    temperature_celsius: float | None
    is_throttled: bool | None
    """Slowed down now, by heat or for lack of power."""
    is_under_voltage: bool | None
    was_under_voltage: bool | None
    """At any time since it was switched on, or at least since somebody looks."""
    memory_total_bytes: int | None
    memory_free_bytes: int | None
    load: float | None
    """Of the last minute: how many threads wanted to run, on average."""


class Machine:
    """Reads what the kernel shows below `root`. Nothing here raises."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        # The kernel's own watch clears the firmware's memory of it every two seconds.
        self._was_under_voltage = False

    def health(self) -> Health:
        """How it is now."""
        throttled = self._throttled_bits()
        alarm = self._under_voltage_alarm()
        is_under_voltage = _has(throttled, _UNDER_VOLTAGE_NOW) if alarm is None else alarm
        self._was_under_voltage |= bool(is_under_voltage or _has(throttled, _UNDER_VOLTAGE_SINCE_START))
        memory = self._memory()
        return Health(
            model=self._model(),
            system=self._system(),
            python=platform.python_version(),
            uptime_seconds=_number(self._words("proc/uptime")),
            temperature_celsius=self._temperature(),
            is_throttled=_has(throttled, _CAPPED_NOW | _THROTTLED_NOW | _SOFT_LIMIT_NOW),
            is_under_voltage=is_under_voltage,
            was_under_voltage=None if is_under_voltage is None else self._was_under_voltage,
            memory_total_bytes=memory.get("MemTotal"),
            memory_free_bytes=memory.get("MemAvailable"),
            load=_number(self._words("proc/loadavg")),
        )

    def _model(self) -> str:
        """Of a board by the device tree, of a PC by its firmware."""
        board = self._text("proc/device-tree/model")
        maker, product = (self._text(f"sys/class/dmi/id/{name}") for name in ("sys_vendor", "product_name"))
        return board or " ".join(word for word in (maker, product) if word) or platform.machine()

    def _system(self) -> str:
        for line in self._text("etc/os-release").splitlines():
            name, _, value = line.partition("=")
            if name == "PRETTY_NAME":
                return value.strip("\"'")
        return platform.system()

    def _memory(self) -> dict[str, int]:
        amounts = {}
        for line in self._text("proc/meminfo").splitlines():
            name, _, value = line.partition(":")
            kilobytes = _number(value.split())
            if kilobytes is not None:
                amounts[name] = round(kilobytes) * 1024
        return amounts

    def _temperature(self) -> float | None:
        """Of the processor; where the kernel names none, of the hottest sensor."""
        found: dict[str, float] = {}
        for name, file in self._sensors():
            thousandths = _number(self._words(file))
            if thousandths is not None and _LEAST_CELSIUS < thousandths / 1000 < _MOST_CELSIUS:
                found[name] = max(found.get(name, _LEAST_CELSIUS), thousandths / 1000)
        best = next((found[name] for name in _PROCESSOR_SENSORS if name in found), max(found.values(), default=None))
        return None if best is None else round(best, 1)

    def _sensors(self) -> Iterator[tuple[str, str]]:
        """Name and file of every sensor of temperature."""
        for zone in self._found("sys/class/thermal", "thermal_zone*"):
            yield self._text(f"{zone}/type"), f"{zone}/temp"
        for chip in self._found("sys/class/hwmon", "hwmon*"):
            for sensor in self._found(chip, "temp*_input"):
                yield self._text(f"{chip}/name"), sensor

    def _throttled_bits(self) -> int | None:
        """What the firmware of a Raspberry Pi says of power and heat."""
        for path in self._found("sys/devices/platform", "soc*/soc*:firmware/get_throttled"):
            with contextlib.suppress(ValueError):
                return int(self._text(path), 16)
        return None

    def _under_voltage_alarm(self) -> bool | None:
        """The kernel's own watch over the supply of a Raspberry Pi (driver raspberrypi-hwmon)."""
        for chip in self._found("sys/class/hwmon", "hwmon*"):
            if self._text(f"{chip}/name") == "rpi_volt":
                alarm = _number(self._words(f"{chip}/in0_lcrit_alarm"))
                return None if alarm is None else alarm != 0
        return None

    def _found(self, folder: str, pattern: str) -> list[str]:
        with contextlib.suppress(OSError):
            return sorted(str(path.relative_to(self._root)) for path in (self._root / folder).glob(pattern))
        return []

    def _text(self, path: str) -> str:
        """Of a file of the kernel; empty when it is not there or cannot be read just now."""
        try:
            return (self._root / path).read_bytes().decode(errors="replace").strip("\0 \t\r\n")
        except OSError:
            return ""

    def _words(self, path: str) -> list[str]:
        return self._text(path).split()


def warnings_of(health: Health) -> tuple[str, ...]:
    """What the driver should hear of it, with the cure."""
    words = []
    if health.is_under_voltage:
        words.append(WEAK_SUPPLY)
    elif health.was_under_voltage:
        words.append(WEAK_SUPPLY_BEFORE)
    if health.temperature_celsius is not None and health.temperature_celsius >= HOT_CELSIUS:
        words.append(HOT)
    elif health.is_throttled and not health.is_under_voltage:
        words.append(THROTTLED)
    return tuple(words)


def _has(bits: int | None, wanted: int) -> bool | None:
    return None if bits is None else bool(bits & wanted)


def _number(words: Iterable[str]) -> float | None:
    """The first word as a number."""
    try:
        return float(next(iter(words)))
    except (StopIteration, ValueError):
        return None
