"""The rules of the network mode, most important first: the first one that has something to say decides.

Each looks at one moment and gives what the mode is now, why in words, and at most one thing to do. They are asked only
while no order is under way and the radio has been seen since the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashcam.link.network_messages import WifiState
from dashcam.network import mode_words as words
from dashcam.network.mode_state import OrderKind
from dashcam.network.mode_view import (
    DEAD_WAIT_SECONDS,
    LAST_RUNG,
    LEAVE_LIMIT_SECONDS,
    OPEN_LIMIT_SECONDS,
    RADIO_LIMIT_SECONDS,
    RETRY_SECONDS,
    UNREADY_SECONDS,
    View,
)


@dataclass(frozen=True, slots=True)
class Todo:
    """What is to be done, without its epoch."""

    kind: OrderKind
    limit_seconds: float
    uuid: str = ""
    spares_guests: bool = False
    is_rung: bool = False
    """A step of the ladder for a dead radio."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the mode is now, why, and what is done about it."""

    phase: WifiState
    words: str
    todo: Todo | None = None
    scans: bool = False
    """It listens meanwhile."""
    begins_try: bool = False
    begins_look: bool = False


Rule = Callable[[View], Decision | None]


def left_alone(view: View) -> Decision | None:
    """Switched off in the settings: nothing of Wi-Fi is touched."""
    return None if view.mode.is_on else Decision("off", words.OFF)


def nothing_known_yet(view: View) -> Decision | None:
    """The list of known networks is read first: without it every network would be a stranger."""
    if view.mode.known is None and not view.mode.blindness:
        return Decision("starting", words.STARTING)
    return None


def no_radio(view: View) -> Decision | None:
    """A machine without a radio, or without NetworkManager, is as it is."""
    if view.mode.blindness:
        return Decision("no_radio", view.mode.blindness)
    if not view.mode.radio.interface and not view.mode.had_radio:
        return Decision("no_radio", words.NO_RADIO)
    return None


def unmanaged_radio(view: View) -> Decision | None:
    """Somebody has told NetworkManager to leave this radio alone."""
    return Decision("failed", words.unmanaged(view)) if view.is_unmanaged else None


def radio_not_ready(view: View) -> Decision | None:
    """It comes up, or has gone: wait, and after a while help it."""
    if view.mode.unready_since is None:
        return None
    if view.unready_seconds < UNREADY_SECONDS:
        return Decision("starting", words.STARTING)
    return _next_rung(view, words.not_ready(view), has_radio=False)


def occupied_access_point(view: View) -> Decision | None:
    """Whoever is on the access point is never thrown off it, but by a try they have asked for."""
    if view.is_open and view.is_occupied and not view.is_try_due:
        return Decision("access_point", words.occupied(view))
    return None


def a_try_that_was_asked_for(view: View) -> Decision | None:
    """It leaves what it is on, whatever that is."""
    if not view.is_try_due or view.mode.wanted is None:
        return None
    leave = Todo("leave", LEAVE_LIMIT_SECONDS)
    return Decision("looking", words.trying(view, view.mode.wanted.uuid), leave, begins_try=True)


def a_joined_network(view: View) -> Decision | None:
    """What works is kept, whatever else comes into reach."""
    return Decision("joined", words.joined(view)) if view.is_joined else None


def a_renamed_access_point(view: View) -> Decision | None:
    """With nobody on it, it is left, to be opened anew under the name of the settings."""
    if view.is_open and view.mode.radio.ssid != view.mode.own_ssid:
        leave = Todo("leave", LEAVE_LIMIT_SECONDS, spares_guests=True)
        return Decision("looking", words.RENAMED, leave, begins_look=True)
    return None


def time_to_look_around(view: View) -> Decision | None:
    """The radio is deaf while it is an access point, so that is left for a moment, if nobody is on it."""
    if view.is_open and view.look_at is not None and view.now >= view.look_at:
        leave = Todo("leave", LEAVE_LIMIT_SECONDS, spares_guests=True)
        return Decision("looking", words.LOOKING, leave, begins_look=True)
    return None


def an_open_access_point(view: View) -> Decision | None:
    """It stays open."""
    return Decision("access_point", words.empty(view)) if view.is_open else None


def a_network_that_recovers(view: View) -> Decision | None:
    """A lost network is given a few seconds to be found again by the radio itself."""
    return Decision("looking", words.searching(view), scans=True) if view.recovers_by_itself else None


def a_network_in_reach(view: View) -> Decision | None:
    """The first known one by the user's order, then by strength, if there is time for it."""
    profile = view.candidate
    if profile is None:
        return None
    todo = Todo("join", view.join_seconds, profile.uuid)
    return Decision("joining", words.joining(view, profile.uuid), todo)


def a_join_by_itself(view: View) -> Decision | None:
    """NetworkManager was quicker."""
    if not view.joins_by_itself:
        return None
    return Decision("joining", words.joining(view, view.mode.radio.uuid))


def listen_on(view: View) -> Decision | None:
    """Never after one scan alone: phones are missed now and then, and show themselves but briefly."""
    if not view.is_patient:
        return None
    is_start = view.mode.search is not None and view.mode.search.kind == "start"
    return Decision("starting" if is_start else "looking", words.searching(view), scans=True)


def a_dead_radio(view: View) -> Decision | None:
    """The access point did not open: once more, then the next rung of the ladder."""
    ladder = view.mode.ladder
    if ladder.failures == 0 or (ladder.rung == 0 and ladder.failures < 2):
        return None
    if ladder.rung >= LAST_RUNG and view.now - ladder.failed_at >= RETRY_SECONDS:
        return None
    return _next_rung(view, words.dead(view), has_radio=True)


def open_the_access_point(view: View) -> Decision | None:
    """No known network is there."""
    return Decision("opening", words.opening(view), Todo("open", OPEN_LIMIT_SECONDS))


def _next_rung(view: View, why: str, *, has_radio: bool) -> Decision:
    """Leave everything, radio off and on, the driver anew, wait. Never more: recording goes on meanwhile."""
    ladder = view.mode.ladder
    if ladder.rung >= LAST_RUNG and view.now - ladder.at < DEAD_WAIT_SECONDS:
        return Decision("failed", f"{why} {words.DEAD_WAITS}", scans=has_radio)
    kinds: tuple[OrderKind, ...] = ("leave", "cycle", "reload")
    first = 0 if has_radio else 1
    rung = max(ladder.rung, first) if ladder.rung < LAST_RUNG else 1
    kind = kinds[rung]
    limit_seconds = LEAVE_LIMIT_SECONDS if kind == "leave" else RADIO_LIMIT_SECONDS
    return Decision("failed", f"{why} {words.RUNGS[kind]}", Todo(kind, limit_seconds, is_rung=True))


RULES: tuple[Rule, ...] = (
    left_alone,
    no_radio,
    nothing_known_yet,
    unmanaged_radio,
    radio_not_ready,
    occupied_access_point,
    a_try_that_was_asked_for,
    a_joined_network,
    a_renamed_access_point,
    time_to_look_around,
    an_open_access_point,
    a_network_that_recovers,
    a_join_by_itself,
    a_network_in_reach,
    listen_on,
    a_dead_radio,
    open_the_access_point,
)
"""The last one always has something to say."""


def decide(view: View) -> Decision:
    """What the first rule says that has something to say."""
    for rule in RULES:
        decision = rule(view)
        if decision is not None:
            return decision
    raise AssertionError("the last rule always decides")
