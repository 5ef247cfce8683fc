"""Asks a running server for everything that the description of its API allows, and for what it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy, one_of
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

# They have no end: tests of their own look at them.
STREAMS = ("/api/events", "/api/live", "/api/motion/stream", "/stream", "/stream.mjpg")
# Broken ways of writing a request that the server itself refuses, in plain text, before the app sees it.
_BY_THE_SERVER = {400, 413, 414}
_LIMIT_SECONDS = 60.0

# An operation, and what is given to it so that it finds something: chance alone never does.
Known = tuple[str, dict[str, Any]]


class ApiFuzz:
    """Operations by name, `GET /api/days`; `answered` counts what came back."""

    def __init__(self, document: dict[str, Any], address: str, known: tuple[Known, ...] = ()) -> None:
        self._schema = schemathesis.openapi.from_dict(document)
        self._address = address
        self._known = known
        self.answered: Counter[str] = Counter()

    def names(self) -> list[str]:
        """All operations that answer and end."""
        return [operation.label for operation in self._operations() if operation.path not in STREAMS]

    def ask_for_what_is_known(self, name: str) -> None:
        """Fails when an answer is not as described, to what is given and nothing that may be left out."""
        operation = self._named(name)
        for parts in [parts for known, parts in self._known if known == name] or [{}]:
            media_type = "application/json" if "body" in parts else None
            self._ask(operation.Case(**parts, media_type=media_type))

    def run(self, name: str, examples: int, start: int) -> None:
        """Fails when an answer is not as described; the message holds the request."""
        operation = self._named(name)

        @seed(start)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=self._cases(operation))
        def ask(case: Case[Any]) -> None:
            self._ask(case)

        ask()

    def _named(self, name: str) -> Any:
        return next(found for found in self._operations() if found.label == name)

    def _operations(self) -> Iterator[Any]:
        for result in self._schema.get_all_operations():
            assert isinstance(result, Ok), result
            yield result.ok()

    def _cases(self, operation: Any) -> SearchStrategy[Case[Any]]:
        wanted = [operation.as_strategy(generation_mode=GenerationMode.POSITIVE)]
        if operation.query or operation.body or operation.path_parameters:
            wanted.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        wanted += [
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **given)
            for name, given in self._known
            if name == operation.label
        ]
        return one_of(wanted)

    def _ask(self, case: Case[Any]) -> None:
        answer = case.call(base_url=self._address, timeout=_LIMIT_SECONDS)
        self.answered[f"{case.operation.label} {answer.status_code}"] += 1
        kind = answer.headers.get("content-type", [""])[0]
        if answer.status_code in _BY_THE_SERVER and kind.startswith("text/plain"):
            return
        checks: list[Any] = [
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ]
        case.validate_response(answer, checks=checks)
