"""What every request must be before the app sees it, and what every answer carries.

Without login the network is the fence. These checks keep other web pages, open in the same browser, from reaching
through it: they may not press buttons (same origin), nor use up the places of viewers by pictures of ours in theirs,
nor pretend to be this page under a name of theirs (Host).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from dashcam.errors import BadRequest, DashcamError
from dashcam.web.reply import error_body, status_of

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# First parts of addresses behind which something is done or held; a link to a page may stand anywhere.
_NOT_PAGES = frozenset({"api", "media", "stream", "stream.mjpg", "thumb"})
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.%\w]+\]|[^:\[\]@/\\]+)(?::\d{1,5})?", re.ASCII)

_ANOTHER_PAGE = "Another web page asked for this; only the dashcam's own page may."

# The begin of an address of a map: what could be another directive, or a place for anything, is none.
_TILES = re.compile(r"(?P<scheme>https?)://(?P<any>\{s\}\.)?(?P<host>[A-Za-z0-9.:-]+)/", re.ASCII)

# What home routers put behind this machine's name; none of them is for sale to strangers.
_ROUTER_SUFFIXES = (".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".fritz.box")

# Everything comes from here and nothing from elsewhere; the page is in no one else's frame.
POLICY_HEADER = "Content-Security-Policy"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; media-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PICTURES = "'self' data:"
SECURITY_HEADERS = (
    (POLICY_HEADER, _POLICY.format(pictures=_PICTURES)),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    # Another page in the same browser may not show our pictures either.
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


class ForeignRequest(DashcamError):
    """The request comes from another web page, or under a name that is not this machine's."""

    code = "foreign_request"


def is_own_host(host: str, machine_name: str) -> bool:
    """True for what a Host header may say: an address, localhost, a name in .local, or this machine's name at home.

    A name that somebody else could own is refused: his name server could point it here (DNS rebinding).
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match["name"].lower().rstrip(".")
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        own = machine_name.lower()
        own_names = {"localhost", own, *(own + suffix for suffix in _ROUTER_SUFFIXES)}
        return name in own_names or name.endswith((".local", ".localhost"))
    return True


def is_same_origin(environ: Environ) -> bool:
    """True when a changing request comes from our own page, or from no page at all (a program)."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return True
    try:
        origin_host = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    host: str = environ.get("HTTP_HOST", "").lower()
    return origin_host == host != ""


def is_used_by_another_page(environ: Environ) -> bool:
    """True when what is no page of ours is asked for by somebody else's page, as `<img src=...>` and links do.

    Browsers tell the site only over HTTPS and to localhost; else the Referer, which our page never sends, tells it.
    """
    if environ["PATH_INFO"].lstrip("/").partition("/")[0] not in _NOT_PAGES:
        return False
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return bool(site == "cross-site")
    try:
        referring = urlsplit(environ.get("HTTP_REFERER", "")).netloc.lower()
    except ValueError:
        return True
    return referring not in ("", environ.get("HTTP_HOST", "").lower())


def origin_of_tiles(address: str) -> str:
    """`https://tile.openstreetmap.org` of a map's address, `*.` for a leading `{s}.`; empty when it has none."""
    match = _TILES.match(address)
    return f"{match['scheme']}://{'*.' if match['any'] else ''}{match['host']}".lower() if match else ""


def _policy_for(headers: list[tuple[str, str]], tiles: str) -> list[tuple[str, str]]:
    """A page may also show the pictures of the map."""
    origin = origin_of_tiles(tiles)
    is_page = any(name.lower() == "content-type" and value.startswith("text/html") for name, value in headers)
    if not (origin and is_page):
        return list(SECURITY_HEADERS)
    page = _POLICY.format(pictures=f"{_PICTURES} {origin}")
    return [(name, page if name == POLICY_HEADER else value) for name, value in SECURITY_HEADERS]


def no_tiles() -> str:
    """The default of the map's address: everything comes from here."""
    return ""


class Guard:
    """WSGI middleware in front of the app. `tiles` tells the address that the map's pictures have now."""

    def __init__(self, app: WsgiApp, machine_name: str, tiles: Callable[[], str] = no_tiles) -> None:
        self._app = app
        self._machine_name = machine_name
        self._tiles = tiles

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Lets a request through or answers it with the reason why not."""

        def start_guarded(status: str, headers: list[tuple[str, str]], failure: Any = None) -> Any:
            return start_response(status, [*headers, *_policy_for(headers, self._tiles())], failure)

        try:
            self._check(environ)
        except DashcamError as error:
            body = error_body(error.code, str(error))
            words = "403 Forbidden" if isinstance(error, ForeignRequest) else f"{status_of(type(error))} Bad Request"
            kind = ("Content-Type", "application/json; charset=utf-8")
            start_guarded(words, [kind, ("Content-Length", str(len(body))), ("Connection", "close")])
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        return self._app(environ, start_guarded)

    def _check(self, environ: Environ) -> None:
        host = environ.get("HTTP_HOST", "")
        # Only programs of the last century leave it out; no browser does.
        if host and not is_own_host(host, self._machine_name):
            raise ForeignRequest(f"The page is not called {host[:80]!r}; open it by its address or its .local name.")
        if environ["REQUEST_METHOD"] not in _READING and not is_same_origin(environ):
            raise ForeignRequest(_ANOTHER_PAGE)
        if is_used_by_another_page(environ):
            raise ForeignRequest(_ANOTHER_PAGE)
        try:
            environ["PATH_INFO"].encode("latin-1").decode()
        except UnicodeError as error:
            raise BadRequest("The address is no text.") from error
        # Its length is not known before it is read, and reading it would hold a thread.
        if "HTTP_TRANSFER_ENCODING" in environ:
            raise BadRequest("Send the body with a Content-Length.")
