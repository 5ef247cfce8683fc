"""What browsers call time zones by their first names, under the names that every machine's tables have."""

from __future__ import annotations

from zoneinfo import available_timezones

# Chrome and Safari keep the name under which CLDR first had a zone (CLDR's timezone.xml, where `iana` differs from the
# first alias); Debian 13 has moved these names out of tzdata into tzdata-legacy.
_TODAY = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}


def names_of(zone: str) -> tuple[str, ...]:
    """The names of a browser's zone, today's before the old one: older tables have only that."""
    return (_TODAY[zone], zone) if zone in _TODAY else (zone,)


def is_place(zone: str) -> bool:
    """Whether the machine's list of zones has it; its tables also have `posixrules` and doubles such as `right/UTC`.

    Looks through all tables: for a name that is about to be offered.
    """
    return zone in available_timezones()
