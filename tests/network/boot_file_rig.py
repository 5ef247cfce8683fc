"""The machine around what takes over the boot file: a card, who is handed what, root that writes, and a clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashcam.errors import NetworkError
from dashcam.network.apply_boot import _contents
from dashcam.network.base import NewNetwork, OwnAccessPoint
from dashcam.network.boot_file_duty import BootFileDuty, BootFileTakers
from dashcam.network.wanted import WantedBootFiles
from dashcam.settings import load_settings

NOWHERE = Path("/nonexistent/dashcam.toml")
FILE = (
    "\ufeffcountry = “DE”\r\nrotation = 180\r\npassword = “owner S3cret”\r\nftp = yes\r\n"
    "[[wifi]]\r\nname = “Zoe’s iPhone”\r\npassword = “phone S3cret”\r\n"
    "[[wifi]]\r\nname = cafe\r\n[override]\r\ncamera.fsp = 3\r\n"
)
REMARK = "# password: taken over by the dashcam and removed here; write a new line to change it"


class PowerCut(BaseException):
    """Nothing of the program runs after it."""


class Rig:
    """The machine around the duty: what was handed on, root that writes the files, and a clock."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.partition = folder / "firmware"
        self.partition.mkdir()
        self.path = self.partition / "dashcam.toml"
        self.now = 100.0
        self.networks: dict[bytes, NewNetwork] = {}
        self.passwords: list[str] = []
        self.told = 0
        self.steps = 0
        self.wanted: WantedBootFiles | None = None
        self.written: list[WantedBootFiles] = []
        self.trouble: NetworkError | None = None
        self.cut_at: int | None = None
        self.is_writable = True
        self.own: OwnAccessPoint | None = OwnAccessPoint(b"dashcam-7Q2F", "k3v9x2m7p4ht")

    def step(self) -> None:
        """One of those between which the power may go."""
        self.steps += 1
        if self.steps == self.cut_at:
            raise PowerCut

    def start(self) -> BootFileDuty:
        """The program starts anew."""
        takers = BootFileTakers(
            save_network=self._save_network,
            known_ssids=lambda: set(self.networks),
            set_password=self._set_password,
            settings_saved=self._settings_saved,
            own_access_point=lambda: self.own,
            host_name=lambda: "dashcam",
            write_boot_files=self._want,
        )
        return BootFileDuty(self.path, self.state, takers, system_file=NOWHERE, monotonic=lambda: self.now)

    def write(self, text: str) -> None:
        """Somebody has had the card in a computer."""
        self.path.write_bytes(text.encode())

    def apply(self) -> None:
        """Root writes what is wanted, as `dashcam network apply` does."""
        if self.wanted is not None and self.is_writable:
            for name, content in _contents(self.wanted, self.partition).items():
                (self.partition / name).write_bytes(content)

    def text(self, name: str) -> str:
        """Of a file on the partition."""
        return (self.partition / name).read_bytes().decode()

    def value(self, name: str) -> Any:
        """A saved setting."""
        return load_settings(self.state, (), NOWHERE).saved.get(name)

    def _save_network(self, network: NewNetwork) -> None:
        self.step()
        if self.trouble is not None:
            raise self.trouble
        self.networks[network.ssid] = network
        self.step()

    def _set_password(self, password: str) -> None:
        self.step()
        if self.trouble is not None:
            raise self.trouble
        self.passwords.append(password)
        self.step()

    def _settings_saved(self) -> None:
        self.step()
        self.told += 1

    def _want(self, wanted: WantedBootFiles) -> None:
        self.step()
        self.wanted = wanted
        self.written.append(wanted)
        self.step()


def check_all_taken(rig: Rig) -> None:
    """Everything of FILE has come to where it belongs, and no secret is left anywhere."""
    assert {name: rig.value(name) for name in ("network.country", "camera.rotation", "shares.ftp", "network.wifi")} == {
        "network.country": "DE",
        "camera.rotation": 180,
        "shares.ftp": True,
        "network.wifi": True,
    }
    assert rig.networks["Zoe’s iPhone".encode()].key == "phone S3cret"
    assert rig.networks[b"cafe"].key == ""
    assert set(rig.passwords) == {"owner S3cret"}
    left = rig.text("dashcam.toml")
    assert left == FILE.replace("password = “owner S3cret”", REMARK).replace("password = “phone S3cret”", REMARK)
    texts = [path.read_bytes() for folder in (rig.partition, rig.state) for path in folder.rglob("*") if path.is_file()]
    assert not any(b"S3cret" in text for text in texts)
