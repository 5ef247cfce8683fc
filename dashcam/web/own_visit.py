"""The page asks itself whether it still answers: the proof for systemd's watchdog."""

from __future__ import annotations

from urllib.parse import urlsplit

from dashcam.system.http_probe import answers

# One address alone cannot use up all threads, so ours gets a turn however many ask; see fair_share.
_ANSWER_SECONDS = 10.0
# Nothing is there: the answer comes from the app, and costs neither card nor recorder anything.
_NOWHERE = "/api/alive"


def gets_an_answer(address: str) -> bool:
    """True when the page at `http://host:port` answers anything at all."""
    place = urlsplit(address)
    return answers(place.hostname or "", place.port, _NOWHERE, _ANSWER_SECONDS)
