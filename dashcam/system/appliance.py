"""Names and places of the appliance: a machine on which scripts/install has made the dashcam a part of the system.

Programs do not depend on them: folders come with the command line and DASHCAM_RUNTIME. They are here once, for the
units, for what installs them, and for what has to find the running dashcam from a terminal.
"""

from __future__ import annotations

from pathlib import Path

PROGRAM_FOLDER = Path("/opt/dashcam")
"""The Python environment with the package, www and netconfig."""
DATA_FOLDER = Path("/data")
"""root:dashcam 0750, a partition of its own where there is room. Holds DCIM, dashcam-recorder:dashcam-card 2775."""
STATE_FOLDER = Path("/var/lib/dashcam")
"""root:dashcam-state 2770."""
RUNTIME_FOLDER = Path("/run/dashcam")
"""Below it a folder of each program, made by its unit; DASHCAM_RUNTIME in the units."""
SHARES_RUNTIME_FOLDER = Path("/run/dashcam-shares")
"""root 0755: what `dashcam network apply` fills in for Samba, vsftpd and nftables at every start of the machine."""
NETWORK_STATE_FOLDER = Path("/var/lib/dashcam-network")
"""dashcam-network 0700, made by its unit: what no other program is to replace, such as what is wanted of root."""
SHARES_STATE_FOLDER = Path("/var/lib/dashcam-shares")
"""root 0700: passwords of the shares, the certificate of FTP."""
SYSTEM_SETTINGS = Path("/etc/dashcam/dashcam.toml")
BOOT_FOLDERS = (Path("/boot/firmware"), Path("/boot"))
"""Raspberry Pi OS Bookworm and later; before."""
BOOT_FILE_NAME = "dashcam.toml"
BOOT_FILE_PLACES = ":".join(str(folder / BOOT_FILE_NAME) for folder in BOOT_FOLDERS)
"""DASHCAM_BOOT_FILE in the units."""
BOOT_REPORT_NAME = "dashcam-report.txt"
"""What was taken over and what was wrong, beside it."""
BOOT_INFO_NAME = "dashcam-info.txt"
"""Name and key of the own access point, beside it."""

RECORDER_USER = "dashcam-recorder"
KEEPER_USER = "dashcam-keeper"
WEB_USER = "dashcam-web"
NETWORK_USER = "dashcam-network"
SHARE_USER = "dashcam"
"""Who logs in to Samba and FTP; no shell, no login elsewhere."""
READERS_GROUP = "dashcam"
"""May go into the data folder: recorder, keeper, web, the share's user. Below it everybody may read."""
CARD_GROUP = "dashcam-card"
"""May write below DCIM: recorder and keeper; of files of the other one, the folders but not what is in them."""
STATE_GROUP = "dashcam-state"
"""The four programs: state folder and links."""

TARGET_UNIT = "dashcam.target"
RECORDER_UNIT = "dashcam-recorder.service"
KEEPER_UNIT = "dashcam-keeper.service"
WEB_UNIT = "dashcam-web.service"
WEB_SOCKET_UNIT = "dashcam-web.socket"
NETWORK_UNIT = "dashcam-network.service"
APPLY_UNIT = "dashcam-apply.service"
"""Root, for a moment: runs `dashcam network apply`; started by the network program, whom polkit allows just that."""
SMB_UNIT = "dashcam-smb.service"
FTP_UNIT = "dashcam-ftp.service"

ACCESS_POINT_ADDRESS = "10.41.0.1"
ACCESS_POINT_LENGTH = 24
PAGE_PORTS = (80, 8000)
SMB_PORT = 445
FTP_PORT = 21
FTP_PASSIVE_PORTS = (40000, 40009)
