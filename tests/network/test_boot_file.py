"""dashcam.toml of somebody with Notepad: understood as far as can be, every mistake told, no secret repeated."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashcam.errors import BadRequest
from dashcam.network.boot_file import BootFile, parse_boot_file
from dashcam.network.boot_file_cuts import cut_out
from dashcam.network.boot_file_words import report_text
from dashcam.network.wanted import WantedCut
from tests.conftest import CHECKOUT

FILE = (CHECKOUT / "tests" / "golden" / "boot_file.toml").read_text(encoding="utf-8")
TEMPLATE = CHECKOUT / "boot" / "dashcam.toml"


def _parse(text: str) -> BootFile:
    return parse_boot_file(text.encode())


def _without_secrets(content: bytes) -> bytes:
    file = parse_boot_file(content)
    return cut_out(content, file.cuts(file.secrets))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_whole_file_is_understood_and_keeps_all_but_its_secrets(encoding: str, line_end: str) -> None:
    content = FILE.replace("\n", line_end).encode(encoding)
    file = parse_boot_file(content)
    assert file.mistakes == ()
    assert file.settings == {
        "network.country": "DE",
        "clock.zone": "Europe/Berlin",
        "network.host_name": "my-car",
        "camera.rotation": 180,
        "shares.smb": True,
        "shares.ftp": False,
        "network.wifi": True,
    }
    phone, home = (network.wish() for network in file.networks)
    assert (phone.ssid, phone.key, phone.is_hidden) == ("Zoe’s iPhone".encode(), "phone S3cret", True)
    assert (home.ssid, home.key, home.address, home.gateway) == (b"home", "12345678", "192.168.1.50/24", "192.168.1.1")
    assert file.password is not None
    assert file.password.text == "owner S3cret"
    # Everything but the three lines is as it was, byte for byte.
    left = _without_secrets(content)
    secret = re.compile(r"^(?:password|key) = .*$", re.MULTILINE)
    remark = "# password: taken over by the dashcam and removed here; write a new line to change it"
    assert left == secret.sub(remark, FILE).replace("\n", line_end).encode(encoding)
    again = parse_boot_file(left)
    assert (again.settings, again.taken, again.mistakes, again.secrets) == (file.settings, file.taken, (), ())
    assert [network.was_taken for network in again.networks] == [True, True]
    assert again.had_password


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("contry = DE", "line 1: this name is not known; did you mean 'country'?"),
        ("xyz = 1", "line 1: this name is not known; there are country, time_zone, "),
        ('country = "Germany"', "line 1: country: "),
        ("rotation = 45", "line 1: rotation: choose one of 0, 90, 180, 270"),
        ("time_zone = Berlin", "line 1: time_zone: "),
        ("name = my car", "line 1: name: write letters, digits and hyphens"),
        ("ftp = perhaps", "line 1: ftp: choose one of true, false"),
        ("country = DE\ncountry = US", "line 2: this stands in line 1 already, which counts"),
        ("password = short", "line 1: the password of the shares has 8 to 63 characters; it was not taken over"),
        ("[wfi]\nname = a", "line 1: this section is not known, what is below it is not used; did you mean 'wifi'?"),
        ("[camera]\nrotation = 180", "line 1: write [override] instead, and below it camera. before each name"),
        ("[[wifi]]\npassword = 12345678", "line 1: this network is not taken over: its name is missing"),
        ("[[wifi]]\nname = a\npassword = short", "line 1: this network is not taken over: the key has 5 characters"),
        ("[[wifi]]\nname = a\npasword = 12345678", "line 3: this name is not known; did you mean 'password'?"),
        ("[[wifi]]\nname = a\nhidden = maybe", "line 1: this network is not taken over: hidden: write yes or no"),
        ("[[wifi]]\nname = a\naddress = home", "line 1: this network is not taken over: write its address as 192"),
        ("[[wifi]]\nname = a\n[[wifi]]\nname = a", "line 3: this network is not taken over: a network of this name"),
        ("[override]\ncamera.fsp = 3", "line 2: there is no such setting; did you mean 'camera.fps'?"),
        ('country = "DE" time_zone = "UTC"', "line 1: write one name = value in a line"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_cure(text: str, mistake: str) -> None:
    mistakes = _parse(text).mistakes
    assert any(told.startswith(mistake) for told in mistakes)
    assert len(mistakes) <= 2


def test_a_mistyped_password_never_makes_an_open_network() -> None:
    for line in ("pasword = 12345678", 'password = "12345678', "nonsense"):
        file = _parse(f"[[wifi]]\nname = home\n{line}\n")
        assert file.networks == ()
        assert "line 1: this network is not taken over: mend the lines below it first" in file.mistakes


def test_one_bad_entry_costs_no_other_and_all_are_told_by_line() -> None:
    file = _parse(f'nonsense\n{FILE}[[wifi]]\nname = "third"\npassword = "x"\n')
    assert len(file.networks) == 2
    assert [told.partition(":")[0] for told in file.mistakes] == ["line 1", "line 24"]
    assert file.settings["network.country"] == "DE"


def test_what_is_left_empty_was_not_said() -> None:
    file = _parse('country =\npassword = ""\nrotation = # none\n[[wifi]]\nname = ""\npassword = ""\n[override]\n')
    assert (file.settings, file.networks, file.secrets, file.mistakes) == ({}, (), (), ())


def test_a_line_for_all_below_a_network_still_counts() -> None:
    file = _parse('[[wifi]]\nname = "home"\npassword = "12345678"\ncountry = "DE"\n')
    assert file.settings == {"network.country": "DE", "network.wifi": True}


def test_a_network_without_password_is_said_to_be_open() -> None:
    assert _parse("[[wifi]]\nname = cafe\n").taken == (
        "Look after Wi-Fi: on",
        "the network cafe, an open network: no password is written below it",
    )


def test_secrets_do_not_show_in_what_may_be_logged() -> None:
    file = _parse(FILE)
    assert "S3cret" not in f"{file!r} {file.taken} {file.mistakes} {[network.wish() for network in file.networks]}"


def test_the_form_says_nothing_until_it_is_filled_in() -> None:
    empty = parse_boot_file(TEMPLATE.read_bytes())
    assert (empty.settings, empty.networks, empty.secrets, empty.mistakes) == ({}, (), (), ())
    filled = _parse(re.sub(r"(?m)^#(?=[a-z_.]+ = |\[)", "", TEMPLATE.read_text()))
    assert filled.mistakes == ()
    assert len(filled.networks) == 2
    assert len(filled.settings) == 7
    assert len(filled.secrets) == 3


@pytest.mark.parametrize("cuts", [((0, 3), (2, 4)), ((3, 2),), ((0, 11),)])
def test_cuts_that_do_not_fit_change_nothing(cuts: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(BadRequest):
        cut_out(b"0123456789", [WantedCut(start=start, end=end, put=b"#") for start, end in cuts])


@given(st.binary(max_size=400))
def test_whatever_stands_there_it_is_no_reason_to_fail(content: bytes) -> None:
    file = parse_boot_file(content)
    assert parse_boot_file(cut_out(content, file.cuts(file.secrets))).secrets == ()


SECRET = "S3cret-7Q2F"
_LINES = st.sampled_from(
    [
        "country = DE",
        "contry = DE",
        "name = car",
        "[[wifi]]",
        "[wfi]",
        "[override]",
        "camera.fps = x",
        'name = "home"',
        'name = "home',
        "hidden = perhaps",
        "address = 1.2.3",
        "nonsense",
        'x = """',
        "x = [",
        "]",
    ]
)
_PASSWORD_LINES = st.sampled_from(
    [
        f'password = "{SECRET}"',
        f"password = {SECRET}",
        f'pasword = "{SECRET}"',
        f'password = "{SECRET}',
        f"password = “{SECRET}”",
        f'password "{SECRET}"',
        f'key: "{SECRET}"',
        f'name = "a" password = "{SECRET}"',
        f"name = a password = {SECRET}",
        f'PASSWORD="{SECRET}" # {SECRET}',
        f"password = [{SECRET}]",
    ]
)


@settings(deadline=None)
@given(st.lists(_LINES | _PASSWORD_LINES, max_size=12).map("\n".join), st.sampled_from(["utf-8", "utf-16"]))
def test_no_word_that_is_told_holds_a_secret(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    file = parse_boot_file(content)
    assert SECRET not in f"{file!r} {file.mistakes} {file.taken}"
    taken: list[Any] = [secret.text for secret in file.secrets]
    assert all(SECRET in secret for secret in taken)
    # What was taken is out of the file, and nothing else.
    left = cut_out(content, file.cuts(file.secrets)).decode(encoding)
    lines = [line for line in left.split("\n") if not line.startswith("# password: taken over")]
    assert all(line in text.split("\n") for line in lines)


@pytest.mark.parametrize(
    "content",
    [
        b"x = [\n" * 16_000,
        b"[[wifi]]\nname = a\n" * 3_000,
        b"[override]\n" + b"camera.rotation = 1\n" * 3_000,
        b"".join(b"[[wifi]]\nname = n%d\n" % number for number in range(2_000)),
    ],
)
def test_what_is_told_of_a_file_that_is_none_of_ours_stays_short(content: bytes) -> None:
    """It goes over the link, to the page and to root, who all take only so much."""
    file = parse_boot_file(content)
    assert len(file.networks) <= 30
    assert len(file.mistakes) == 41
    assert re.search(r"and \d+ more; mend these first", file.mistakes[-1])
    assert len(report_text(file.taken, file.mistakes)) < 20_000
