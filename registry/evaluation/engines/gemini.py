"""Gemini's generateContent: how to call, how an answer reads.

Source: Gemini API reference, generateContent; google.rpc.RetryInfo for the wait that stands in an error's body.
It must never take a model's thoughts for its answer, nor a blocked prompt for an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from registry.evaluation.engines.hosted_http import Dialect
from registry.evaluation.engines.provider import garbled
from registry.evaluation.records import Called, Completion, Finish
from serve.core.model import Json

_FINISH: Mapping[str, Finish] = {"STOP": "stop", "MAX_TOKENS": "length", "": "stop"}
_BLOCKED = frozenset(
    (
        "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "ESCALATION",
        "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR", "PUP_LIMITED_DISABLED",
    )
)  # fmt: skip
_DELAY = re.compile(r"(\d+(?:\.\d+)?)s")


def _path(model: str) -> str:
    name = model if "/" in model else f"models/{model}"
    return f"/v1beta/{quote(name, safe='/')}:generateContent"


def _headers(key: str | None) -> dict[str, str]:
    return {"x-goog-api-key": key} if key else {}


def read(found: Any) -> Completion:
    """A response as ours; raises KeyError, TypeError, ValueError or Fault where it is none."""
    usage = found.get("usageMetadata") or {}
    candidates = found.get("candidates") or ()
    if not candidates and not (found.get("promptFeedback") or {}).get("blockReason"):
        raise garbled("gemini", "no candidate and no reason")
    candidate: Any = candidates[0] if candidates else {"finishReason": "SAFETY"}
    parts = (candidate.get("content") or {}).get("parts") or ()
    calls = tuple(_called(part["functionCall"]) for part in parts if "functionCall" in part)
    return Completion(
        text="".join(part["text"] for part in parts if "text" in part and not part.get("thought")),
        prompt_tokens=int(usage.get("promptTokenCount") or 0),
        completion_tokens=int(usage.get("candidatesTokenCount") or 0)
        + int(usage.get("thoughtsTokenCount") or 0),
        cached_tokens=int(usage.get("cachedContentTokenCount") or 0),
        finish=_finish(candidate.get("finishReason") or "", calls),
        tool_calls=calls,
        model=str(found.get("modelVersion") or "") or None,
    )


def wait_of(found: Json) -> float | None:
    """The wait that an error's body asks for, in seconds."""
    error = found.get("error") if isinstance(found, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        asked = _DELAY.fullmatch(delay) if isinstance(delay, str) else None
        if asked:
            return float(asked[1])
    return None


def _finish(reason: str, calls: tuple[Called, ...]) -> Finish:
    if reason in _BLOCKED:
        return "content_filter"
    if reason not in _FINISH:
        raise garbled("gemini", f"it ended with {reason}")
    return "tool_calls" if calls and _FINISH[reason] == "stop" else _FINISH[reason]


def _called(call: Any) -> Called:
    return Called(str(call.get("id") or ""), str(call["name"]), call.get("args") or {})


GEMINI = Dialect(path=_path, headers=_headers, read=read, wait=wait_of)
