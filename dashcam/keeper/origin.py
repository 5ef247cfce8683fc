"""When was a file that people have dropped in recorded? By its name, by its own account, or by its date of change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashcam.clock import NANOSECONDS

# dcp_20261120154500, 2026-11-20_15-45-00, VID_20261120_154500, 2026.11.20 15:45:00 and what else cameras write.
_TIME_IN_NAME = re.compile(
    r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})[T _-]{0,3}(\d{2})[-_.:h]?(\d{2})[-_.:m]?(\d{2})(?!\d)", re.ASCII
)
# What cameras without a clock write; and a file from the far future is none.
_EARLIEST_YEAR, _LATEST_YEAR = 1990, 2099
_LATEST_NS = int(datetime(_LATEST_YEAR, 12, 31, tzinfo=UTC).timestamp()) * NANOSECONDS


@dataclass(frozen=True, slots=True)
class Origin:
    """The moment in UTC nanoseconds, and whence it is known, for the note."""

    utc_ns: int
    source: str


def origin_of(name: str, taken: str | None, modified_ns: int, zone: ZoneInfo | None) -> Origin:
    """`taken` is what the file says itself (ISO 8601); a time without an offset is local time of `zone`."""
    in_name = _time_in_name(name)
    if in_name is not None:
        return Origin(_utc_ns(in_name, zone), "its name")
    by_itself = _time_of(taken)
    if by_itself is not None:
        return Origin(_utc_ns(by_itself, zone), "its own account")
    return Origin(max(0, min(modified_ns, _LATEST_NS)), "its date of change")


def _time_in_name(name: str) -> datetime | None:
    match = _TIME_IN_NAME.search(name)
    if match is None:
        return None
    try:
        found = datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type] # noqa: DTZ001 local time
    except ValueError:
        return None
    return found if _EARLIEST_YEAR <= found.year <= _LATEST_YEAR else None


def _time_of(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and _EARLIEST_YEAR <= found.year <= _LATEST_YEAR else None


def _utc_ns(moment: datetime, zone: ZoneInfo | None) -> int:
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.astimezone(UTC).timestamp()) * NANOSECONDS
