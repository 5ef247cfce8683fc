"""The settings as a list of facts: for `--set`, for the README's table and for the page.

`python -m dashcam.settings --write README.md` puts the table into the README, between its two marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from dashcam.settings.schema import Applies, Quantity, Settings

SettingType = Literal["bool", "int", "float", "text", "choice", "quantity"]

_QUANTITY_PATTERN = next(part.pattern for part in get_args(Quantity)[1:] if part.pattern)
_TYPES: dict[Any, SettingType] = {bool: "bool", int: "int", float: "float", str: "text"}


class SettingFact(msgspec.Struct, frozen=True, kw_only=True):
    """One setting: its full name, type for msgspec, default, and what the page and the README say of it."""

    name: str
    type: Any
    default: Any
    label: str
    help: str
    unit: str
    kind: SettingType
    choices: tuple[Any, ...] | None
    low: float | None
    low_is_excluded: bool
    high: float | None
    shortest: int
    longest: int | None
    applies: Applies
    check: Callable[[Any], object] | None
    """What a value of the right type must pass, too; raises SettingsError."""

    @property
    def section(self) -> str:
        """`camera` of `camera.fps`."""
        return self.name.partition(".")[0]

    @property
    def limits(self) -> str:
        """What is possible, in words; empty where the type says it all."""
        if self.kind == "bool":
            return "true, false"
        if self.choices is not None:
            return ", ".join(str(choice) for choice in self.choices)
        if self.low is None or self.high is None:
            return ""
        return f"{'over ' if self.low_is_excluded else ''}{self.low} to {self.high}"

    def sentence(self) -> str:
        """What is to be written there, for whoever wrote something else."""
        match self.kind:
            case "bool" | "choice":
                return f"choose one of {self.limits}"
            case "quantity":
                return "write an amount with its unit, such as 16 MB, 2 GiB or 80 %"
            case "text":
                return f"write a text of {self.shortest} to {self.longest} characters"
        return f"write a {'whole ' if self.kind == 'int' else ''}number: {self.limits}"


class SectionFact(msgspec.Struct, frozen=True, kw_only=True):
    """A section: its name, label and help."""

    name: str
    label: str
    help: str


def every_section() -> Iterator[SectionFact]:
    """All sections in the order of the schema."""
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        help_text = (get_args(hint)[0].__doc__ or "").strip()
        yield SectionFact(name=name, label=_first(_metas(hint), "title", name), help=help_text)


def every_setting() -> Iterator[SettingFact]:
    """All settings in the order of the schema."""
    for section, section_type in get_type_hints(Settings).items():
        defaults = section_type()
        for name, hint in get_type_hints(section_type, include_extras=True).items():
            yield _fact(f"{section}.{name}", hint, getattr(defaults, name))


def value_of(settings: Settings, name: str) -> Any:
    """The value of the setting with this full name."""
    section, _, field = name.partition(".")
    return getattr(getattr(settings, section), field)


def _metas(hint: Any) -> list[msgspec.Meta]:
    return [part for part in get_args(hint)[1:] if isinstance(part, msgspec.Meta)] if _is_annotated(hint) else []


def _is_annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _first(metas: list[msgspec.Meta], attribute: str, otherwise: Any = None) -> Any:
    return next((getattr(meta, attribute) for meta in metas if getattr(meta, attribute) is not None), otherwise)


def _fact(name: str, hint: Any, default: Any) -> SettingFact:
    metas = _metas(hint)
    base = get_args(hint)[0] if _is_annotated(hint) else hint
    extra: dict[str, Any] = {}
    for meta in metas:
        extra |= meta.extra or {}
    choices = get_args(base) if get_origin(base) is Literal else None
    kind: SettingType = "choice" if choices is not None else _TYPES[base]
    if _first(metas, "pattern") == _QUANTITY_PATTERN:
        kind = "quantity"
    excluded = _first(metas, "gt")
    return SettingFact(
        name=name,
        type=hint,
        default=default,
        label=_first(metas, "title", name),
        help=_first(metas, "description", ""),
        unit=str(extra.get("unit", "")),
        kind=kind,
        choices=choices,
        low=_first(metas, "ge", excluded),
        low_is_excluded=excluded is not None,
        high=_first(metas, "le"),
        shortest=_first(metas, "min_length", 0),
        longest=_first(metas, "max_length"),
        applies=extra.get("applies", "at_once"),
        check=extra.get("check"),
    )


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
