"""The settings as a list of facts: for `--set`, for the README's table and for the page.

`python -m dashcam.settings --write README.md` puts the table into the README, between its two marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from dashcam.settings.schema import Settings


class SettingFact(msgspec.Struct, frozen=True):
    """One setting: its full name, type for msgspec, default, and what the page and the README say of it."""

    name: str
    type: Any
    default: Any
    label: str
    help: str
    unit: str
    limits: str
    check: Callable[[Any], object] | None = None
    """What a value of the right type must pass, too; raises SettingsError."""


def every_setting() -> Iterator[SettingFact]:
    """All settings in the order of the schema."""
    for section, section_type in get_type_hints(Settings).items():
        defaults = section_type()
        for name, hint in get_type_hints(section_type, include_extras=True).items():
            yield _fact(f"{section}.{name}", hint, getattr(defaults, name))


def _metas(hint: Any) -> list[msgspec.Meta]:
    return [part for part in get_args(hint)[1:] if isinstance(part, msgspec.Meta)] if _is_annotated(hint) else []


def _is_annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _fact(name: str, hint: Any, default: Any) -> SettingFact:
    metas = _metas(hint)
    label = next((meta.title for meta in metas if meta.title), name)
    text = next((meta.description for meta in metas if meta.description), "")
    unit = next((str(meta.extra["unit"]) for meta in metas if meta.extra and "unit" in meta.extra), "")
    check = next((meta.extra["check"] for meta in metas if meta.extra and "check" in meta.extra), None)
    return SettingFact(name, hint, default, label, text, unit, _limits(hint, metas), check)


def _limits(hint: Any, metas: list[msgspec.Meta]) -> str:
    base = get_args(hint)[0] if _is_annotated(hint) else hint
    if base is bool:
        return "true, false"
    choices = get_args(base)
    if choices:
        return ", ".join(str(choice) for choice in choices)
    low = next(
        (str(m.ge) if m.ge is not None else f"over {m.gt}" for m in metas if m.ge is not None or m.gt is not None),
        "",
    )
    high = next((str(meta.le) for meta in metas if meta.le is not None), "")
    return f"{low} to {high}" if low and high else ""


def markdown_table() -> str:
    """The README's table of settings."""
    rows = ["| setting | default | limits | what it does |", "|---|---|---|---|"]
    for fact in every_setting():
        default = str(fact.default).lower() if isinstance(fact.default, bool) else str(fact.default)
        shown = f"`{default}`" if default else "(empty)"
        limits = " ".join(part for part in (fact.limits, fact.unit) if part)
        rows.append(f"| `{fact.name}` | {shown} | {limits} | {fact.label}: {fact.help} |")
    return "\n".join(rows) + "\n"


_BEGIN, _END = (
    "<!-- settings: python -m dashcam.settings --write README.md -->\n",
    "<!-- end of settings -->\n",
)


def with_table(page: str) -> str:
    """The page with the table of today between its marks. Raises ValueError when it has none."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"the page has no marks {_BEGIN.strip()} and {_END.strip()}")
    return f"{before}{begin}\n{markdown_table()}\n{end}{after}"
