"""The page moves to another port only for those who find it there."""

from __future__ import annotations

import http.client
import socket

from dashcam.errors import SettingsError
from dashcam.link.place import page_address_path
from dashcam.settings import load_settings
from tests.web.sites import PATIENCE_SECONDS, Site, Sites, wait_until

# Another phone, as this machine sees it.
ELSEWHERE = "127.0.0.2"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def moved(sites: Sites, move_seconds: float = PATIENCE_SECONDS) -> tuple[Site, int, int]:
    """A site that is just moving, and its old and its new port."""
    site, port = sites.make(assignments=("web.host=127.0.0.1",), move_seconds=move_seconds), free_port()
    old = site.port
    answer = site.ask("PATCH", "/api/settings", {"changes": {"web.port": port}})
    assert answer.json["pending"] == ["web.port"]
    assert site.post("/api/settings/apply", {}).json["address"] == f"http://127.0.0.1:{port}"
    return site, old, port


def ask_at(port: int, method: str, path: str, body: str | None = None, source: str = "127.0.0.1") -> int:
    """The status of the answer at this very port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, PATIENCE_SECONDS, source_address=(source, 0))
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        return connection.getresponse().status
    finally:
        connection.close()


def status_at(port: int, source: str = "127.0.0.1") -> int:
    return ask_at(port, "GET", "/api/status", source=source)


def is_free(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_the_old_port_goes_on_until_the_one_who_moved_the_page_has_come(sites: Sites) -> None:
    _, old, new = moved(sites)
    assert status_at(new, ELSEWHERE) == 200
    assert status_at(old) == 200
    assert status_at(new) == 200
    wait_until(lambda: is_free(old))


def test_where_nobody_comes_the_page_goes_back_says_so_and_is_there_after_a_restart(sites: Sites) -> None:
    site, old, new = moved(sites, move_seconds=0.2)
    wait_until(lambda: is_free(new))
    assert site.port == old
    wait_until(lambda: load_settings(site.state).settings.web.port != new)
    wait_until(lambda: any("nobody came to it" in words for words in site.get("/api/status").json["warnings"]))
    assert page_address_path(site.state).read_text() == f"http://127.0.0.1:{old}\n"
    assert status_at(old, ELSEWHERE) == 200


def test_one_move_at_a_time(sites: Sites) -> None:
    site, old, new = moved(sites)
    assert ask_at(old, "PATCH", "/api/settings", f'{{"changes": {{"web.port": {free_port()}}}}}') == 200
    assert ask_at(old, "POST", "/api/settings/apply", "{}") == 409
    assert site.port == new


def test_a_site_that_is_moving_ends_at_both_places(sites: Sites) -> None:
    site, old, new = moved(sites)
    site.website.close()
    assert is_free(old)
    assert is_free(new)


def test_an_address_set_by_hand_that_would_lose_this_phone_waits_for_the_next_start(sites: Sites) -> None:
    site = sites.make(assignments=())
    (site.state / "settings.toml").write_text('[web]\nhost = "127.0.0.2"\nport = 0\n')
    answer = site.post("/api/settings/apply", {})
    assert (answer.status, answer.error_code) == (422, SettingsError.code)
    assert "no longer answer this phone" in answer.json["error"]["message"]
    assert site.get("/api/status").status == 200
