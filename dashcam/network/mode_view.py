"""What the rules of the network mode ask of a state at one moment, and the times they go by.

How the times add up, all from the moment at which nothing is joined and no access point is open (`Search.since`): a
join is under way until JOIN_BY_SECONDS at most, opening the access point takes up to OPENING_SECONDS (7 s on a machine
ten times slower than a board), noticing a loss and each step about one: 45 s. A phone that returns the moment after it
was looked for: OPENING_SECONDS, EAGER_SECONDS, LOOK_SECONDS and a join (11 s) are less than 60 s; with CALM_SECONDS
instead, less than 200 s.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashcam.network.base import UNMANAGED, Profile
from dashcam.network.keys import shown
from dashcam.network.mode_state import Heard, Mode, Search, SearchKind, Trouble

PATIENCE_SECONDS: dict[SearchKind, float] = {"start": 20.0, "lost": 20.0, "look": 9.5, "try": 16.0, "closed": 9.5}
"""For so long it listens for known networks: at least two scans, because one of them misses a network now and then.

A phone that was lost may only have passed through a tunnel of bad luck; a person who wants to try has to unlock the
phone and open its hotspot's page first.
"""
SCAN_EVERY_SECONDS = 4.0
JOIN_BY_SECONDS = 30.0
SHORTEST_JOIN_SECONDS = 8.0
LONGEST_JOIN_SECONDS = 20.0
OPENING_SECONDS = 12.0
OPEN_LIMIT_SECONDS = 25.0
LEAVE_LIMIT_SECONDS = 8.0
RADIO_LIMIT_SECONDS = 20.0
# wpa_supplicant joins again by itself what it has lost for a moment, and that is quicker than all of ours.
RECOVERY_SECONDS = 8.0

EAGER_SECONDS = 20.0
"""An access point that nobody is on is left to look around after this in its first minutes, ..."""
CALM_SECONDS = 150.0
"""... later after this, so that it can be found in peace."""
EAGER_FOR_SECONDS = 360.0
"""Five minutes, and one in which a phone that has appeared at their end is found."""
EMPTY_SECONDS = 20.0
"""The last guest may come back: phones sleep."""
GONE_SECONDS = 330.0
"""A guest that was not heard for so long has left without a word: after 300 s wpa_supplicant asks those that sleep."""

LEAVES_IN_SECONDS = 3.0
"""So that the answer to whoever asks for a try gets there."""
BACK_WITHIN_SECONDS = 45.0
_TRY_UNTIL_SECONDS = 5.0
_TRY_KEPT_SECONDS = 90.0

UNREADY_SECONDS = 15.0
DEAD_WAIT_SECONDS = 300.0
RETRY_SECONDS = 30.0
"""While it waits it opens the access point now and then: radios have come back by themselves."""
LAST_RUNG = 3

# A key may be right and the phone only busy, once; after that it is wrong until somebody changes it, or nearly.
KEY_AGAIN_SECONDS, KEY_RARELY_SECONDS = 60.0, 600.0
_AGAIN_SECONDS = 60.0
_MOST_AGAIN_SECONDS = 600.0
# NetworkManager counts the age of what was heard in whole seconds.
_AGE_STEP_SECONDS = 1.0


def after_failure(kind: str, words: str, before: Trouble | None, now: float) -> Trouble:
    """What is remembered of a try that failed: it is left out for longer each time."""
    failures = 1 + (before.failures if before is not None and before.kind == kind else 0)
    if kind == "wrong_key":
        wait = KEY_AGAIN_SECONDS if failures == 1 else KEY_RARELY_SECONDS
    else:
        wait = 0.0 if failures == 1 else min(_AGAIN_SECONDS * 2 ** min(failures - 2, 10), _MOST_AGAIN_SECONDS)
    return Trouble(kind=kind, words=words, failures=failures, not_before=now + wait)


@dataclass(frozen=True, slots=True)
class View:
    """A state at one moment."""

    mode: Mode
    now: float

    @property
    def is_joined(self) -> bool:
        """It is on a network and hears it."""
        return self.mode.radio.is_joined and self.mode.is_linked

    @property
    def is_open(self) -> bool:
        """An access point is there to be joined."""
        return self.mode.radio.is_open

    @property
    def is_occupied(self) -> bool:
        """Somebody is on it, or may be."""
        return self.mode.guests is None or self.mode.guests > 0

    @property
    def is_unmanaged(self) -> bool:
        """NetworkManager was told to leave the radio alone."""
        return bool(self.mode.radio.interface) and self.mode.radio.number == UNMANAGED

    @property
    def unready_seconds(self) -> float:
        """For how long the radio can be given nothing to do."""
        return 0.0 if self.mode.unready_since is None else self.now - self.mode.unready_since

    @property
    def elapsed(self) -> float:
        """Since there was a network or an access point."""
        return 0.0 if self.mode.search is None else self.now - self.mode.search.since

    @property
    def is_patient(self) -> bool:
        """It still listens for known networks."""
        return self.mode.search is not None and self.elapsed < PATIENCE_SECONDS[self.mode.search.kind]

    @property
    def join_seconds(self) -> float:
        """How long a join that begins now may take."""
        if self.mode.ladder.failures or self.mode.ladder.rung:
            # There is no access point to hurry for, but there may be one at the next try.
            has_tried = self.mode.search is not None and bool(self.mode.search.tried)
            return 0.0 if has_tried else LONGEST_JOIN_SECONDS
        return min(JOIN_BY_SECONDS - self.elapsed, LONGEST_JOIN_SECONDS)

    @property
    def recovers_by_itself(self) -> bool:
        """NetworkManager takes the lost network for joined still, and it may soon be again."""
        return self.mode.radio.is_joined and self.elapsed < RECOVERY_SECONDS

    @property
    def joins_by_itself(self) -> bool:
        """NetworkManager has begun to join a network, and there is time for it."""
        search, radio = self.mode.search, self.mode.radio
        if search is None or not radio.is_joining or radio.is_access_point or self.elapsed >= JOIN_BY_SECONDS:
            return False
        trouble = self.mode.troubles.get(radio.uuid)
        is_left_out = trouble is not None and self.now < trouble.not_before and search.kind != "try"
        return search.only in ("", radio.uuid) and not is_left_out

    @property
    def is_time_to_scan(self) -> bool:
        """The last scan is over."""
        return self.now - self.mode.scanned_at >= SCAN_EVERY_SECONDS

    def heard_since(self, profile: Profile, search: Search) -> Heard | None:
        """The network, if it was heard since this search began: the list of the radio remembers what is gone."""
        heard = self.mode.heard.get(profile.ssid)
        return heard if heard is not None and heard.at > search.since + _AGE_STEP_SECONDS else None

    def is_left_out(self, profile: Profile) -> bool:
        """It failed before, and it is not yet time to try it again."""
        trouble = self.mode.troubles.get(profile.uuid)
        return trouble is not None and self.now < trouble.not_before

    @property
    def candidate(self) -> Profile | None:
        """The known network to join now: the user's order, then strength; what has failed before comes after."""
        search = self.mode.search
        if search is None or self.join_seconds < SHORTEST_JOIN_SECONDS:
            return None
        found = []
        for place, profile in enumerate(self.mode.known or ()):
            heard = self.heard_since(profile, search)
            if heard is not None and self._may_join(profile, search):
                has_failed = profile.uuid in self.mode.troubles
                found.append((has_failed, -profile.priority, -heard.signal_percent, place, profile))
        if found:
            return min(found, key=lambda entry: entry[:4])[4]
        return self._hidden_to_try(search)

    def _may_join(self, profile: Profile, search: Search) -> bool:
        if profile.uuid in search.tried or search.only not in ("", profile.uuid):
            return False
        is_asked_for = search.kind == "try"
        return is_asked_for or (profile.joins_by_itself and not self.is_left_out(profile))

    def _hidden_to_try(self, search: Search) -> Profile | None:
        """One that hides may not answer a scan; it is tried unheard only if somebody asks for it."""
        for profile in self.mode.known or ():
            if search.only == profile.uuid and profile.is_hidden and profile.uuid not in search.tried:
                return profile if self.elapsed >= 2 * SCAN_EVERY_SECONDS else None
        return None

    @property
    def hidden(self) -> tuple[bytes, ...]:
        """Known networks that do not tell their names unless they are called."""
        return tuple(profile.ssid for profile in self.mode.known or () if profile.is_hidden)

    @property
    def look_at(self) -> float | None:
        """When the access point is to be left to look around, if nobody is on it; None: nothing to look for."""
        mode = self.mode
        if not any(profile.joins_by_itself and not self.is_left_out(profile) for profile in mode.known or ()):
            return None
        is_eager = self.now - mode.eager_since < EAGER_FOR_SECONDS
        interval = EAGER_SECONDS if is_eager else CALM_SECONDS
        by_rule = mode.opened_at + (0.0 if mode.is_look_wanted else interval)
        return max(by_rule, mode.empty_since + EMPTY_SECONDS)

    @property
    def is_try_due(self) -> bool:
        """Somebody wants to try a network, has the answer, and there is a state that can be left.

        In the midst of a search it comes first that there is something again.
        """
        wanted = self.mode.wanted
        return wanted is not None and self.now >= wanted.leaves_at and self.elapsed < _TRY_UNTIL_SECONDS

    @property
    def is_try_stale(self) -> bool:
        """Nobody waits for it any more."""
        return self.mode.wanted is not None and self.now > self.mode.wanted.leaves_at + _TRY_KEPT_SECONDS

    def name_of(self, uuid: str) -> str:
        """The network's name for people."""
        return next((shown(profile.ssid) for profile in self.mode.known or () if profile.uuid == uuid), "the network")
