"""The one function that chooses a GPS receiver."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

from dashcam.errors import GpsError
from dashcam.gps.auto import AutoReceiver
from dashcam.gps.base import NoReceiver, Receiver, ReceiverKind
from dashcam.gps.gpsd import GpsdReceiver, has_receiver
from dashcam.gps.ports import PortFinder, all_ports, usb_ports
from dashcam.gps.replay import ReplayReceiver
from dashcam.gps.simulated import SimulatedReceiver
from dashcam.gps.tracker import FixSink
from dashcam.settings.schema import GpsSettings

log = logging.getLogger(__name__)

_NOT_FOUND = "no GPS receiver was found; plug one in by USB, or name its port in gps.device"


def open_receiver(
    settings: GpsSettings,
    on_fix: FixSink,
    *,
    reference: date,
    speed: float = 1.0,
    or_simulated: bool = False,
) -> Receiver:
    """Starts the receiver that the settings ask for and returns at once; never raises, because nobody waits for GPS.

    `on_fix` is called in the receiver's thread. `reference` is a date surely past, such as this program's release.
    `speed` is that of a replay. `gps.kind=auto` takes gpsd where it has a receiver, else one on a serial port, else,
    only with `or_simulated`, the simulated drive; it goes on looking while there is none. What was chosen by hand is
    never replaced: what cannot work is absent and says why.
    """
    receiver = _chosen(settings, on_fix, reference, speed, or_simulated=or_simulated)
    try:
        receiver.start()
    except GpsError as error:
        log.warning("no GPS: %s", error)
        return NoReceiver(str(error))
    return receiver


def _chosen(settings: GpsSettings, on_fix: FixSink, reference: date, speed: float, *, or_simulated: bool) -> Receiver:
    match settings.kind:
        case "auto":
            return _auto(settings, on_fix, reference, or_simulated=or_simulated)
        case "serial":
            return _serial(settings, on_fix, reference, all_ports)
        case "gpsd":
            return GpsdReceiver(settings, on_fix, reference)
        case "replay":
            return ReplayReceiver(settings, on_fix, speed)
        case "simulated":
            return SimulatedReceiver(on_fix)
        case "none":
            return NoReceiver()


def _serial(settings: GpsSettings, on_fix: FixSink, reference: date, ports: PortFinder) -> Receiver:
    """Imported only now: where no port is listened to, pyserial and pynmea2 cost memory for nothing."""
    try:
        from dashcam.gps.serial_nmea import SerialReceiver
    except ImportError as error:
        log.warning("no GPS: the software for serial receivers is not installed here (%s)", error)
        return NoReceiver(f"the software for serial receivers is not installed here ({error})")
    return SerialReceiver(settings, on_fix, reference, ports)


def _auto(settings: GpsSettings, on_fix: FixSink, reference: date, *, or_simulated: bool) -> AutoReceiver:
    # Beside the synthetic camera only what was plugged in counts: a PC always has ports at its back.
    ports = usb_ports if or_simulated else all_ports

    def make(kind: ReceiverKind) -> Receiver:
        match kind:
            case "gpsd":
                return GpsdReceiver(settings, on_fix, reference)
            case "serial":
                return _serial(settings, on_fix, reference, ports)
            case "simulated":
                return SimulatedReceiver(on_fix, is_fallback=True)
            case _:
                return NoReceiver(_NOT_FOUND)

    return AutoReceiver(
        make,
        gpsd_has_receiver=lambda: has_receiver(settings.host, settings.port),
        has_ports=lambda: Path(settings.device).exists() if settings.device else bool(ports()),
        or_simulated=or_simulated,
    )
