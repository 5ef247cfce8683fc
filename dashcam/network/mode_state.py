"""What the network mode knows, what it is told, and what it orders: values only; see `dashcam.network.mode`.

All times are seconds of one monotonic clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dashcam.link.network_messages import WifiState
from dashcam.network.base import Profile, RadioState, TroubleKind

LONG_AGO = float("-inf")

# ---- what it is told


@dataclass(frozen=True, slots=True)
class Heard:
    """A network that was last heard at `at`; the strongest of its access points."""

    at: float
    signal_percent: int


@dataclass(frozen=True, slots=True)
class Looked:
    """The radio as it was when looking at it began, at `at`."""

    at: float
    radio: RadioState
    heard: Mapping[bytes, Heard] = field(default_factory=dict)
    is_linked: bool = True
    """The kernel says that it hears whom it has joined; NetworkManager believes it for 15 s longer."""
    blindness: str = ""
    """Why nobody can tell, with the cure; `radio` is that of a machine without one then."""


@dataclass(frozen=True, slots=True)
class Known:
    """All networks that are known now."""

    profiles: tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """A network is new or has another key: what became of earlier tries is void."""

    uuid: str


@dataclass(frozen=True, slots=True)
class Told:
    """The settings: whether Wi-Fi is to be looked after, and the name of the own access point."""

    is_on: bool
    own_ssid: bytes = b""


@dataclass(frozen=True, slots=True)
class TryAsked:
    """Somebody wants to leave what it is on for a network; empty: for any known one."""

    uuid: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The order of this epoch is done, or was not: `trouble` says why, `words` for people."""

    epoch: int
    trouble: TroubleKind | Literal["occupied"] | None = None
    """occupied: somebody is on the access point that was to be left."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing but that time has passed."""


Event = Looked | Known | KeyChanged | Told | TryAsked | Answered | Tick

# ---- what it orders


@dataclass(frozen=True, slots=True)
class Scan:
    """Look around, also for those that hide. Nobody waits for an answer: what is heard comes with `Looked`."""

    hidden: tuple[bytes, ...] = ()


OrderKind = Literal["join", "open", "leave", "cycle", "reload"]


@dataclass(frozen=True, slots=True)
class Order:
    """One thing for the radio to do, answered with `Answered` of the same epoch; there is never more than one."""

    epoch: int
    kind: OrderKind
    """open: the own access point; leave: what it is on; cycle: off and on again; reload: the driver, too."""
    limit_seconds: float
    uuid: str = ""
    """Of the network to join."""
    spares_guests: bool = False
    """Leave only if nobody is on the access point at that very moment."""


Action = Scan | Order

# ---- what it knows

SearchKind = Literal["start", "lost", "look", "try", "closed"]
"""Why there is neither network nor access point: the radio is ready; a network was lost; the access point was left to
look around; somebody wanted to try; the access point has vanished."""


@dataclass(frozen=True, slots=True)
class Search:
    """A time without network and without access point; all limits count from `since`."""

    kind: SearchKind
    since: float
    only: str = ""
    """The network that somebody wants to try; empty: any."""
    tried: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What became of the last tries of a network."""

    kind: str
    words: str
    failures: int
    not_before: float
    """Until then it is left out, unless somebody asks for it."""


@dataclass(frozen=True, slots=True)
class Try:
    """What somebody asked for, and when it begins."""

    uuid: str
    leaves_at: float


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far it has come with a radio that does not do what it is told."""

    failures: int = 0
    """Of opening the access point, since the last rung."""
    rung: int = 0
    at: float = LONG_AGO
    """When the last rung was tried."""
    failed_at: float = LONG_AGO
    """When the access point did not open last."""
    words: str = ""
    """What the radio said last."""


@dataclass(frozen=True, slots=True)
class Mode:
    """Everything the network mode knows. Made by `step` alone."""

    phase: WifiState = "off"
    words: str = ""
    since: float = LONG_AGO
    """When `phase` began."""
    epoch: int = 0
    """Of the last order; the answer to an earlier one means nothing any more."""
    order: Order | None = None
    """Under way."""
    overdue_at: float = 0.0
    """When it is given up."""
    answered_at: float = LONG_AGO
    """The last one was: what was seen of the radio before that is old."""
    is_on: bool = False
    own_ssid: bytes = b""
    known: tuple[Profile, ...] | None = None
    """None: not read yet."""
    radio: RadioState = field(default_factory=RadioState)
    looked_at: float = LONG_AGO
    is_linked: bool = True
    blindness: str = ""
    heard: Mapping[bytes, Heard] = field(default_factory=dict)
    scanned_at: float = LONG_AGO
    had_radio: bool = False
    unready_since: float | None = None
    search: Search | None = None
    """None while a network is joined, the access point is open, or the radio cannot do either."""
    guests: int | None = 0
    """On the access point; None: nobody can tell."""
    opened_at: float = LONG_AGO
    eager_since: float = LONG_AGO
    """From then on it looks around often: the access point is new, or its last guest has left."""
    empty_since: float = LONG_AGO
    is_look_wanted: bool = False
    """There is a reason to look around before it is time."""
    wanted: Try | None = None
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    ladder: Ladder = field(default_factory=Ladder)
