"""dashcam.toml on the boot partition, for somebody with Notepad: what it says, and every mistake at once. Pure.

No word of a mistake repeats what was written, but where it is one of our own names: it may be a password.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dashcam.errors import DashcamError, SettingsError
from dashcam.network.base import NewNetwork
from dashcam.network.keys import check_address, check_key, check_ssid, shown
from dashcam.network.shares import check_share_password
from dashcam.network.wanted import WantedCut
from dashcam.settings.describe import SettingFact, every_setting
from dashcam.settings.handwritten import Document, Header, Statement, understand
from dashcam.settings.load import BOOT_PLACE, OVERRIDE, first_mistakes, handwritten_value, override_mistakes

# What people call it: the first of each is what we call it in the file.
_SETTINGS = {
    "network.country": ("country", "wifi_country"),
    "clock.zone": ("time_zone", "timezone", "zone", "tz"),
    "network.host_name": ("name", "host_name", "hostname"),
    "camera.rotation": ("rotation", "rotate", "camera_rotation"),
    "shares.smb": ("network_drive", "drive", "smb", "samba", "windows_share"),
    "shares.ftp": ("ftp",),
}
_PASSWORD = ("password", "owner_password", "passwort", "passphrase", "key", "psk", "wifi_password", "wpa_key")
_OF_NETWORK = {
    "name": ("name", "ssid", "network", "wifi"),
    "password": _PASSWORD,
    "hidden": ("hidden",),
    "address": ("address", "ip", "ip_address", "fixed_address"),
    "gateway": ("gateway", "router"),
}
_TOP = {alias: name for name, aliases in _SETTINGS.items() for alias in aliases} | dict.fromkeys(_PASSWORD, "password")
_NETWORK = {alias: name for name, aliases in _OF_NETWORK.items() for alias in aliases}
# Each is a profile of NetworkManager, and a line in what is written beside the file.
_MOST_NETWORKS = 30
_NETWORK_SECTIONS = ("wifi", "wi_fi", "wlan", "hotspot", "wifis", "wifi_network")
# Settings may be gathered below such a heading, too.
_PLAIN_SECTIONS = ("shares", "share", "dashcam", "owner", "system", "general")
_TOLD_TOP = ("country", "time_zone", "name", "rotation", "network_drive", "ftp", "password")
_TOLD_NETWORK = tuple(_OF_NETWORK)
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_ADDRESS = re.compile(r"[0-9./]*", re.ASCII)
_DEGREES = re.compile(r"(\d+)\s*(°|deg|degrees)?", re.IGNORECASE)

# It records already when the file is read, and nobody interrupts that.
_LATER = ", from the next start of the camera"

TAKEN = "taken over by the dashcam and removed here; write a new line to change it"
"""Stands behind `# password: ` where one was; by it an open network is told from one whose password was taken over."""


@dataclass(frozen=True, slots=True)
class BootSecret:
    """A password, and the lines that hold it."""

    text: str = field(repr=False)
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class BootNetwork:
    """A network. `secret`: None for an open one, and for one whose password was taken over before."""

    line: int
    ssid: bytes
    secret: BootSecret | None = None
    was_taken: bool = False
    is_hidden: bool = False
    address: str = ""
    gateway: str = ""

    def wish(self) -> NewNetwork:
        """As the radio is told."""
        key = self.secret.text if self.secret else ""
        return NewNetwork(self.ssid, key, is_hidden=self.is_hidden, address=self.address, gateway=self.gateway)

    @property
    def words(self) -> str:
        """For people."""
        kind = "" if self.secret or self.was_taken else ", an open network: no password is written below it"
        return f"the network {shown(self.ssid)}{kind}"


@dataclass(frozen=True, slots=True)
class BootFile:
    """What the file says, as far as it can be understood."""

    settings: dict[str, Any]
    """Good values by full names."""
    networks: tuple[BootNetwork, ...]
    """In the file's order, each name once."""
    password: BootSecret | None
    had_password: bool
    """The owner's was taken over before."""
    mistakes: tuple[str, ...]
    """By lines."""
    codec: str

    @property
    def secrets(self) -> tuple[BootSecret, ...]:
        """All that are to be taken out, once they are taken over."""
        found = [self.password, *(network.secret for network in self.networks)]
        return tuple(secret for secret in found if secret is not None)

    @property
    def taken(self) -> tuple[str, ...]:
        """In words, without secrets; the same before and after they were taken out."""
        words = [
            f"{fact.label}: {_said(self.settings[fact.name])}{_LATER if fact.applies == 'camera' else ''}"
            for fact in every_setting()
            if fact.name in self.settings
        ]
        words += [network.words for network in self.networks]
        return (*words, *(["the password of the shares"] if self.password or self.had_password else []))

    def cuts(self, secrets: Iterable[BootSecret]) -> tuple[WantedCut, ...]:
        """Puts a remark where each of these secrets is."""
        put = f"# password: {TAKEN}".encode(self.codec)
        return tuple(WantedCut(start=start, end=end, put=put) for secret in secrets for start, end in secret.places)


def parse_boot_file(content: bytes) -> BootFile:
    """Reads what can be read. Raises nothing."""
    return _Reader(understand(content)).read()


def _said(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


class _Reader:
    """Goes through a document once, section by section."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._facts: dict[str, SettingFact] = {fact.name: fact for fact in every_setting()}
        self._mistakes: list[tuple[int, str]] = []
        self._settings: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        self._passwords: list[Statement] = []
        self._networks: list[BootNetwork] = []
        self._mistaken = {mistake.table for mistake in document.mistakes}
        # By header: those of taken passwords, and 0 for the owner's.
        self._taken = {each.table for each in document.comments if TAKEN[:10] in each.text and "password" in each.text}

    def read(self) -> BootFile:
        for mistake in self._document.mistakes:
            if mistake.section[:1] != (OVERRIDE,):
                self._mistakes.append((mistake.line, str(mistake)))
        of_table: dict[int, list[Statement]] = {}
        for statement in self._document.statements:
            of_table.setdefault(statement.table, []).append(statement)
        self._take_plain(of_table.get(0, []))
        for header in self._document.headers:
            self._take_section(header, of_table.get(header.table, []))
        password = self._password()
        if self._networks:
            self._settings["network.wifi"] = True
        told = [words for _, words in sorted(self._mistakes, key=lambda each: each[0])]
        live = (words.removeprefix(BOOT_PLACE) for words in override_mistakes(self._document))
        return BootFile(
            self._settings,
            tuple(self._networks),
            password,
            password is None and bool(self._taken & self._plain_tables()),
            (*first_mistakes(told), *live),
            self._document.codec,
        )

    def _plain_tables(self) -> set[int]:
        plain = {
            header.table for header in self._document.headers if header.name[:1] and header.name[0] in _PLAIN_SECTIONS
        }
        return {0, *plain}

    def _take_section(self, header: Header, statements: list[Statement]) -> None:
        name = header.name[0] if header.name else ""
        if name in _NETWORK_SECTIONS:
            self._take_network(header, statements)
        elif name in _PLAIN_SECTIONS:
            self._take_plain(statements)
        elif name in {fact.section for fact in self._facts.values()}:
            self._mind(header.line, f"write [{OVERRIDE}] instead, and below it {name}. before each name")
        elif name and name != OVERRIDE:
            hint = (
                _meant(name, (*_NETWORK_SECTIONS, *_PLAIN_SECTIONS, OVERRIDE)) or "; there are [[wifi]] and [override]"
            )
            self._mind(header.line, f"this section is not known, what is below it is not used{hint}")

    def _take_plain(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            name = _TOP.get("_".join(statement.key))
            if name is None:
                self._mind(statement.line, _unknown(statement, _TOP, _TOLD_TOP))
            elif name == "password":
                self._passwords.append(statement)
            elif self._is_first(name, statement):
                self._set(name, statement)

    def _is_first(self, name: str, statement: Statement) -> bool:
        if not statement.text:
            return False  # left empty: not said
        if name in self._lines:
            self._mind(statement.line, f"this stands in line {self._lines[name]} already, which counts")
            return False
        self._lines[name] = statement.line
        return True

    def _set(self, name: str, statement: Statement) -> None:
        value, text = statement.value, statement.text.strip()
        if name == "network.country":
            text = text.upper()
        if name == "camera.rotation" and (found := _DEGREES.fullmatch(text)):
            value = int(found[1])
        try:
            self._settings[name] = handwritten_value(self._facts[name], value, text)
        except SettingsError as error:
            self._mind(statement.line, f"{_SETTINGS[name][0]}: {error}")

    def _password(self) -> BootSecret | None:
        given = [statement for statement in self._passwords if statement.text]
        if not given:
            return None
        for other in given[1:]:
            self._mind(other.line, f"the password stands in line {given[0].line} already, which counts")
        try:
            check_share_password(given[0].text)
        except DashcamError as error:
            self._mind(given[0].line, f"{error}; it was not taken over and still stands here")
            return None
        return BootSecret(given[0].text, _places(given))

    def _take_network(self, header: Header, statements: list[Statement]) -> None:
        parts: dict[str, Statement] = {}
        passwords: list[Statement] = []
        for statement in statements:
            word = "_".join(statement.key)
            name = _NETWORK.get(word)
            if name is None and word in _TOP:
                self._take_plain([statement])  # in TOML it belongs to the network; nobody has meant that
            elif name is None:
                self._mind(statement.line, _unknown(statement, _NETWORK, _TOLD_NETWORK))
                self._mistaken.add(header.table)
            elif statement.text and name not in parts:
                parts[name] = statement
            elif statement.text:
                self._mind(statement.line, f"this stands in line {parts[name].line} already, which counts")
            if name == "password" and statement.text:
                passwords.append(statement)
        if not parts and header.table not in self._taken:
            return  # an empty form
        try:
            self._add_network(header, parts, passwords, has_mistakes=header.table in self._mistaken)
        except DashcamError as error:
            left = "; its password was not taken over and still stands here" if passwords else ""
            self._mind(header.line, f"this network is not taken over: {error}{left}")

    def _add_network(
        self, header: Header, parts: dict[str, Statement], passwords: list[Statement], *, has_mistakes: bool
    ) -> None:
        def text(name: str) -> str:
            return parts[name].text if name in parts else ""

        if not text("name"):
            raise SettingsError('its name is missing; write name = "..." below [[wifi]]')
        if not passwords and has_mistakes:
            raise SettingsError("mend the lines below it first")  # one may have been the password
        if any(not _ADDRESS.fullmatch(text(each).strip()) for each in ("address", "gateway")):
            raise SettingsError("write its address as 192.168.1.50/24, and its gateway as 192.168.1.1")
        ssid = text("name").encode(errors="surrogatepass")
        network = BootNetwork(
            header.line,
            ssid,
            BootSecret(text("password"), _places(passwords)) if passwords else None,
            was_taken=not passwords and header.table in self._taken,
            is_hidden=_is_yes(text("hidden")),
            address=text("address").strip(),
            gateway=text("gateway").strip(),
        )
        check_ssid(ssid)
        check_key(text("password"))
        check_address(network.address, network.gateway)
        former = next((other for other in self._networks if other.ssid == ssid), None)
        if former is not None:
            raise SettingsError(f"a network of this name stands in line {former.line} already")
        if len(self._networks) >= _MOST_NETWORKS:
            raise SettingsError(f"there are {_MOST_NETWORKS} networks above it already, and more are not taken")
        self._networks.append(network)

    def _mind(self, line: int, words: str) -> None:
        self._mistakes.append((line, f"line {line}: {words}"))


def _is_yes(text: str) -> bool:
    word = text.strip().lower()
    if word not in (*_YES, *_NO, ""):
        raise SettingsError("hidden: write yes or no")
    return word in _YES


def _places(statements: Iterable[Statement]) -> tuple[tuple[int, int], ...]:
    return tuple((statement.start, statement.end) for statement in statements)


def _meant(word: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(names), 1, 0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _unknown(statement: Statement, names: Iterable[str], told: Iterable[str]) -> str:
    return f"this name is not known{_meant('_'.join(statement.key), names) or '; there are ' + ', '.join(told)}"
