"""What every other format leaves behind of a prompt, told once for all writers.

It must never be silent about a key that a prompt has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from registry.importing.export.whole import Whole
from registry.importing.port import Note
from serve.core.model import Json

_WHY = {
    "owner": "the format has no owner",
    "guardrails": "are checked by Promptyard's client; a service that reads this file has none of them",
    "knowledge": "is watched by lint here; the format has no such key",
    "budget": "is held by lint and tests here; the format has no such key",
}


def left_behind(whole: Whole, carried: Collection[str] = ()) -> Iterator[Note]:
    """A note for each key that a format does not carry.

    Args:
        whole: the prompt.
        carried: keys of a prompt that the writer carries itself.
    """
    source = whole.source
    written: Mapping[str, object] = {
        "owner": source.owner, "guardrails": source.guardrails, "knowledge": source.knowledge,
        "budget": source.budget,
    }  # fmt: skip
    for key, value in written.items():
        if value and key not in carried:
            yield Note("lost", key, _WHY[key])
    if whole.suites and "suites" not in carried:
        yield Note("lost", f"suite {', '.join(whole.suites)}", "the tests stay in this registry")
    if "tests" not in carried and (source.test_data or source.evaluators):
        yield Note("lost", "testData and evaluators", "the tests stay in this registry")
    for turn in whole.turns:
        if turn.id is not None and "ids" not in carried:
            yield Note("lost", f"message id {turn.id}", "messages have no ids there")
    if whole.model.fallbacks:
        yield Note("lost", "fallbacks", f"of the model: {', '.join(whole.model.fallbacks)}")


def trusts(inputs: Mapping[str, Mapping[str, Json]]) -> Iterator[Note]:
    """A note where inputs say that outsiders write them, which no other format knows."""
    names = [name for name, schema in inputs.items() if schema.get("trust") == "user"]
    if names:
        why = "the format does not know who writes a value"
        yield Note("lost", f"trust of {', '.join(names)}", why)
