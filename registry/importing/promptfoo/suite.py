"""The suite of one prompt, out of promptfoo's cases.

It must never hold a case that asks nothing: it could not fail, and would only look like a test.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.importing import ids
from registry.importing.draft import Made
from registry.importing.port import Entry, Note
from registry.importing.promptfoo.asserts import Asserts
from registry.importing.promptfoo.tests import Case
from serve.core.model import Json

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """What a suite says of itself: its id, which is its prompt's, and how it runs where that is not the usual way."""

    id: str
    description: str | None = None
    mode: str | None = None


def suite_of(
    frame: Frame, cases: Sequence[tuple[Case, Mapping[str, Json]]], whole: Made, asserts: Asserts
) -> Iterator[Entry]:
    """The suite of a prompt, unless no case has anything left to ask.

    Args:
        frame: what stands around the cases.
        cases: each case, and those of its values that are the prompt's inputs.
        whole: the prompt as it was made.
        asserts: turns assertions into expectations; its files take the notes.
    """
    taken: set[str] = set()
    out: list[Json] = []
    left: dict[str, list[str]] = defaultdict(list)
    for number, (case, inputs) in enumerate(cases, 1):
        name = ids.untaken(_name(case, number), taken)
        expected = asserts.expectations(list(case.asserts), case.values, name, case.options.get("provider"))
        missing = [
            each for each, schema in whole.inputs.items() if "default" not in schema and each not in inputs
        ]
        if missing:
            left[f"gives no {' and no '.join(missing)}"].append(name)
        elif expected:
            out.append(_case(name, case, inputs, whole, expected))
        else:
            left["has no assertion left" if case.asserts else "asks nothing"].append(name)
    notes = asserts.files.notes
    notes += [*asserts.notes(), *_left_out(left), *_unused(cases, whole)]
    if out:
        data: dict[str, Json] = {"promptyard": 1, "prompt": frame.id, "cases": out}
        told = {"description": frame.description, "mode": frame.mode}
        data |= {key: value for key, value in told.items() if value}
        judges = sorted(set(_judges(case["expect"] for case in out)))
        if len(judges) == 1:
            data["judge"] = judges[0]
            for case in out:
                _drop_judges(case["expect"])
        yield from asserts.graders.entries(judges)
        yield Entry("suite", frame.id, _with_defaults(data))


def _judges(expected: Iterable[list[dict[str, Json]]]) -> Iterator[str]:
    for each in itertools.chain.from_iterable(expected):
        yield from [each["judge"]] if "judge" in each else ()
        yield from _judges([each.get("assert-set", [])])


def _drop_judges(expected: list[dict[str, Json]]) -> None:
    """Leave it to the suite to name the judge."""
    for each in expected:
        each.pop("judge", None)
        _drop_judges(each.get("assert-set", []))


def _left_out(left: Mapping[str, Sequence[str]]) -> Iterator[Note]:
    for why, names in left.items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        what = f"case {names[0]}" if len(names) == 1 else f"{len(names)} cases"
        shown = "" if len(names) == 1 else f" ({', '.join(names[:_SHOWN])}{more})"
        yield Note("lost", what, f"{why}, so it is left out; a case here is whole and able to fail{shown}")


def _unused(cases: Sequence[tuple[Case, Mapping[str, Json]]], whole: Made) -> Iterator[Note]:
    for name in sorted({name for case, inputs in cases for name in case.values.keys() - inputs.keys()}):
        if name not in whole.inputs:
            why = "no message prints it; where an assertion named it, its value was put in place"
            yield Note("changed", f"var {name}", why)


def _case(
    name: str, case: Case, inputs: Mapping[str, Json], whole: Made, expected: list[dict[str, Json]]
) -> dict[str, Json]:
    out: dict[str, Json] = {"id": name}
    if case.description and case.description != name:
        out["description"] = case.description
    if case.group:
        out["group"] = case.group
    threshold = case.threshold
    if isinstance(threshold, int | float) and not isinstance(threshold, bool) and 0 < threshold <= 1:
        out["threshold"] = threshold
    given = {key: value for key, value in inputs.items() if key in whole.inputs}
    given |= {history: [] for history in whole.histories}
    return out | ({"inputs": given} if given else {}) | {"expect": expected}


def _with_defaults(data: dict[str, Json]) -> dict[str, Json]:
    """The suite with expectations that every case begins with said once."""
    cases = data["cases"]
    shared = 0
    for each in zip(*(case["expect"] for case in cases), strict=False):
        if len(cases) < 2 or any(one != each[0] for one in each):
            break
        shared += 1
    if shared:
        data["defaults"] = {"expect": cases[0]["expect"][:shared]}
        data["cases"] = [_without(case, shared) for case in cases]
    order = ("promptyard", "description", "prompt", "mode", "judge", "defaults", "cases")
    return {key: data[key] for key in order if key in data}


def _without(case: Mapping[str, Json], shared: int) -> dict[str, Json]:
    rest = case["expect"][shared:]
    return {key: value for key, value in case.items() if key != "expect"} | ({"expect": rest} if rest else {})


def _name(case: Case, number: int) -> str:
    words = re.sub(r"[^A-Za-z0-9._-]+", "-", case.description).strip("-._").lower()
    return words[:60].strip("-._") or f"case-{number}"
