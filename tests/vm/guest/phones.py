"""Phones: simulated radios in network namespaces of their own, as hotspots (hostapd) and visitors (wpa_supplicant)."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.vm.guest.telling import TrialFailed, in_namespace, run, until

_FOLDER = Path("/run/rig")


class Phone:
    """One simulated radio; `interface` is its name before it moves into its namespace."""

    def __init__(self, name: str, interface: str) -> None:
        self.name = name
        self.interface = interface
        self._processes: list[subprocess.Popen[bytes]] = []
        self._log = _FOLDER / f"{name}.log"
        _FOLDER.mkdir(exist_ok=True)
        number = Path(f"/sys/class/net/{interface}/phy80211/index").read_text().strip()
        run("ip", "netns", "add", name)
        run("iw", "phy", f"phy{number}", "set", "netns", "name", name)
        self._inside("ip", "link", "set", "lo", "up")

    def open_hotspot(
        self, ssid: bytes, key: str = "", *, is_hidden: bool = False, security: str = "wpa2", subnet: str = "192.168.43"
    ) -> None:
        """Until `close`: with an address for who joins. `security`: open, wpa2, or transition (WPA2 and WPA3)."""
        lines = [
            f"interface={self.interface}",
            "driver=nl80211",
            f"ssid2={ssid.hex()}",
            "hw_mode=g",
            "channel=6",
            f"ignore_broadcast_ssid={int(is_hidden)}",
            "ctrl_interface=/run/rig/hostapd-" + self.name,
        ]
        if security != "open":
            methods = "WPA-PSK SAE" if security == "transition" else "WPA-PSK"
            lines += ["wpa=2", f"wpa_key_mgmt={methods}", "rsn_pairwise=CCMP", f"wpa_passphrase={key}"]
        if security == "transition":
            lines += ["ieee80211w=1", "sae_require_mfp=1"]
        settings = _FOLDER / f"{self.name}.hostapd"
        settings.write_text("\n".join(lines) + "\n")
        self._inside("ip", "addr", "flush", "dev", self.interface)
        self._start("hostapd", str(settings))
        until(f"{self.name} is a hotspot", self._is_hotspot, 20)
        self._inside("ip", "addr", "add", f"{subnet}.1/24", "dev", self.interface)
        self._start(
            "dnsmasq",
            "--no-daemon",
            "--conf-file=/dev/null",
            f"--interface={self.interface}",
            "--bind-interfaces",
            f"--dhcp-range={subnet}.10,{subnet}.50,1h",
            f"--dhcp-leasefile=/run/rig/{self.name}.leases",
            "--no-resolv",
            "--no-hosts",
        )

    def join(self, ssid: str, key: str, address: str) -> None:
        """As a visitor of an access point, with a fixed address."""
        settings = _FOLDER / f"{self.name}.wpa"
        settings.write_text(f'network={{\n ssid="{ssid}"\n psk="{key}"\n scan_ssid=1\n}}\n')
        self._start("wpa_supplicant", "-i", self.interface, "-c", str(settings))
        until(f"{self.name} has joined {ssid}", self._has_joined, 60)
        self._inside("ip", "addr", "flush", "dev", self.interface)
        self._inside("ip", "addr", "add", address, "dev", self.interface)

    def close(self) -> None:
        """Gone from the air."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes.clear()
        run(*in_namespace(self.name, "ip", "link", "set", self.interface, "down"), is_checked=False)

    def fetch(self, url: str, limit_seconds: float = 20.0) -> str:
        """A page, over the air."""
        return run(*in_namespace(self.name, "curl", "-sS", "-m", f"{limit_seconds:g}", url), limit_seconds=90)

    def ask_name(self, name: str) -> str:
        """The IPv4 address of a `.local` name by mDNS, over the air; empty when nobody answers."""
        return run(
            *in_namespace(self.name, "/usr/bin/python3", "/opt/rig/mdns.py", name, self.interface), is_checked=False
        ).strip()

    def ping(self, address: str) -> bool:
        """Whether it answers."""
        try:
            run(*in_namespace(self.name, "ping", "-c", "1", "-W", "2", address))
        except TrialFailed:
            return False
        return True

    def _inside(self, *words: str) -> str:
        return run(*in_namespace(self.name, *words))

    def _start(self, *words: str) -> None:
        with self._log.open("ab") as log:
            process = subprocess.Popen(in_namespace(self.name, *words), stdout=log, stderr=log)
        self._processes.append(process)
        time.sleep(0.1)
        if process.poll() is not None:
            raise TrialFailed(f"{words[0]} of {self.name} ended: {self._log.read_text(errors='replace')[-400:]}")

    def _is_hotspot(self) -> bool:
        return "type AP" in self._inside("iw", "dev", self.interface, "info")

    def _has_joined(self) -> bool:
        return "Connected to" in self._inside("iw", "dev", self.interface, "link")
