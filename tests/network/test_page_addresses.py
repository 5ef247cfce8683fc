"""Where the page is, told only as far as somebody can open it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from dashcam.link.network_messages import WifiStatus
from dashcam.link.place import page_address_path
from dashcam.network.command_words import status_lines
from dashcam.network.page_addresses import page_addresses
from tests.web.stand_in_network import golden_status

ALONE = WifiStatus(state="off", words="Wi-Fi is not the dashcam's.")
JOINED = WifiStatus(state="joined", words="Joined.", ssid="phone", address="172.20.10.3")


@pytest.mark.parametrize(
    ("written", "host_name", "wifi", "others", "told"),
    [
        ("http://0.0.0.0:80", "", ALONE, [], ()),
        ("http://0.0.0.0:80", "dashcam", ALONE, [], ()),
        ("http://[::]:80", "", ALONE, [], ()),
        ("http://0.0.0.0:80", "car", ALONE, ["192.168.1.7"], ("http://car.local/", "http://192.168.1.7/")),
        ("http://0.0.0.0:8391", "", ALONE, ["192.168.1.7"], ("http://192.168.1.7:8391/",)),
        (
            "http://0.0.0.0:80",
            "dashcam",
            JOINED,
            ["172.20.10.3", "10.0.0.4"],
            ("http://dashcam.local/", "http://172.20.10.3/", "http://10.0.0.4/"),
        ),
        ("http://192.168.1.7:8391", "", ALONE, ["10.0.0.4"], ("http://192.168.1.7:8391/",)),
        ("http://192.168.1.7:8391", "", WifiStatus(address="192.168.1.7"), [], ("http://192.168.1.7:8391/",)),
        ("http://192.168.1.7/\x1b[2J", "", ALONE, [], ()),
        ("", "dashcam", JOINED, ["10.0.0.4"], ("http://dashcam.local/", "http://172.20.10.3/")),
    ],
)
def test_only_what_can_be_opened_is_told(
    tmp_path: Path, written: str, host_name: str, wifi: WifiStatus, others: list[str], told: tuple[str, ...]
) -> None:
    path = page_address_path(tmp_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{written}\n")
    assert page_addresses(tmp_path, host_name, wifi, lambda: others) == told


def test_a_machine_in_no_network_says_so() -> None:
    def lines(*addresses: str) -> str:
        status = msgspec.structs.replace(golden_status(), page_addresses=addresses)
        return "\n".join(status_lines(status))

    assert "in no network" in lines()
    assert "in no network" not in lines("http://192.168.1.7/")
    assert "http://192.168.1.7/" in lines("http://192.168.1.7/")
