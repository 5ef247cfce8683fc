"""The description of the whole API, made from its routes: OpenAPI 3.1 at `/api/openapi.json`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, get_args

import msgspec
from bottle import HTTPResponse

from dashcam.errors import BadRequest, DashcamError
from dashcam.link.messages import KeeperProgress, RecorderStatus
from dashcam.system.log_file import LogProgram
from dashcam.web.access import needs, role_of
from dashcam.web.clip_filter import DATE
from dashcam.web.clips import CLIP_ID
from dashcam.web.describe import JSON_TYPE, Description, Struct, describes, description_of
from dashcam.web.guard import ForeignRequest
from dashcam.web.jobs import JOB_ID
from dashcam.web.network_wishes import NETWORK_ID
from dashcam.web.reply import json_reply, status_of

# Counts up when something is taken away or changes its meaning.
API_VERSION = "1"

_ABOUT = (
    "Everything the dashcam's page can do. Errors have one shape; the message is for people and names the cure. "
    "Requests that are no HTTP, too long or too slow are refused by the server in plain text (400, 408, 413, 414)."
)
_REFERENCE = "#/components/schemas/{name}"
_PARAMETERS: dict[str, dict[str, Any]] = {
    "clip_id": {"type": "string", "pattern": f"^{CLIP_ID}$"},
    "day": {"type": "string", "pattern": f"^({DATE}|undated)$"},
    "job_id": {"type": "string", "pattern": f"^{JOB_ID}$"},
    "network_id": {"type": "string", "pattern": f"^{NETWORK_ID}$"},
    "program": {"enum": list(get_args(LogProgram))},
}
_ADDRESSES = ("/api/", "/media/", "/thumb/")
_OLD_ADDRESSES = ("/status", "/stream", "/stream.mjpg")


class ErrorWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong: `code` for programs, `message` for people; `fields` for settings that are refused."""

    code: str
    message: str
    fields: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """The one shape of errors."""

    error: ErrorWords


# What stands in the status as the other programs send it, there without its tag.
_SENT: dict[str, Struct] = {"recorder": RecorderStatus, "keeper": KeeperProgress}


def is_of_api(rule: str) -> bool:
    """True for the addresses that are for programs, false for the pages' files."""
    return rule.startswith(_ADDRESSES) or rule in _OLD_ADDRESSES


def refuse_routes_without_description(routes: Iterable[Any]) -> None:
    """Raises TypeError, naming them, when any of the API's routes does not say what it is given and answers."""
    bare = [
        f"{route.method} {route.rule}"
        for route in routes
        if is_of_api(route.rule) and description_of(route.callback) is None
    ]
    if bare:
        raise TypeError(f"nothing is declared with @describes for: {', '.join(bare)}")


def describe_api(routes: Iterable[Any]) -> dict[str, Any]:
    """The OpenAPI document of Bottle's routes."""
    described = [(route, found) for route in routes if (found := description_of(route.callback)) is not None]
    schemas = _schemas(found for _, found in described)
    paths: dict[str, dict[str, Any]] = {}
    for route, found in described:
        path = re.sub(r"<(\w+)>", r"{\1}", route.rule)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, found)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dashcam", "version": API_VERSION, "description": _ABOUT},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _schemas(descriptions: Iterable[Description]) -> dict[str, Any]:
    shapes: dict[str, Struct] = {"Error": Error, **{shape.__name__: shape for shape in _SENT.values()}}
    for found in descriptions:
        shapes |= {shape.__name__: shape for shape in (found.answers, found.body) if shape is not None}
    _, schemas = msgspec.json.schema_components(shapes.values(), ref_template=_REFERENCE)
    for name, shape in _SENT.items():
        schema = schemas[shape.__name__]
        schema["properties"].pop("type")
        schema["required"].remove("type")
        reference = {"$ref": _REFERENCE.format(name=shape.__name__)}
        schemas["Status"]["properties"][name] = {"anyOf": [reference, {"type": "null"}]}
    return schemas


def _operation(route: Any, found: Description) -> dict[str, Any]:
    words = inspect.cleandoc(route.callback.__doc__ or "")
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.rule}").strip("_"),
        "summary": " ".join(words.partition("\n\n")[0].split()),
        "x-role": role_of(route.callback),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": _PARAMETERS[name]}
            for name in re.findall(r"<(\w+)>", route.rule)
        ],
        "responses": _responses(found),
    }
    if more := words.partition("\n\n")[2]:
        operation["description"] = " ".join(more.split())
    if found.query is not None:
        operation["parameters"] += _query_parameters(found.query)
    if found.body is not None:
        operation["requestBody"] = {"required": not found.body_may_be_empty, "content": _json_of(found.body)}
    return operation


def _query_parameters(shape: type[msgspec.Struct]) -> list[dict[str, Any]]:
    schema = msgspec.json.schema(shape)["$defs"][shape.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": dict(facts)}
        for name, facts in schema["properties"].items()
    ]


def _responses(found: Description) -> dict[str, Any]:
    content = _json_of(found.answers) if found.answers is not None else {kind: {} for kind in found.content}
    responses: dict[str, Any] = {"200": {"description": "It is so, or done.", "content": content}}
    for status, words in found.also.items():
        responses[str(status)] = {"description": words}
        if status == HTTPStatus.PARTIAL_CONTENT:
            responses[str(status)]["content"] = content
    codes: dict[int, list[str]] = {}
    refusals: tuple[type[DashcamError], ...] = (BadRequest, *found.refuses)
    for refusal in refusals:
        codes.setdefault(status_of(refusal), []).append(refusal.code)
    codes.setdefault(HTTPStatus.FORBIDDEN, []).append(ForeignRequest.code)
    for code, names in codes.items():
        responses[str(int(code))] = {"description": ", ".join(dict.fromkeys(names)), "content": _json_of(Error)}
    return dict(sorted(responses.items()))


def _json_of(shape: type[msgspec.Struct]) -> dict[str, Any]:
    return {JSON_TYPE: {"schema": {"$ref": _REFERENCE.format(name=shape.__name__)}}}


class OpenApiResource:
    """Describes all routes, itself among them."""

    def __init__(self, routes: Callable[[], Iterable[Any]]) -> None:
        self._routes = routes

    def add_to(self, app: Any) -> None:
        """Adds the route."""
        app.route("/api/openapi.json", "GET", self.description)

    @needs("viewer")
    @describes(content=[JSON_TYPE])
    def description(self) -> HTTPResponse:
        """This very description."""
        return json_reply(describe_api(self._routes()))
