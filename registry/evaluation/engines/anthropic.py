"""Anthropic's messages: how to call, how an answer reads.

Source: Anthropic API reference, messages, versions, errors. The version header is the one whose parameters
``serve.core.payloads.anthropic`` writes; the key's header is that version's too (the SDK from 2.0 on speaks
2026-10-21 and sends a bearer token).
It must never take a model's thinking for its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.evaluation.engines.hosted_http import Dialect
from registry.evaluation.records import Called, Completion, Finish

VERSION = "2023-06-01"
_FINISH: Mapping[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def _headers(key: str | None) -> dict[str, str]:
    return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})


def read(found: Any) -> Completion:
    """A message as ours; raises KeyError, TypeError or ValueError where it is none."""
    usage = found["usage"]
    cached = int(usage.get("cache_read_input_tokens") or 0)
    written = int(usage.get("cache_creation_input_tokens") or 0)
    blocks = found["content"]
    return Completion(
        text="".join(block["text"] for block in blocks if block["type"] == "text"),
        prompt_tokens=int(usage["input_tokens"]) + cached + written,
        completion_tokens=int(usage["output_tokens"]),
        cached_tokens=cached,
        finish=_FINISH.get(found.get("stop_reason") or "", "stop"),
        tool_calls=tuple(
            Called(str(b["id"]), str(b["name"]), b["input"]) for b in blocks if b["type"] == "tool_use"
        ),
        model=str(found.get("model") or "") or None,
    )


ANTHROPIC = Dialect(path=lambda _: "/v1/messages", headers=_headers, read=read, spent="billing_error")
