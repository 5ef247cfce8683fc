"""Settings of Wi-Fi and of the shares; see `dashcam.settings.schema`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashcam.settings.checks_network import (
    check_access_point_name,
    check_country,
    check_host_name,
    check_share_name,
    check_workgroup,
)

FtpTls = Literal["off", "optional", "required"]


class NetworkSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Wi-Fi, for a machine that is the dashcam alone. Networks and their keys are kept apart, by NetworkManager."""

    wifi: Annotated[
        bool,
        Meta(
            title="Look after Wi-Fi",
            description="joins known hotspots and networks, and opens an access point of its own when none is there; "
            "off: Wi-Fi is left alone",
        ),
    ] = False
    country: Annotated[
        str,
        Meta(
            title="Country",
            description="two letters, such as DE or US: where the dashcam is, for the channels that are allowed there",
            max_length=2,
            extra={"check": check_country},
        ),
    ] = ""
    host_name: Annotated[
        str,
        Meta(
            title="Name on the network",
            description="the page is at this name with .local behind it",
            min_length=1,
            max_length=63,
            extra={"check": check_host_name},
        ),
    ] = "dashcam"
    interface: Annotated[
        str,
        Meta(title="Wi-Fi device", description="such as wlan0; empty: the first there is", max_length=15),
    ] = ""
    access_point_name: Annotated[
        str,
        Meta(
            title="Own access point",
            description="its name; empty: dashcam- and four characters of this unit's own",
            max_length=32,
            extra={"check": check_access_point_name},
        ),
    ] = ""
    access_point_channel: Annotated[
        Literal[1, 6, 11],
        Meta(title="Channel", description="of the own access point"),
    ] = 6


class SharesSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The clips as a network drive and as an FTP site: off until switched on, and never without a password."""

    smb: Annotated[
        bool,
        Meta(title="Network drive", description="clips for Windows, macOS and phones by Samba (SMB3), to be read only"),
    ] = False
    smb_name: Annotated[
        str,
        Meta(
            title="Name of the drive",
            description="as in \\\\dashcam.local\\dashcam",
            min_length=1,
            max_length=32,
            extra={"check": check_share_name},
        ),
    ] = "dashcam"
    workgroup: Annotated[
        str,
        Meta(
            title="Workgroup",
            description="as the computers at home have it",
            min_length=1,
            max_length=15,
            extra={"check": check_workgroup},
        ),
    ] = "WORKGROUP"
    smb_delete: Annotated[
        bool,
        Meta(
            title="Deleting on the drive",
            description="who has the password may delete files there and put some; no clip can be altered",
        ),
    ] = False
    ftp: Annotated[
        bool,
        Meta(title="FTP", description="clips for FTP programs, to be read only; without TLS anyone near can listen in"),
    ] = False
    ftp_tls: Annotated[
        FtpTls,
        Meta(title="FTP with TLS", description="encryption with a certificate of the dashcam's own"),
    ] = "optional"
