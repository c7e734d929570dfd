"""Check by the prompt's own guardrails: guardrails.

What production would do with the answer (or with the inputs) is what is tested, by the very same code.
It must never pass a prompt that has no guardrails: then there is nothing that could have let it through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    bad_value,
    missing,
)
from registry.evaluation.problem import Problem, did_you_mean
from registry.evaluation.records import Expectation
from serve.core.model import Json, Stage

_STAGES = ("output", "input")


def _guardrails(expectation: Expectation, subject: Subject) -> Outcome:
    render = subject.around.render
    if render is None:
        return missing("needs the prompt's guardrails, which are not known here")
    if not render.compiled.prompt.guardrails:
        return missing("needs guardrails, and the prompt has none")
    stage: Stage = "input" if expectation.value == "input" else "output"
    verdicts = [render.check(text, stage) for text in texts_at(stage, subject.text, subject.inputs)]
    if broken := [rule for verdict in verdicts for rule in verdict.errors]:
        return missing(f"needs the guardrail {broken[0]}, which could not be evaluated")
    stopped = next((verdict for verdict in verdicts if not verdict.passed), None)
    whose = "" if stage == "output" else "of the inputs "
    if stopped is None:
        return Outcome(True, f"{whose}passes the prompt's guardrails")
    return Outcome(False, f"{whose}meets the guardrail {stopped.rule}, which would {stopped.action}")


def texts_at(stage: Stage, answer: str, inputs: Mapping[str, Json]) -> list[str]:
    """What is looked at: the answer at stage ``output``, else the inputs that are text, by name."""
    if stage == "output":
        return [answer]
    return [text for _, text in sorted(inputs.items()) if isinstance(text, str)]


def _stage_problems(value: Json) -> Iterator[Problem]:
    if value is None or value in _STAGES:
        return
    hint = did_you_mean(value, _STAGES) if isinstance(value, str) else "Write output, input, or nothing."
    yield bad_value("The value must be output or input.", hint)


TYPES = (ExpectationType("guardrails", _guardrails, _stage_problems),)
