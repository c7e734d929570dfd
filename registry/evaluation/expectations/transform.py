"""What may be done to an answer before it is looked at: a closed list, and no code.

A model that fences its JSON or ends with an empty line can be tested for what it says.
It must never repair: a transform that does not apply is a failure, with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from registry.evaluation.expectations import json_path
from registry.evaluation.expectations.fences import fenced_blocks
from registry.evaluation.expectations.strict_json import NotJson, parse
from registry.evaluation.problem import Problem, did_you_mean
from serve.core.model import Json


class NotTransformed(ValueError):
    """An answer to which a transform does not apply; says why in half a line."""


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def _fenced(text: str) -> str:
    block = next(fenced_blocks(text), None)
    if block is None:
        raise NotTransformed("has no fenced block")
    return block[1]


_NAMED: Mapping[str, Callable[[str], str]] = {
    "trim": str.strip,
    "lower": str.lower,
    "first-line": _first_line,
    "last-line": _last_line,
    "fenced": _fenced,
}


def transformed(text: str, steps: Sequence[str]) -> str:
    """A text after all steps, in order.

    Raises:
        NotTransformed: when a step does not apply to it.
    """
    for step in steps:
        text = _at(text, step) if step.startswith("$") else _NAMED[step](text)
    return text


def _at(text: str, path: str) -> str:
    try:
        value = json_path.look_up(parse(text), path)
    except NotJson as problem:
        raise NotTransformed(f"is not JSON: {problem}") from problem
    except json_path.NothingThere as problem:
        raise NotTransformed(f"has nothing at {path}") from problem
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def steps_of(value: Json) -> tuple[str, ...]:
    """The steps of a ``transform`` that is right: one name, or a list of them."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def transform_problems(value: Json) -> Iterator[Problem]:
    """What is wrong with a ``transform``."""
    steps = value if isinstance(value, list) else [value]
    if not steps:
        yield Problem("SUI002", (), "transform is empty.", "Remove it, or write transform: trim.")
    for step in steps:
        if not isinstance(step, str):
            hint = f"Write one of {', '.join(_NAMED)}, or a path such as $.answer."
            yield Problem("SUI002", (), "transform must be a name or a list of names.", hint)
        elif step.startswith("$"):
            try:
                json_path.steps_of(step)
            except json_path.PathError as error:
                yield Problem(
                    "SUI002", (), f"The path does not parse: {error}.", "Write $.name or $.list[0]."
                )
        elif step not in _NAMED:
            yield Problem(
                "SUI002", (), f"There is no transform {step}.", did_you_mean(step, [*_NAMED, "$.path"])
            )
