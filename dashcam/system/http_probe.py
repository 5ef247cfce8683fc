"""Whether a web server on this machine answers: our own page, or somebody else's that has the port."""

from __future__ import annotations

import http.client

# Every address of this machine, as somebody on it has to write them.
_REACHABLE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


def answers(host: str, port: int | None, path: str = "/", limit_seconds: float = 5.0) -> bool:
    """True when an HTTP server that listens on `host` says anything at all; one that turns visitors away is alive."""
    connection = http.client.HTTPConnection(_REACHABLE.get(host, host), port, timeout=limit_seconds)
    try:
        connection.request("HEAD", path)
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
