"""Wi-Fi and the shares on a phone: known networks, new ones, a try that loses the page, passwords, start-up times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from dashcam.link import messages as m
from dashcam.network.base import NetworkTrouble
from dashcam.settings import load_settings
from dashcam.system.boot_times import BootLine, boots_path, encode_boot_line
from tests.browser.judges import faults_of, serious
from tests.browser.looking import until
from tests.browser.relay import Relay
from tests.web.sites import Site, Sites, wait_until
from tests.web.stand_in_network import LATIN, OWN, OWN_KEY, PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

KEY = "correct horse"
REFUSED = "The key was refused: type it again."
FOCUSED = "document.activeElement"
OUTSIDE = """elements => elements.map((one) => [one.outerHTML, one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 48 || box.left < 0 || box.right > 360).map(([words]) => words)"""


@pytest.fixture
def site(sites: Sites) -> Site:
    """A site with a network program on its own access point that knows nothing yet."""
    return sites.make(has_network=True, said={"pending_settings": ()})


def look_at(page: Page, site: Site, section: str = "network", address: str = "") -> Locator:
    """The section of the settings, open; a phone as small as they come looks at it."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address or site.website.address}/#settings/{section}")
    found = page.locator(f"#section-{section}")
    found.locator(".network-place > div:visible, .calm:visible").first.wait_for()
    return found


def orders_of(site: Site) -> list[m.Message]:
    return site.network.orders


def names_of(wifi: Locator) -> list[str]:
    return wifi.locator(".saved .name").all_inner_texts()


def test_a_network_is_chosen_from_the_list_and_its_key_checked_before_it_is_sent(page: Page, site: Site) -> None:
    wifi = look_at(page, site)
    until(wifi.locator(".wifi-now"), "On its own access point, dashcam-7Q2F: 1 device on it")
    until(wifi, "None yet")
    wifi.locator(".scan").click()
    until(wifi.locator(".seen").first, "strong (88 %), with a key")
    assert wifi.locator(".seen .name").all_inner_texts() == [PHONE, "🚗 inside", "Caf\ufffd am Eck", "OFFICE"]
    assert wifi.locator("button.seen", has_text="OFFICE").count() == 0
    wifi.locator("button.seen", has_text=PHONE).click()
    form = page.locator(".network-form")
    until(form, f"Join {PHONE}")
    key = form.locator("input[type=password]")
    key.fill("short")
    form.get_by_role("button", name="Save", exact=True).click()
    until(form, "at least 8 characters")
    assert orders_of(site) == []
    key.fill(KEY)
    form.get_by_role("button", name="Show what is typed").click()
    assert form.locator(".show-key").get_attribute("aria-pressed") == "true"
    assert form.locator(".line-of-field input").first.get_attribute("type") == "text"
    form.get_by_role("button", name="Save", exact=True).click()
    until(wifi.locator(".saved"), PHONE)
    assert orders_of(site) == [m.AddNetwork(ssid_hex=PHONE.encode().hex(), key=KEY)]


def test_a_name_that_is_no_text_and_has_no_key_goes_back_byte_by_byte(page: Page, site: Site) -> None:
    wifi = look_at(page, site)
    wifi.locator(".scan").click()
    wifi.locator("button.seen", has_text="am Eck").click()
    until(page.locator(".network-form"), "no key: whoever is near can listen in")
    page.locator(".network-form").get_by_role("button", name="Save", exact=True).click()
    until(wifi.locator(".saved"), "without a key")
    assert orders_of(site) == [m.AddNetwork(ssid_hex=LATIN.hex())]


def test_a_hidden_network_is_typed_with_the_apostrophe_that_iphones_write(page: Page, site: Site) -> None:
    site.network.save("home")
    wifi = look_at(page, site)
    wifi.locator(".type-name").click()
    form = page.locator(".network-form")
    form.get_by_label("Its name", exact=True).fill("Zoe's iPhone")
    form.get_by_role("button", name="Write ’ instead of '").click()
    form.get_by_label("It hides its name").check()
    form.get_by_label("Its key").fill(KEY)
    form.get_by_label("Prefer it").uncheck()
    form.locator("summary").click()
    form.get_by_label("Address with its length").fill("192.168.1.50")
    form.get_by_role("button", name="Save", exact=True).click()
    until(form, "with its length")
    form.get_by_label("Address with its length").fill("192.168.1.50/24")
    form.get_by_role("button", name="Save", exact=True).click()
    until(wifi.locator(".saved").nth(1), "hides its name, fixed address 192.168.1.50/24")
    assert orders_of(site) == [
        m.AddNetwork(ssid_hex=PHONE.encode().hex(), key=KEY, is_hidden=True, address="192.168.1.50/24", is_first=False)
    ]
    assert names_of(wifi) == ["home", PHONE]


def test_a_refused_key_is_told_at_its_network_with_a_field_to_type_it_again(page: Page, site: Site) -> None:
    site.network.save(PHONE)
    home = site.network.save("home", words=REFUSED)
    wifi = look_at(page, site)
    row = wifi.locator(".saved", has_text="home")
    until(row, REFUSED)
    assert wifi.locator(".saved .again:visible").count() == 1
    row.get_by_label("Its key").fill("another horse")
    row.get_by_role("button", name="Save the key").click()
    until(page.locator("#messages"), "Saved: the new key of home")
    assert site.network.keys[home] == "another horse"
    assert names_of(wifi) == [PHONE, "home"]
    assert REFUSED not in row.inner_text()
    assert not row.locator(".again").is_visible()


def test_the_order_is_changed_with_a_thumb_and_a_network_forgotten_when_sure(page: Page, site: Site) -> None:
    for name in (PHONE, "home", "🚗 inside"):
        site.network.save(name)
    wifi = look_at(page, site)
    wifi.get_by_role("button", name="Prefer 🚗 inside more").click()
    wait_until(lambda: names_of(wifi) == [PHONE, "🚗 inside", "home"])
    wifi.get_by_role("button", name="Prefer 🚗 inside more").click()
    wait_until(lambda: names_of(wifi) == ["🚗 inside", PHONE, "home"])
    assert [one.ssid for one in site.network.status.saved] == ["🚗 inside", PHONE, "home"]
    # At the top the focus goes to the only way that is left.
    wait_until(lambda: page.evaluate(f"{FOCUSED}.ariaLabel") == "Prefer 🚗 inside less")
    wifi.get_by_role("button", name="Forget home").click()
    page.locator("#question .no").click()
    wifi.get_by_role("button", name="Forget home").click()
    page.locator("#question .yes").click()
    until(page.locator("#messages"), "Forgotten: home")
    assert names_of(wifi) == ["🚗 inside", PHONE]
    assert [type(one) for one in orders_of(site)] == [m.OrderNetworks, m.OrderNetworks, m.ForgetNetwork]


def begin_try(page: Page, site: Site) -> Locator:
    """Touches Try now, and reads before that what will happen."""
    site.network.begins = m.TryBegins(leaves_in_seconds=0.2, back_within_seconds=30.0, words="")
    page.get_by_role("button", name=f"Try now: {PHONE}").click()
    dialog = page.locator(".network-try")
    until(dialog, "leaves its access point dashcam-7Q2F")
    until(dialog, "back within a minute")
    assert orders_of(site) == []
    dialog.get_by_role("button", name="Try now").click()
    until(dialog, f"It tries {PHONE}")
    return dialog


def test_a_try_that_takes_the_page_away_is_found_again(page: Page, site: Site, relay: Relay) -> None:
    phone = site.network.save(PHONE)
    page.clock.install()
    look_at(page, site, address=relay.address)
    dialog = begin_try(page, site)
    relay.is_silent.set()
    until(dialog, "This page looks for it all the time")
    assert dialog.locator("a").all_inner_texts()[:2] == ["Open http://dashcam.local/", "Open http://10.41.0.1/"]
    assert (dialog.locator("a").first.get_attribute("href") or "").endswith("/#settings/network")
    page.clock.fast_forward("00:10")
    until(page.locator("#recording"), "Connection lost")
    site.network.be(state="joined", ssid=PHONE, network_id=phone, signal_percent=70, address="172.20.10.4")
    relay.is_silent.clear()
    until(dialog, f"It is on {PHONE}")
    dialog.get_by_role("button", name="OK").click()
    until(page.locator(".saved .mark"), "now")
    until(page.locator(".wifi-now"), "Signal: strong (70 %)")
    until(page.locator("#recording"), "Recording")


def test_a_try_with_a_wrong_key_ends_at_its_field(page: Page, site: Site) -> None:
    site.network.save(PHONE)
    wifi = look_at(page, site)
    dialog = begin_try(page, site)
    saved = tuple(replace(one, words=REFUSED) for one in site.network.status.saved)
    site.network.say(saved=saved, wifi=replace(OWN, since_seconds=0.1))
    until(dialog, f"It could not join {PHONE}")
    until(dialog, REFUSED)
    dialog.get_by_role("button", name="Type the key again").click()
    wait_until(lambda: page.evaluate(f"{FOCUSED}.type") == "password")
    until(wifi.locator(".saved"), REFUSED)


def test_why_a_try_or_a_look_around_is_not_possible_is_said(page: Page, site: Site) -> None:
    site.network.save(PHONE)
    wifi = look_at(page, site)
    site.network.failure = NetworkTrouble("not_ready", "The radio is busy: try again in a moment.")
    wifi.locator(".scan").click()
    until(page.locator("#messages"), "The radio is busy")
    wifi.get_by_role("button", name=f"Try now: {PHONE}").click()
    page.locator(".network-try").get_by_role("button", name="Try now").click()
    until(page.locator(".network-try"), "The radio is busy")


def test_the_own_access_point_is_shown_on_demand_only(page: Page, site: Site) -> None:
    wifi = look_at(page, site)
    wifi.get_by_role("button", name="Show name and key").click()
    until(wifi.locator(".own"), OWN_KEY)
    wait_until(lambda: wifi.locator(".own img").evaluate("img => img.complete && img.naturalWidth > 0"))
    page.goto(f"{site.website.address}/#live")
    wait_until(lambda: OWN_KEY not in page.content())
    page.goto(f"{site.website.address}/#settings/network")
    wifi.locator(".to-qr").first.click()
    wait_until(lambda: wifi.locator(".address img").evaluate("img => img.complete && img.naturalWidth > 0"))
    wifi.get_by_role("button", name="Copy http://dashcam.local/").click()
    until(page.locator("#messages"), "Copied: http://dashcam.local/")


def test_shares_say_what_they_lack_and_get_their_password_once(page: Page, site: Site) -> None:
    shares = look_at(page, site, "shares")
    until(shares.locator(".share").first, "Network drive: Switched off.")
    until(shares, "There is no password yet")
    shares.get_by_role("switch", name="Network drive").check()
    page.locator(".save-bar .save").click()
    until(page.locator("#messages"), "In force now: Network drive")
    assert load_settings(site.state).settings.shares.smb is True
    assert m.SettingsChanged() in site.network.asked
    told = [
        replace(one, is_wanted=True, addresses=(r"\\dashcam.local\dashcam", "smb://dashcam.local/dashcam"))
        for one in site.network.status.shares
    ]
    site.network.say(shares=(told[0], replace(told[1], addresses=("ftp://dashcam.local/",))))
    shares.locator(".set-password").click()
    until(shares.locator(".share").first, "Waits for a password")
    shares.get_by_label("New password").fill("short")
    shares.get_by_role("button", name="Save the password").click()
    until(shares, "at least 8 characters")
    shares.get_by_label("New password").fill(KEY)
    shares.get_by_role("button", name="Save the password").click()
    until(shares, "A password is set. The user's name is dashcam.")
    assert site.network.password == KEY
    assert [place.split("\n")[0] for place in shares.locator(".share code").all_inner_texts()] == [
        r"\\dashcam.local\dashcam",
        "smb://dashcam.local/dashcam",
        "ftp://dashcam.local/",
    ]
    until(shares.locator(".share").nth(1), "Without TLS")


def test_a_machine_without_shares_says_so(page: Page, site: Site) -> None:
    site.network.say(shares=())
    until(look_at(page, site, "shares"), "This machine has no shares")


def test_a_machine_that_looks_after_its_network_has_no_dead_controls(page: Page, sites: Sites) -> None:
    site = sites.make(name="laptop", said={"pending_settings": ()})
    wifi = look_at(page, site)
    until(wifi, "looks after its network itself")
    page.locator("#section-shares > summary").click()
    until(page.locator("#section-shares"), "looks after its network itself")
    assert page.locator("#section-network .setting:visible, #section-shares .setting:visible").count() == 0
    assert wifi.locator("button:visible").all_inner_texts() == ["Copy", "QR"]


def test_with_wifi_left_alone_there_is_one_sentence_and_the_switch(page: Page, site: Site) -> None:
    site.network.say(wifi=m.WifiStatus())
    wifi = look_at(page, site)
    until(wifi, "switch on “Look after Wi-Fi” below")
    assert wifi.get_by_role("switch", name="Look after Wi-Fi").is_visible()
    assert wifi.locator(".scan:visible, .saved:visible, .wifi-now:visible").count() == 0


def test_the_status_tells_of_wifi_and_of_the_last_starts(page: Page, site: Site) -> None:
    for number in (41, 42):
        for program, marks in (("recorder", {"process": 4.0, "durable": 8.5}), ("web", {"served": 14.25})):
            path = boots_path(site.state, program)
            path.parent.mkdir(exist_ok=True)
            later = {mark: seconds + number - 41 for mark, seconds in marks.items()}
            line = BootLine(kernel=str(number), program=program, boot=number, marks=later)
            with path.open("ab") as file:
                file.write(encode_boot_line(line))
    page.goto(f"{site.website.address}/#status")
    until(page.locator('[aria-label="Network"]'), "On its own access point, dashcam-7Q2F")
    until(page.locator('[aria-label="Network"]'), "http://dashcam.local/ or http://10.41.0.1/")
    boots = page.locator(".boots")
    until(boots, "Of the last 2 starts")
    row = boots.locator("tr", has_text="first video on the card")
    assert row.locator("td").all_inner_texts() == ["9.0 s", "9.5 s"]
    boots.locator("summary").click()
    until(boots.locator("li").first, "Start 42: video after 9.5 s, page after 15.3 s")
    until(boots.locator("li").nth(1), "over within three minutes")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nobody_is_kept_out_and_all_suits_a_thumb(page: Page, site: Site, theme: str) -> None:
    site.network.save(PHONE)
    site.network.save("home", words=REFUSED)
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    wifi = look_at(page, site)
    page.locator("#section-shares > summary").click()
    page.locator(".set-password").click()
    wifi.locator(".scan").click()
    wifi.locator("button.seen").first.wait_for()
    wifi.get_by_role("button", name="Show name and key").click()
    wifi.locator(".own img").wait_for()
    page.evaluate("for (const one of document.querySelectorAll('.network-place details')) one.open = true")
    found = serious(faults_of(page))
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    touched = ".network-place :is(button, summary, a, input):visible"
    assert page.locator(touched).evaluate_all(OUTSIDE) == []
    wifi.locator("button.seen").first.click()
    page.locator(".network-form summary").click()
    found += serious(faults_of(page))
    assert page.locator(".network-form :is(button, input:not([type=checkbox])):visible").evaluate_all(OUTSIDE) == []
    assert found == []
