"""Who may use which route. Login comes later; the role is declared from the start, without default."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

# viewer: watches and downloads. driver: also takes photos, saves, locks, starts, stops and brings the time. owner: also
# deletes and changes settings. Each may do what those before it may.
Role = Literal["viewer", "driver", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "driver", "owner")

_MARK = "needed_role"
Handler = TypeVar("Handler", bound=Callable[..., Any])


def needs(role: Role) -> Callable[[Handler], Handler]:
    """Declares the role that a route's handler needs: `@needs("viewer")`."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _MARK, role)
        return handler

    return mark


def role_of(handler: Callable[..., Any]) -> Role | None:
    """The declared role; None when it was forgotten."""
    role: Role | None = getattr(handler, _MARK, None)
    return role if role in ROLES else None


def refuse_routes_without_role(routes: Iterable[Any]) -> None:
    """Raises TypeError, naming them, when any of Bottle's routes does not say what it needs."""
    bare = [f"{route.method} {route.rule}" for route in routes if role_of(route.callback) is None]
    if bare:
        raise TypeError(f"no role is declared with @needs for: {', '.join(bare)}")
