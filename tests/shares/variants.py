"""Every variant of the configurations, as the appliance has them, and the files that hold what they are.

`python -m tests.shares.variants` writes them anew; what has changed then is to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dashcam.network.apply_config import firewall_config, ftp_config, hosts_config, smb_config
from dashcam.network.apply_places import Places, find_netconfig
from dashcam.network.wanted import Wanted, WantedFtp, WantedSamba
from dashcam.system.appliance import DATA_FOLDER, NETWORK_STATE_FOLDER

FOLDER = Path(__file__).parent / "golden"
APPLIANCE = Places(
    wanted=NETWORK_STATE_FOLDER / "wanted.json",
    secrets=Path("/run/dashcam/network/secrets.json"),
    dcim=DATA_FOLDER / "DCIM",
    templates=find_netconfig(),
)
NOTHING = Wanted()
DRIVE = Wanted(interface="wlan0", smb=WantedSamba(name="dashcam", workgroup="WORKGROUP"))
OF_A_FAMILY = Wanted(
    host_name="our-second-family-car", smb=WantedSamba(name="Second car", workgroup="HOME", may_delete=True)
)
SITE = Wanted(interface="wlan0", ftp=WantedFtp())
BOTH = Wanted(smb=WantedSamba(name="dashcam", workgroup="WORKGROUP"), ftp=WantedFtp(tls="required"))


def variants() -> Iterator[tuple[str, str]]:
    """The name of each file and what is to be in it."""
    yield "smb-off.conf", smb_config(NOTHING, APPLIANCE)
    yield "smb-read-only.conf", smb_config(DRIVE, APPLIANCE)
    yield "smb-may-delete.conf", smb_config(OF_A_FAMILY, APPLIANCE)
    for tls in ("off", "optional", "required"):
        yield f"vsftpd-tls-{tls}.conf", ftp_config(Wanted(ftp=WantedFtp(tls=tls)), APPLIANCE)
    yield "firewall-page.nft", firewall_config(NOTHING, APPLIANCE, has_password=False, ssh_ports=())
    yield "firewall-no-password-yet.nft", firewall_config(BOTH, APPLIANCE, has_password=False, ssh_ports=(22,))
    yield "firewall-drive.nft", firewall_config(DRIVE, APPLIANCE, has_password=True, ssh_ports=())
    yield "firewall-ftp-ssh.nft", firewall_config(SITE, APPLIANCE, has_password=True, ssh_ports=(22, 2222))
    yield "firewall-all.nft", firewall_config(BOTH, APPLIANCE, has_password=True, ssh_ports=(22,))
    yield "hosts.txt", hosts_config(OF_A_FAMILY, APPLIANCE)


if __name__ == "__main__":
    for name, content in variants():
        (FOLDER / name).write_text(content, encoding="utf-8")
