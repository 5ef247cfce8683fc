"""Which serial ports are listened to."""

from __future__ import annotations

from pathlib import Path

from dashcam.gps.ports import all_ports, usb_ports


def test_usb_comes_first_and_the_console_is_left_alone(tmp_path: Path) -> None:
    for name in ("ttyS0", "ttyAMA0", "ttyUSB1", "ttyUSB0", "ttyACM0", "ttyprintk", "tty1"):
        (tmp_path / name).touch()
    (tmp_path / "serial0").symlink_to("ttyAMA0")
    consoles = tmp_path / "consoles"
    consoles.write_text("ttyS0                -W- (EC  p a)    4:64\ntty0 -WU (EC p  )    4:1\n")
    assert all_ports(tmp_path, consoles) == [
        str(tmp_path / name) for name in ("ttyACM0", "ttyUSB0", "ttyUSB1", "serial0")
    ]
    assert usb_ports(tmp_path) == [str(tmp_path / name) for name in ("ttyACM0", "ttyUSB0", "ttyUSB1")]


def test_the_port_of_bluetooth_is_left_alone(tmp_path: Path) -> None:
    """A Raspberry Pi as it is delivered: the good port is Bluetooth's, the pins have the small one."""
    for name in ("ttyS0", "ttyAMA0"):
        (tmp_path / name).touch()
    (tmp_path / "serial0").symlink_to("ttyS0")
    (tmp_path / "serial1").symlink_to("ttyAMA0")
    assert all_ports(tmp_path, tmp_path / "consoles") == [str(tmp_path / "serial0")]


def test_a_machine_without_ports_has_none(tmp_path: Path) -> None:
    assert all_ports(tmp_path, tmp_path / "consoles") == []
    assert usb_ports(tmp_path / "gone") == []
