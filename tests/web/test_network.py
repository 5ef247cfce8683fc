"""Wi-Fi and the shares over HTTP: what there is is told, what is asked reaches the program, secrets stay secret."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import pytest

from dashcam.errors import NetworkError
from dashcam.link import messages as m
from dashcam.network.base import NetworkTrouble
from dashcam.settings.save import save_changes
from tests.golden_network import NETWORK_ID, SSID_HEX
from tests.web.sites import Site, Sites, wait_until
from tests.web.stand_in_network import LATIN, OWN_KEY, PHONE, golden_status

KEY = "correct horse"


@pytest.fixture
def connected(sites: Sites) -> Site:
    """A site with a network program that knows two networks."""
    site = sites.make(has_network=True)
    site.network.status = golden_status()
    return site


def test_how_the_network_stands_is_told_with_the_address_that_has_just_worked(connected: Site) -> None:
    told = connected.get("/api/network").json
    expected = msgspec.json.decode(msgspec.json.encode(golden_status()))
    assert (told["is_there"], told["words"]) == (True, "")
    assert {name: told[name] for name in ("wifi", "saved", "shares", "boot_file")} == {
        name: expected[name] for name in ("wifi", "saved", "shares", "boot_file")
    }
    assert told["page_addresses"] == [*expected["page_addresses"], f"http://{connected.netloc}/"]


def test_a_machine_without_the_program_is_nothing_wrong(site: Site) -> None:
    told = site.get("/api/network").json
    assert (told["is_there"], told["is_wanted"]) == (False, False)
    assert "looks after its network itself" in told["words"]
    assert told["page_addresses"] == [f"http://{site.netloc}/"]
    status = site.get("/api/status").json
    assert status["network"] is None
    assert status["warnings"] == []
    assert site.post("/api/network/scan").error_code == "unreachable"


@pytest.mark.parametrize("wanted", ["network.wifi", "shares.smb", "shares.ftp"])
def test_where_it_has_something_to_do_its_absence_is_a_warning(site: Site, wanted: str) -> None:
    site.ask("PATCH", "/api/settings", {"changes": {wanted: True}})
    told = site.get("/api/network").json
    assert (told["is_there"], told["is_wanted"]) == (False, True)
    assert "does not answer" in told["words"]
    assert site.get("/api/status").json["warnings"] == [told["words"]]


def test_the_status_has_wifi_and_its_warnings(connected: Site) -> None:
    connected.network.say(warnings=("The key of home was refused: type it again.",))

    def told() -> Any:
        return connected.get("/api/status").json

    wait_until(lambda: told()["network"] is not None)
    wait_until(lambda: told()["warnings"] == ["The key of home was refused: type it again."])
    assert told()["network"]["wifi"]["ssid"] == PHONE
    assert told()["network"]["page_addresses"][0] == "http://dashcam.local/"


def test_saving_settings_tells_the_network_program(connected: Site) -> None:
    answer = connected.ask("PATCH", "/api/settings", {"changes": {"network.country": "DE", "shares.smb": True}})
    assert answer.json["applied"] == ["network.country", "shares.smb"]
    assert m.SettingsChanged(may_interrupt=False) in connected.network.asked
    connected.network.close()
    answer = connected.ask("PATCH", "/api/settings", {"changes": {"network.country": "AT"}})
    assert answer.json["later"] == ["network.country"]


def test_what_is_in_reach_is_told_as_the_radio_saw_it(connected: Site) -> None:
    seen = connected.post("/api/network/scan").json
    assert [one["ssid"] for one in seen["networks"]] == [PHONE, "🚗 inside", "Caf\ufffd am Eck", "OFFICE"]
    assert bytes.fromhex(seen["networks"][2]["ssid_hex"]) == LATIN
    assert (seen["age_seconds"], seen["words"]) == (2.5, "")


@pytest.mark.parametrize(
    ("body", "ssid"),
    [
        ({"ssid": PHONE, "key": KEY}, PHONE.encode()),
        ({"ssid_hex": LATIN.hex()}, LATIN),
        ({"ssid": "🚗 : \\ \"'", "key": "a" * 63}, "🚗 : \\ \"'".encode()),
        ({"ssid": "a" * 32, "key": "0f" * 32, "is_hidden": True}, b"a" * 32),
        ({"ssid": "home", "key": KEY, "address": "192.168.1.50/24", "gateway": "192.168.1.1"}, b"home"),
        ({"ssid": "home", "key": "äöüß", "is_first": False}, b"home"),
    ],
)
def test_a_network_reaches_the_program_byte_by_byte(connected: Site, body: dict[str, Any], ssid: bytes) -> None:
    answer = connected.post("/api/network/networks", body)
    assert answer.status == 200, answer.body
    [wish] = connected.network.orders
    rest = {name: value for name, value in body.items() if not name.startswith("ssid")}
    assert wish == m.AddNetwork(ssid_hex=ssid.hex(), **rest)
    assert answer.json["id"] in [one.id for one in connected.network.status.saved]


@pytest.mark.parametrize(
    ("body", "cure"),
    [
        ({}, "name"),
        ({"ssid": "home", "ssid_hex": "68"}, "name"),
        ({"ssid": "’" * 11, "key": KEY}, "at most 32 bytes"),
        ({"ssid": "home", "key": "1234567"}, "8 to 63 characters"),
        ({"ssid": "home", "key": "g" * 64}, "64 hexadecimal digits"),
        ({"ssid": "home", "key": "ä" * 32}, "8 to 63 characters"),
        ({"ssid": "home", "address": "192.168.1.50"}, "with its length"),
        ({"ssid": "home", "address": "192.168.1.500/24"}, "with its length"),
        ({"ssid": "home", "gateway": "192.168.1.1"}, "same network"),
        ({"ssid": "home", "address": "192.168.1.50/24", "gateway": "192.168.2.1"}, "same network"),
        ({"ssid_hex": "xy"}, "ssid_hex"),
        ({"ssid": "home", "password": KEY}, "password"),
    ],
)
def test_what_cannot_be_joined_is_refused_with_the_cure(connected: Site, body: dict[str, Any], cure: str) -> None:
    answer = connected.post("/api/network/networks", body)
    assert (answer.status, answer.error_code) == (400, "bad_request")
    assert cure in answer.json["error"]["message"]
    assert connected.network.orders == []


def test_forgetting_and_ordering_reach_the_program(connected: Site) -> None:
    ids = [one.id for one in connected.network.status.saved]
    assert connected.post("/api/network/order", {"ids": ids[::-1]}).json == {"done": True}
    assert [one["id"] for one in connected.get("/api/network").json["saved"]] == ids[::-1]
    assert connected.ask("DELETE", f"/api/network/networks/{NETWORK_ID}").json == {"done": True}
    assert [one["ssid_hex"] for one in connected.get("/api/network").json["saved"]] == [b"home".hex()]
    assert SSID_HEX not in str(connected.get("/api/network").json["saved"])
    for bad in ("a_b", "x" * 65, "%0A"):
        assert connected.ask("DELETE", f"/api/network/networks/{bad}").status == 400


def test_a_try_is_answered_before_it_begins(connected: Site) -> None:
    answer = connected.post("/api/network/try", {"id": NETWORK_ID})
    assert answer.json == {"leaves_in_seconds": 3.0, "back_within_seconds": 30.0, "words": "It leaves in 3 s."}
    assert connected.network.orders == [m.TryNetwork(id=NETWORK_ID)]
    assert connected.post("/api/network/try", {}).status == 200


def test_the_own_access_point_is_told_and_drawn_and_kept_by_nobody(connected: Site) -> None:
    answer = connected.get("/api/network/access-point")
    assert answer.json == {"ssid": "dashcam-7Q2F", "key": OWN_KEY, "address": "10.41.0.1"}
    assert answer.headers["Cache-Control"] == "no-store"
    picture = connected.get("/api/network/access-point/qr")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/svg+xml")
    assert picture.headers["Cache-Control"] == "no-store"
    assert picture.body.startswith(b"<svg ")
    assert OWN_KEY.encode() not in picture.body


def test_only_addresses_of_this_page_are_drawn(connected: Site) -> None:
    drawn = {
        connected.get(f"/api/network/page-qr?address={address}").body
        for address in ("http://dashcam.local/", "http://172.20.10.4/", f"http://{connected.netloc}/")
    }
    assert len(drawn) == 3
    assert connected.get("/api/network/page-qr").body in drawn
    assert connected.get("/api/network/page-qr?address=http://evil.example/").error_code == "bad_request"


def test_a_page_without_the_program_is_drawn_too(site: Site) -> None:
    assert site.get("/api/network/page-qr").body.startswith(b"<svg ")


def test_the_password_of_the_shares_reaches_the_program(connected: Site) -> None:
    assert connected.post("/api/shares/password", {"password": KEY}).json == {"done": True}
    assert connected.network.password == KEY
    for bad in ("short", "x" * 64, " correct horse", "correct\nhorse"):
        assert connected.post("/api/shares/password", {"password": bad}).error_code == "bad_request"
    assert connected.network.password == KEY


def test_why_something_did_not_work_is_passed_on(connected: Site) -> None:
    connected.network.failure = NetworkTrouble("no_radio", "There is no Wi-Fi radio: plug one in.")
    answer = connected.post("/api/network/scan")
    assert (answer.status, answer.error_code) == (409, NetworkError.code)
    assert answer.json["error"]["message"] == "There is no Wi-Fi radio: plug one in."


def test_no_key_is_in_any_answer_or_log(connected: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "never-to-be-read-again"
    answers = [
        connected.post("/api/network/networks", {"ssid": "home", "key": secret}),
        connected.post("/api/network/networks", {"ssid": "home", "key": secret * 4}),
        connected.post("/api/network/networks", {"ssid": "home", "key": [secret]}),
        connected.post("/api/network/networks", {"ssid": "home", "keys": secret}),
        connected.post("/api/shares/password", {"password": secret}),
        connected.post("/api/shares/password", {"password": f" {secret}"}),
        connected.get("/api/network"),
        connected.get("/api/status"),
    ]
    connected.network.failure = NetworkTrouble("unknown", "It did not work.")
    answers.append(connected.post("/api/network/networks", {"ssid": "home", "key": secret}))
    assert [answer for answer in answers if secret.encode() in answer.body] == []
    assert secret not in caplog.text


def test_settings_that_were_saved_by_hand_count_after_a_restart_only_when_read(sites: Sites) -> None:
    site = sites.make()
    save_changes(site.state, {"network.wifi": True})
    assert site.get("/api/network").json["is_wanted"] is False
    site.ask("PATCH", "/api/settings", {"changes": {"photo.quality": 70}})
    assert site.get("/api/network").json["is_wanted"] is True
