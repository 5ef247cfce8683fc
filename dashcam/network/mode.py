"""The network mode as a pure state machine: `step(mode, event, now)` gives the mode after the event and what to do.

One radio, one role: it joins a known network, or it is the own access point. What it is told becomes part of the
state here; what is to be done about it is the table RULES in `dashcam.network.mode_rules`, and the times are in
`dashcam.network.mode_view`. There is never more than one order under way. Each has a number, its epoch, so that an
answer that comes after it was given up means nothing; likewise what was seen of the radio before the answer.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from dashcam.network.base import DISCONNECTED, RadioState
from dashcam.network.mode_rules import Decision, Todo, decide
from dashcam.network.mode_state import (
    Action,
    Answered,
    Event,
    KeyChanged,
    Known,
    Ladder,
    Looked,
    Mode,
    Order,
    Scan,
    Search,
    SearchKind,
    Tick,
    Told,
    Trouble,
    Try,
    TryAsked,
)
from dashcam.network.mode_view import GONE_SECONDS, LEAVES_IN_SECONDS, View, after_failure
from dashcam.network.mode_words import IPHONE, JOIN_TOOK_TOO_LONG, OFF, STARTING

# An order has its own limit; only what hangs beyond that is given up.
_GIVEN_UP_AFTER_SECONDS = 5.0
_KEPT_HEARD_SECONDS = 300.0
# A radio changes its role: it is not ready for a moment, and that does not stop the clock.
_BRIEFLY_SECONDS = 5.0


def step(mode: Mode, event: Event, now: float) -> tuple[Mode, tuple[Action, ...]]:
    """Pure. `now` on the monotonic clock of all times in `mode` and `event`; it never goes back."""
    mode = _absorb(mode, event, now)
    if mode.order is not None and mode.is_on:
        if now < mode.overdue_at:
            return mode, ()
        mode = _answered(mode, Answered(mode.order.epoch, "timeout", "the system does not answer"), now)
    is_needed = mode.is_on and not mode.blindness
    if is_needed and mode.looked_at <= mode.answered_at:
        return mode, ()
    view = View(mode, now)
    if view.is_try_stale:
        view = View(_with(mode, wanted=None), now)
    return _carried_out(view, decide(view))


def _with(mode: Mode, **changes: Any) -> Mode:
    return dataclasses.replace(mode, **changes)


# ---- what it is told


def _absorb(mode: Mode, event: Event, now: float) -> Mode:
    match event:
        case Looked():
            return _looked(mode, event, now)
        case Answered():
            return _answered(mode, event, now)
        case Known(profiles):
            uuids = {profile.uuid for profile in profiles}
            kept = {uuid: trouble for uuid, trouble in mode.troubles.items() if uuid in uuids}
            return _with(mode, known=profiles, troubles=kept)
        case KeyChanged(uuid):
            kept = {other: trouble for other, trouble in mode.troubles.items() if other != uuid}
            return _with(mode, troubles=kept, is_look_wanted=True)
        case Told(is_on, own_ssid):
            if is_on == mode.is_on:
                return _with(mode, own_ssid=own_ssid)
            return _begun_anew(mode, now, is_on=is_on, own_ssid=own_ssid)
        case TryAsked(uuid):
            return _with(mode, wanted=Try(uuid, now + LEAVES_IN_SECONDS)) if mode.is_on else mode
        case Tick():
            return mode


def _begun_anew(mode: Mode, now: float, *, is_on: bool, own_ssid: bytes) -> Mode:
    """Nothing of the past counts, but for an order that is still under way."""
    return Mode(
        phase="starting" if is_on else "off",
        words=STARTING if is_on else OFF,
        since=now,
        epoch=mode.epoch,
        order=mode.order,
        overdue_at=mode.overdue_at,
        answered_at=now,
        known=mode.known,
        is_on=is_on,
        own_ssid=own_ssid,
    )


def _looked(mode: Mode, event: Looked, now: float) -> Mode:
    """The radio as it is. What was seen before the last answer is old."""
    if event.at <= mode.answered_at or event.at < mode.looked_at:
        return mode
    radio = event.radio
    heard = {ssid: found for ssid, found in mode.heard.items() if now - found.at < _KEPT_HEARD_SECONDS}
    for ssid, found in event.heard.items():
        if ssid not in heard or heard[ssid].at <= found.at:
            heard[ssid] = found
    was_open, was_up = mode.radio.is_open, mode.search is None and _is_up(mode)
    unready_since = None
    if radio.number < DISCONNECTED and not event.blindness and (radio.interface or mode.had_radio):
        unready_since = mode.unready_since if mode.unready_since is not None else now
    after = _with(
        mode,
        radio=radio,
        looked_at=event.at,
        is_linked=event.is_linked,
        blindness=event.blindness,
        heard=heard,
        had_radio=mode.had_radio or bool(radio.interface),
        unready_since=unready_since,
    )
    after = _with(after, search=_search_after(after, now, was_up=was_up, was_open=was_open))
    if radio.is_joined and event.is_linked:
        return _joined(after)
    return _open(after, now, ended=mode.search, was_open=was_open) if radio.is_open else after


def _is_up(mode: Mode) -> bool:
    return mode.radio.is_open or (mode.radio.is_joined and mode.is_linked)


def _search_after(mode: Mode, now: float, *, was_up: bool, was_open: bool) -> Search | None:
    """The time without network and access point goes on, begins, or is over."""
    if not mode.radio.is_ready:
        is_brief = mode.unready_since is not None and now - mode.unready_since < _BRIEFLY_SECONDS
        return mode.search if is_brief else None
    if _is_up(mode):
        # While the order to leave it is under way it may be seen once more.
        return mode.search if mode.order is not None and mode.order.kind == "leave" else None
    if mode.search is not None:
        return mode.search
    kind: SearchKind = "start"
    if was_up:
        kind = "closed" if was_open else "lost"
    return Search(kind=kind, since=now)


def _joined(mode: Mode) -> Mode:
    kept = {uuid: trouble for uuid, trouble in mode.troubles.items() if uuid != mode.radio.uuid}
    return _with(mode, troubles=kept, ladder=Ladder(), is_look_wanted=False)


def _open(mode: Mode, now: float, *, ended: Search | None, was_open: bool) -> Mode:
    """Who is on the access point, and since when it is open, new, and empty."""
    guests = guests_on(mode.radio)
    changes: dict[str, Any] = {"guests": guests, "ladder": Ladder()}
    has_left_in_vain = ended is not None and mode.search is None
    if not was_open or has_left_in_vain:
        changes["opened_at"] = now
        if ended is None or ended.kind not in ("look", "closed"):
            changes["eager_since"] = now
    elif mode.guests != 0 and guests == 0:
        changes["empty_since"] = changes["eager_since"] = now
    return _with(mode, **changes)


def guests_on(radio: RadioState) -> int | None:
    """How many are on the access point; None: nobody can tell."""
    if radio.stations is None:
        return None
    return sum(station.inactive_seconds < GONE_SECONDS for station in radio.stations)


def _answered(mode: Mode, event: Answered, now: float) -> Mode:
    """The order is over, one way or the other; the radio has to be looked at before the next."""
    order = mode.order
    if order is None or event.epoch != order.epoch:
        return mode
    mode = _with(mode, order=None, answered_at=now)
    if event.trouble == "occupied":
        return _with(mode, search=None)
    match order.kind:
        case "join" if event.trouble is not None:
            return _with(mode, troubles=_noted(mode, order.uuid, event.trouble, event.words, now))
        case "open" if event.trouble is not None:
            failures = mode.ladder.failures + 1
            ladder = dataclasses.replace(mode.ladder, failures=failures, failed_at=now, words=event.words)
            return _with(mode, ladder=ladder)
    return mode


def _noted(mode: Mode, uuid: str, kind: str, words: str, now: float) -> dict[str, Trouble]:
    return {**mode.troubles, uuid: after_failure(kind, words, mode.troubles.get(uuid), now)}


# ---- what is done about it


def _carried_out(view: View, decision: Decision) -> tuple[Mode, tuple[Action, ...]]:
    """The mode as the decision has it, and the actions that belong to it."""
    mode, now = view.mode, view.now
    since = mode.since if mode.phase == decision.phase else now
    mode = _with(mode, phase=decision.phase, words=decision.words, since=since)
    if decision.todo is not None:
        mode = _ordered(mode, decision, decision.todo, now)
        assert mode.order is not None
        return mode, (mode.order,)
    if decision.scans and view.is_time_to_scan:
        return _with(mode, scanned_at=now), (Scan(view.hidden),)
    return mode, ()


def _ordered(mode: Mode, decision: Decision, todo: Todo, now: float) -> Mode:
    epoch = mode.epoch + 1
    order = Order(epoch, todo.kind, todo.limit_seconds, uuid=todo.uuid, spares_guests=todo.spares_guests)
    search = mode.search
    if decision.begins_try and mode.wanted is not None:
        since = now if search is None else search.since
        search = Search(kind="try", since=since, only=mode.wanted.uuid)
        mode = _with(mode, wanted=None)
    elif decision.begins_look:
        search = Search(kind="look", since=now)
        mode = _with(mode, is_look_wanted=False)
    elif todo.kind == "join" and search is not None:
        search = dataclasses.replace(search, tried=search.tried | {todo.uuid})
    elif todo.kind == "open":
        mode = _with(mode, troubles=_after_search(mode, search, now))
        if search is not None and mode.radio.is_joining and not mode.radio.is_access_point:
            mode = _with(mode, troubles=_noted(mode, mode.radio.uuid, "timeout", JOIN_TOOK_TOO_LONG, now))
        search = Search(kind="closed", since=now) if search is None else search
    if todo.is_rung:
        mode = _with(mode, ladder=_next_rung(mode.ladder, todo, now))
        mode = mode if mode.unready_since is None else _with(mode, unready_since=now)
        search = None if search is None else dataclasses.replace(search, tried=frozenset())
    overdue_at = now + todo.limit_seconds + _GIVEN_UP_AFTER_SECONDS
    return _with(mode, epoch=epoch, order=order, overdue_at=overdue_at, search=search, scanned_at=float("-inf"))


def _next_rung(ladder: Ladder, todo: Todo, now: float) -> Ladder:
    rung = {"leave": 1, "cycle": 2, "reload": 3}[todo.kind]
    return dataclasses.replace(ladder, failures=0, rung=rung, at=now)


def _after_search(mode: Mode, search: Search | None, now: float) -> dict[str, Trouble]:
    """What was not heard at all is tried at once when it comes back; a key stays wrong."""
    if search is None:
        return dict(mode.troubles)
    view, after = View(mode, now), {}
    for profile in mode.known or ():
        trouble = mode.troubles.get(profile.uuid)
        is_heard = view.heard_since(profile, search) is not None
        if search.kind == "try" and search.only == profile.uuid and not is_heard and not search.tried:
            name = view.name_of(profile.uuid)
            after[profile.uuid] = Trouble("not_found", f"{name} was not in reach. {IPHONE}", 0, now)
        elif trouble is not None:
            is_free = not is_heard and trouble.kind != "wrong_key"
            after[profile.uuid] = dataclasses.replace(trouble, failures=0, not_before=now) if is_free else trouble
    return after
