"""What may be typed behind `dashcam network`; without any of it the program itself runs."""

from __future__ import annotations

import argparse
from pathlib import Path

_FURTHER = "asked of the running program; without ACTION it is this program that runs"
_KEY_HELP = "its key is asked for, or read from standard input; never type it behind the command"


def add_network_actions(command: argparse.ArgumentParser) -> None:
    """Puts the actions behind the command `network`; the chosen one is `action`."""
    actions = command.add_subparsers(dest="action", metavar="ACTION", title="actions", description=_FURTHER)
    common = _common()

    def add(name: str, words: str) -> argparse.ArgumentParser:
        return actions.add_parser(
            name, help=words, description=f"{words[0].upper()}{words[1:]}.", parents=[common], allow_abbrev=False
        )

    show = add("show", "how it is: Wi-Fi, addresses of the page, QR codes, shares")
    show.add_argument("--key", action="store_true", help="with name and key of the own access point, and its QR code")
    add("list", "the saved networks, the preferred one first")
    add("scan", "the networks in reach")
    new = add("add", f"save a phone's hotspot or another network; {_KEY_HELP}")
    new.add_argument("ssid", nargs="?", metavar="SSID", help="its name; asked for if it is left out")
    new.add_argument("--open", dest="is_open", action="store_true", help="it has no key")
    new.add_argument("--hidden", action="store_true", help="it does not tell its name")
    new.add_argument("--address", default="", metavar="A.B.C.D/N", help="a fixed address; else by DHCP")
    new.add_argument("--gateway", default="", metavar="A.B.C.D", help="with a fixed address")
    new.add_argument("--last", action="store_true", help="other networks are preferred to it")
    gone = add("forget", "remove a saved network")
    gone.add_argument("ssid", metavar="SSID", help="its name, or its id in `list`")
    wanted = add("try", "leave what it is on and try saved networks; the own access point is back if that fails")
    wanted.add_argument("ssid", nargs="?", metavar="SSID", help="its name or id; none: any")
    shares = add("shares", "the clips as a network drive (smb) or FTP site: `shares on smb`, `shares password`")
    shares.add_argument("switch", choices=("on", "off", "password"))
    shares.add_argument("kind", nargs="?", choices=("smb", "ftp"))
    add("apply", "what only root can do of all this; the system's dashcam-apply.service runs it")


def _common() -> argparse.ArgumentParser:
    """Options that stand before the action as well, and then hold if they are not here."""
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--data", type=_folder, metavar="DIR", help="holds DCIM")
    common.add_argument("--state", type=_folder, metavar="DIR", help="where the running program keeps its own")
    common.add_argument("--verbose", action="store_true", help="log everything")
    return common


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder")
    return Path(text).expanduser().absolute()
