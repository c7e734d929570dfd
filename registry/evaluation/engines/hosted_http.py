"""Providers that are called over plain HTTPS, each with its dialect: path, headers, how an answer reads.

No SDK is needed: the body is already the provider's own (``serve.core.payloads``), and one header names the version
of the interface that this body is written for.
It must never show a provider's message where it may quote a key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from registry.evaluation.engines.endpoints import Endpoint
from registry.evaluation.engines.http import Http, Reply
from registry.evaluation.engines.provider import Fault, garbled
from registry.evaluation.engines.retries import asked_wait, passes
from registry.evaluation.records import Completion
from serve.core.model import Json

_FATAL = frozenset((401, 402, 403, 404))
_QUOTED = 200
_ADVICE: Mapping[int, str] = {
    401: "Check the key in the environment.",
    402: "Check the account's credit.",
    403: "Check what the key may do.",
    404: "Check the model's name in its file, and the endpoint.",
    429: "Lower requestsPerMinute, tokensPerMinute or concurrency for this engine in promptyard.yaml.",
}


def _no_wait(_: Json) -> float | None:
    return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between providers.

    Attributes:
        path: the URL's path below the endpoint, for a model.
        headers: with a key, or without one.
        read: an answer's JSON as a completion; raises KeyError, TypeError, ValueError or Fault where it is none.
        spent: the provider's word for an account without credit, which no waiting mends.
        wait: seconds to wait, where an error's JSON says so.
    """

    path: Callable[[str], str]
    headers: Callable[[str | None], dict[str, str]]
    read: Callable[[Any], Completion]
    spent: str = ""
    wait: Callable[[Json], float | None] = _no_wait


def sent(body: Json) -> bytes:
    """A request body as it travels: keys in their order, because a model fills a schema in in that order."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


class HttpProvider:
    """One model at one endpoint."""

    def __init__(self, engine: str, model: str, endpoint: Endpoint, dialect: Dialect, http: Http) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._dialect = dialect
        self._http = http
        self._url = f"{endpoint.url}{dialect.path(model)}"
        self._headers = dialect.headers(endpoint.key)

    @property
    def identity(self) -> str:
        """The endpoint's URL."""
        return self._endpoint.url

    def ask(self, body: Json) -> Completion:
        """See :meth:`registry.evaluation.engines.provider.Provider.ask`."""
        if self._endpoint.refusal is not None:
            raise self._endpoint.refusal
        reply = self._http.post(self._url, sent(body), self._headers)
        if reply.status != 200:
            raise self._refused(reply)
        found = reply.json()
        if not isinstance(found, dict):
            raise garbled(self._engine, "no JSON object")
        try:
            return self._dialect.read(found)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise garbled(self._engine, "its fields are others than documented") from error

    def close(self) -> None:
        """Cut all connections."""
        self._http.close()

    def _refused(self, reply: Reply) -> Fault:
        found = reply.json()
        detail = found.get("error") if isinstance(found, dict) else None
        detail = detail if isinstance(detail, dict) else {}
        names = {str(detail.get(key)) for key in ("code", "type", "status")}
        spent = self._dialect.spent in names
        asked = asked_wait(reply.headers, datetime.now(UTC))
        return Fault(
            "ENG026",
            f"{self._engine} answered with status {reply.status}{self._quoted(reply.status, detail)}",
            "Check the account's credit."
            if spent
            else _ADVICE.get(reply.status, "See what the provider says."),
            again=passes(reply.status, reply.headers) and not spent,
            wait_s=self._dialect.wait(found) if asked is None else asked,
            fatal=reply.status in _FATAL or spent,
        )

    def _quoted(self, status: int, detail: Mapping[str, Any]) -> str:
        """What the provider says, on one line; its word alone where its sentence may quote the key."""
        kind = detail.get("code") if isinstance(detail.get("code"), str) else None
        kind = kind or detail.get("type") or detail.get("status")
        said = detail.get("message") if status not in (401, 403) else kind
        if not isinstance(said, str) or not said.strip():
            return ""
        plain = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        if self._endpoint.key:
            plain = plain.replace(self._endpoint.key, "…")
        return f": {plain[:_QUOTED].rstrip('.')}"
