"""What the web answers: JSON of one shape, and the one place that turns errors into HTTP.

An error is `{"error": {"code": ..., "message": ...}}`; the message is for people and names the cure. Settings that are
refused add `"fields"`: what is wrong with each, by its full name.
"""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from bottle import HTTPError, HTTPResponse, request, response

from dashcam import errors
from dashcam.clips.catalogue import CatalogueNotReady
from dashcam.settings.save import SettingsRefused
from dashcam.system.power import PowerRefused

log = logging.getLogger(__name__)

T = TypeVar("T")
Q = TypeVar("Q", bound=msgspec.Struct)

# The longest body is a list of ids; with the header it must fit a socket's receive buffer (see doorman).
MAX_BODY_BYTES = 16 * 1024

_STATUS_OF: dict[type[errors.DashcamError], int] = {
    errors.DashcamError: 500,
    errors.BadRequest: 400,
    errors.SettingsError: 422,
    errors.CameraError: 503,
    errors.CardError: 503,
    errors.CardFull: 507,
    errors.NotRecording: 409,
    errors.ClipNotFound: 404,
    errors.ClipBusy: 409,
    errors.BadMedia: 422,
    errors.AlreadyRunning: 409,
    errors.LinkError: 503,
    errors.NetworkError: 409,
    errors.TooManyViewers: 503,
    PowerRefused: 409,
    CatalogueNotReady: 503,
}
# What Bottle itself refuses, before a handler is asked.
_BOTTLE_CODES = {
    400: ("bad_request", "The request cannot be understood; reload the page."),
    404: ("not_found", "There is no such address; /api/status is one that is there."),
    405: ("wrong_method", "This address is not meant for this method: GET reads, POST, PATCH and DELETE change."),
    500: ("error", "Something went wrong inside the dashcam; its log says what."),
}
_JSON = "application/json; charset=utf-8"
JSON_HEADERS = {"Content-Type": _JSON, "Cache-Control": "no-store"}
_BLOCK_BYTES = 32 * 1024
# A long list shrinks to a third; more thorough costs a small board more time than the radio saves.
_PACKING = 4
_encoder = msgspec.json.Encoder()


def error_body(code: str, message: str, fields: Mapping[str, str] | None = None) -> bytes:
    """The one shape of errors."""
    words: dict[str, Any] = {"code": code, "message": message}
    return _encoder.encode({"error": words if fields is None else {**words, "fields": fields}})


def status_of(error: type[errors.DashcamError]) -> int:
    """The HTTP status of an error's class, or of the nearest class above it."""
    return next(_STATUS_OF[kind] for kind in error.__mro__ if kind in _STATUS_OF)


def json_reply(value: Any, *, is_packed: bool = False) -> HTTPResponse:
    """A struct, list or dict as JSON that no cache keeps; `is_packed`: as gzip, for whoever takes that."""
    content = _encoder.encode(value)
    headers = dict(JSON_HEADERS)
    if is_packed:
        content = gzip.compress(content, _PACKING, mtime=0)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    headers["Content-Length"] = str(len(content))
    return HTTPResponse(content if len(content) <= _BLOCK_BYTES else _blocks_of(content), 200, headers)


def _blocks_of(content: bytes) -> Iterator[bytes]:
    """The server keeps a copy of what it is given until the client has taken it."""
    for start in range(0, len(content), _BLOCK_BYTES):
        yield content[start : start + _BLOCK_BYTES]


def error_reply(error: errors.DashcamError) -> HTTPResponse:
    """An error as its JSON and status."""
    headers = dict(JSON_HEADERS)
    fields = error.fields if isinstance(error, SettingsRefused) else None
    return HTTPResponse(error_body(error.code, str(error), fields), status_of(type(error)), headers)


def errors_as_json(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Bottle plugin: a DashcamError becomes its reply, anything else a logged 500."""

    def guarded(*positional: Any, **named: Any) -> Any:
        try:
            return handler(*positional, **named)
        except HTTPResponse:
            raise
        except errors.DashcamError as error:
            return error_reply(error)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return error_reply(errors.DashcamError(_BOTTLE_CODES[500][1]))

    return guarded


def bottle_error(error: HTTPError) -> bytes:
    """What Bottle refuses, in our shape; for `Bottle.error`."""
    code, message = _BOTTLE_CODES.get(error.status_code, ("error", str(error.body)))
    response.set_header("Content-Type", _JSON)
    response.set_header("Cache-Control", "no-store")
    return error_body(code, message)


def asked_value(name: str) -> str | None:
    """A value of the address's query; None when it is absent or empty. Raises BadRequest when it is no text."""
    raw: str | None = request.query.get(name)
    try:
        return raw.encode("latin-1").decode() if raw else None
    except UnicodeError as error:
        raise errors.BadRequest(f"{name}: what is asked for is no text") from error


def asked_query(shape: type[Q]) -> Q:
    """The address's query as `shape`; what is absent or empty is left out. Raises BadRequest, naming the cure."""
    names = shape.__struct_encode_fields__
    given = {name: value for name in names if (value := asked_value(name)) is not None}
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("`$.")[2].rstrip("`")
        hint = msgspec.json.schema(shape)["$defs"][shape.__name__]["properties"].get(name, {}).get("description", error)
        raise errors.BadRequest(f"{name}: {given.get(name, '')[:40]!r} is none; {hint}") from error


def json_request(shape: type[T]) -> T:
    """The request's JSON body as `shape`. Raises BadRequest when it is none or too long."""
    length = request.content_length
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise errors.BadRequest("The request needs a body of type application/json.")
    if not 0 < length <= MAX_BODY_BYTES:
        raise errors.BadRequest(f"The request needs a body of 1 to {MAX_BODY_BYTES} bytes.")
    try:
        return msgspec.json.decode(request.environ["wsgi.input"].read(length), type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise errors.BadRequest(f"The request's body cannot be read: {error}") from error
