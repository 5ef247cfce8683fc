"""What a route is given and what it answers, beside its role: `@describes(answers=Status)`.

The description of the whole API for programs (see `openapi`) is made from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from dashcam.errors import DashcamError

_MARK = "api_description"
Handler = TypeVar("Handler", bound=Callable[..., Any])
Struct = type[msgspec.Struct]

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Of one route."""

    answers: Struct | None = None
    """The struct that it answers as JSON."""
    content: tuple[str, ...] = ()
    """Where it answers no JSON: the content types."""
    query: Struct | None = None
    """The struct that `asked_query` reads."""
    body: Struct | None = None
    """The struct that `json_request` reads."""
    body_may_be_empty: bool = False
    """It is answered without a body, too."""
    refuses: tuple[type[DashcamError], ...] = ()
    """What it may raise, beside BadRequest for what it is given."""
    also: Mapping[int, str] = field(default_factory=dict)
    """Other statuses that it answers without JSON, in words."""


def describes(
    *,
    answers: Struct | None = None,
    content: Iterable[str] = (),
    query: Struct | None = None,
    body: Struct | None = None,
    body_may_be_empty: bool = False,
    refuses: Iterable[type[DashcamError]] = (),
    also: Mapping[int, str] | None = None,
) -> Callable[[Handler], Handler]:
    """Declares what a route's handler is given and answers; its docstring says the rest."""
    description = Description(
        answers=answers,
        content=tuple(content),
        query=query,
        body=body,
        body_may_be_empty=body_may_be_empty,
        refuses=tuple(refuses),
        also=dict(also or {}),
    )

    def mark(handler: Handler) -> Handler:
        setattr(handler, _MARK, description)
        return handler

    return mark


def description_of(handler: Callable[..., Any]) -> Description | None:
    """What was declared; None when nothing was."""
    found: Description | None = getattr(handler, _MARK, None)
    return found
