"""Guards made of a rule or two, as short as a test wants them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from serve.core.guard.checks.table import streaming_of
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import Action, ActionKind, GuardrailSet, Json, Rule, Streaming

MakeRule = Callable[..., Rule]
MakeGuard = Callable[..., Guard]


@pytest.fixture
def rule() -> MakeRule:
    def make(
        kind: str,
        detect: dict[str, Json],
        action: ActionKind = "redact",
        *,
        stream: Streaming | None = None,
        **options: Json,
    ) -> Rule:
        own = {key: options.pop(key) for key in ("with", "fallback", "max", "hint", "then") if key in options}
        plain = Rule(
            id=options.pop("id", f"test.{kind}"),
            kind=kind,
            severity=options.pop("severity", "high"),
            action=Action(action, own),
            detect=detect,
            stages=options.pop("stages", ("output",)),
            **options,
        )
        return streaming_of(plain, stream)

    return make


@pytest.fixture
def guard() -> MakeGuard:
    return lambda *rules: compile_guard([GuardrailSet("guardrails/test", tuple(rules))])
