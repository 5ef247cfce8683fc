"""What the command line says of the network stands in columns, and names what is lacking."""

from __future__ import annotations

from msgspec.structs import replace

from dashcam.network.command_words import status_lines, switched_lines
from tests.web.stand_in_network import golden_status


def test_wifi_page_and_shares_begin_in_one_column() -> None:
    status = golden_status()
    lines = status_lines(status)[: 2 + len(status.page_addresses) + len(status.shares)]
    assert status.shares
    assert {line[14] for line in lines} == {" "}
    assert " " not in {line[15] for line in lines}


def test_a_share_that_is_switched_on_says_what_it_lacks() -> None:
    shares = golden_status().shares
    bare = tuple(replace(share, has_password=False) for share in shares)
    ready = tuple(replace(share, has_password=True) for share in shares)
    assert switched_lines("smb", ready, is_on=True) == ["Network drive is switched on."]
    assert "once it has a password" in switched_lines("smb", bare, is_on=True)[-1]
    assert "has no shares" in switched_lines("ftp", (), is_on=True)[-1]
    assert switched_lines("ftp", (), is_on=False) == ["FTP is switched off."]
