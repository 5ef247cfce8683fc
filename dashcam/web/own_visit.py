"""The page asks itself whether it still answers: the proof for systemd's watchdog."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

# One address alone cannot use up all threads, so ours gets a turn however many ask; see fair_share.
_ANSWER_SECONDS = 10.0
# Every address of this machine, as somebody on it has to write them.
_REACHABLE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
# Nothing is there: the answer comes from the app, and costs neither card nor recorder anything.
_NOWHERE = "/api/alive"


def gets_an_answer(address: str) -> bool:
    """True when the page at `http://host:port` answers anything at all; one that turns visitors away is alive."""
    place = urlsplit(address)
    host = place.hostname or ""
    connection = http.client.HTTPConnection(_REACHABLE.get(host, host), place.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("HEAD", _NOWHERE)
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
