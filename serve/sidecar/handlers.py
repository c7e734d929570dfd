"""Requests to answers, without a web framework: what each address says, and how an error looks.

Bodies are JSON with the keys of the bundle's own types; errors are problem details.
It must never read a clock or a socket, nor put what a caller sent into an error.

Source: RFC 9457 (problem details for HTTP APIs).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from serve.client import Client
from serve.core.codec import to_json
from serve.core.errors import InputsRefused, PromptyardError, Unavailable, UnknownPrompt, Usage
from serve.core.live import Live, Render
from serve.core.model import Json
from serve.core.payloads import BODIES, wire
from serve.observe.metrics import CONTENT_TYPE

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
RETRY_S = 5
_KEYS = {"inputs", "variant", "format"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    media_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


def render(client: Client, prompt: str, body: bytes) -> Answer:
    """``POST /v1/render/{prompt}``: ``{inputs, variant?, format?}`` to messages and all that belongs to them.

    ``format`` (a key of ``payloads.BODIES``, such as ``openai``) adds ``request``, the body for that provider.
    """
    try:
        inputs, variant, form = _asked(body)
        result = client.render(prompt, inputs, variant=variant)
        answer = _rendered(result)
        if form is not None:
            answer["request"] = wire(result.to_payload(form))
    except PromptyardError as error:
        return problem(error)
    if client.status().state == "stale":
        answer["warnings"] = ["stale"]
    headers = {"X-Promptyard-Render-Id": result.render_id, "X-Promptyard-Version": result.version}
    return Answer(200, _encoded(answer), headers=headers)


def prompts(client: Client, etag: str | None) -> Answer:
    """``GET /v1/prompts``: id, version and description of every prompt of the live release."""
    live = client.live
    if live is None:
        return problem(not_loaded())
    rows = [
        {"id": name, "version": live.digest(name), "description": prompt.description}
        for name, prompt in sorted(live.prompts().items())
    ]
    return _tagged(live, {"release": live.release, "prompts": rows}, etag)


def prompt(client: Client, name: str, etag: str | None) -> Answer:
    """``GET /v1/prompts/{id}``: what a caller must know to render it; no templates."""
    live = client.live
    if live is None:
        return problem(not_loaded())
    try:
        held = live.prompt(name)
    except PromptyardError as error:
        return problem(error)
    body = {
        "id": held.id,
        "release": live.release,
        "version": live.digest(name),
        "description": held.description,
        "owner": held.owner,
        "model": held.model.id,
        "inputs": held.inputs,
        "output": to_json(held.output),
        "variants": sorted(held.variants),
    }
    return _tagged(live, body, etag)


def health() -> Answer:
    """``GET /healthz``: the process answers."""
    return Answer(200, _encoded({"status": "ok"}))


def ready(client: Client) -> Answer:
    """``GET /readyz``: 200 while renders are answered, else 503; the body is the client's status."""
    status = client.status()
    return Answer(200 if status.serves else 503, _encoded(to_json(status)))


def metrics(client: Client) -> Answer:
    """``GET /metrics``: Prometheus' text format."""
    return Answer(200, client.metrics().encode(), CONTENT_TYPE)


def problem(error: PromptyardError, status: int | None = None) -> Answer:
    """An error as problem details, with the house's code and next step."""
    status = _status_of(error) if status is None else status
    body = {
        "type": f"urn:promptyard:error:{error.code}",
        "title": type(error).__name__,
        "status": status,
        "detail": error.what,
        "code": error.code,
        "nextStep": error.next_step,
    }
    return Answer(
        status, _encoded(body), PROBLEM_TYPE, {"Retry-After": str(RETRY_S)} if status == 503 else {}
    )


def not_loaded() -> Unavailable:
    """RUN001, as the client says it."""
    return Unavailable("RUN001", "no release is loaded yet", "See /readyz for the reason.")


def _status_of(error: PromptyardError) -> int:
    if isinstance(error, UnknownPrompt):
        return 404
    if isinstance(error, Unavailable):
        return 503
    if isinstance(error, Usage) and not isinstance(error, InputsRefused):
        return 400
    return 422


def _asked(body: bytes) -> tuple[Mapping[str, Json], str | None, str | None]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Usage("HTP001", "the body is not JSON", 'Send {"inputs": {…}}.') from error
    if not isinstance(data, dict) or data.keys() - _KEYS or not isinstance(data.get("inputs", {}), dict):
        raise Usage(
            "HTP002", "the body has another shape", 'Send {"inputs": {…}, "variant": …, "format": …}.'
        )
    variant, form = data.get("variant"), data.get("format")
    if not isinstance(variant, str | None) or not isinstance(form, str | None) or form not in (None, *BODIES):
        advice = f"format is one of {', '.join(BODIES)}."
        raise Usage("HTP002", "variant or format is not one of its values", advice)
    return data.get("inputs", {}), variant, form


def _rendered(result: Render) -> dict[str, Json]:
    return {
        "renderId": result.render_id,
        "prompt": result.prompt,
        "version": result.version,
        "release": result.release,
        "variant": result.variant,
        "reason": result.reason,
        "messages": [to_json(message) for message in result.messages],
        "model": {"id": result.model.id, "engine": result.model.engine, "model": result.model.model},
        "parameters": result.parameters,
        "output": to_json(result.output),
        "tools": [to_json(tool) for tool in result.tools],
    }


def _tagged(live: Live, body: Json, etag: str | None) -> Answer:
    tag = f'"{live.sha256}"'
    if etag == tag:
        return Answer(304, b"", headers={"ETag": tag})
    return Answer(200, _encoded(body), headers={"ETag": tag})


def _encoded(body: Json) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a character, which a caller may send as an escape and gets back as one
        return json.dumps(body, separators=(",", ":")).encode()
