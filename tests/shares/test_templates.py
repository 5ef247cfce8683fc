"""What comes of the templates, held against files that were looked at, and against those who read them."""

from __future__ import annotations

import re
import subprocess

import pytest

from dashcam.errors import SettingsError
from dashcam.network.apply_config import firewall_config, smb_config
from dashcam.network.apply_places import ApplyTrouble
from dashcam.network.fill import FillError, fill
from dashcam.network.wanted import Wanted, WantedSamba
from tests.shares.rig import Machine, require_programs
from tests.shares.variants import APPLIANCE, BOTH, DRIVE, FOLDER, NOTHING, OF_A_FAMILY, SITE, variants

VARIANTS = dict(variants())


@pytest.mark.parametrize("name", VARIANTS)
def test_each_variant_is_as_it_was_looked_at(name: str) -> None:
    assert VARIANTS[name] == (FOLDER / name).read_text(encoding="utf-8"), "python -m tests.shares.variants"


def test_no_variant_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(VARIANTS)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.endswith(".nft")])
def test_nftables_takes_every_variant(name: str) -> None:
    require_programs()
    words = ["nft", "--check", "--file", str(FOLDER / name)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("wanted", [NOTHING, DRIVE, OF_A_FAMILY, BOTH])
def test_samba_understands_every_word(own_machine: Machine, wanted: Wanted) -> None:
    assert own_machine.apply(wanted).smb == ""
    words = ["testparm", "--suppress-prompt", str(own_machine.places.runtime / "smb.conf")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert not re.search("warning|error|ignor|unknown|deprecated", done.stderr, re.IGNORECASE), done.stderr


def test_only_ports_of_what_is_on_are_open() -> None:
    def open_ports(wanted: Wanted, *, has_password: bool) -> str:
        rules = firewall_config(wanted, APPLIANCE, has_password=has_password, ssh_ports=())
        [ports] = re.findall(r"@near tcp dport \{ (.*) \} accept", rules)
        return str(ports)

    assert open_ports(NOTHING, has_password=True) == "80, 8000"
    assert open_ports(BOTH, has_password=False) == "80, 8000"
    assert open_ports(DRIVE, has_password=True) == "80, 8000, 445"
    assert open_ports(SITE, has_password=True) == "80, 8000, 21, 40000-40009"


def test_a_page_without_a_port_or_with_a_thousand_is_refused() -> None:
    for ports in ((), tuple(range(1, 1001))):
        with pytest.raises(ApplyTrouble, match="ports"):
            firewall_config(Wanted(page_ports=ports), APPLIANCE, has_password=False, ssh_ports=())


def test_every_name_is_filled_in_and_none_is_left_over() -> None:
    assert fill("a = $one, $two_2$$\n", {"one": 1, "two_2": "x y"}) == "a = 1, x y$\n"
    with pytest.raises(FillError, match="three, two_2"):
        fill("$one $two_2", {"one": 1, "three": 3})
    with pytest.raises(FillError, match=r"\$ that is no name"):
        fill("$one $ELSE", {"one": 1})


@pytest.mark.parametrize("value", ["a\nb", "a\n", "%U", "a;b", "a#b", "a=b", "[x]", '"', "\\", "$x", "ü", "a\0", "\r"])
def test_no_value_says_more_than_a_word(value: str) -> None:
    with pytest.raises(FillError, match="cannot be written"):
        fill("$one", {"one": value})


@pytest.mark.parametrize("name", ["global", "homes", "a]b", "a\n[global]", "", "IPC$", "a/b", " a"])
def test_no_share_is_called_what_samba_takes_for_something_else(name: str) -> None:
    with pytest.raises(SettingsError, match="smb_name"):
        smb_config(Wanted(smb=WantedSamba(name=name, workgroup="HOME")), APPLIANCE)
