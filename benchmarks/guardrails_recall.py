"""What the guardrail sets that ship find of what is labelled, and what they take for it that is none.

``BENCH_FAKER`` names an interpreter with faker and python-stdnum, which make the texts that the rules were not written
on; ``BENCH_HELD_OUT`` gives how many of each kind and the seed. It must never mix the two.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.labelled import Case, cases
from benchmarks.measure import table
from registry.authoring.catalog import load
from registry.authoring.extending import Extending
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from serve.core.guard.engine import Guard, compile_guard

ROOT = Path(__file__).parents[1]
SETS = {"card": "pii", "iban": "pii", "contact": "pii", "id": "national-ids", "secret": "secrets"}
RULES = {"card": "pii.card", "iban": "pii.iban"}
OTHERS = {"btc": "pii"}
COMMAND = "python -m benchmarks guardrails_recall"
Row = tuple[str, ...]


@dataclass(slots=True)
class Count:
    """How often a kind was there, found, and found exactly."""

    there: int = 0
    found: int = 0
    exact: int = 0


def main() -> str:
    """The tables: what is found and taken for it in our own labelled texts, and in those of other people's generators."""
    guards = _guards()
    rows, alarms = _measured(cases(), guards)
    tables = [_found("What is found in our own labelled texts", rows), _taken("False alarms in them", alarms)]
    python = os.environ.get("BENCH_FAKER")
    if not python:
        return "\n\n".join(
            [*tables, "Not measured: BENCH_FAKER names no interpreter with faker and python-stdnum.\n"]
        )
    rows, alarms = _measured(_held_out(python), guards)
    of_families = [row for row in rows if row[1] == "all"]
    tables += [_found("What is found in texts of other generators", of_families)]
    return "\n\n".join([*tables, _taken("False alarms in texts of other generators", alarms)])


def _measured(labelled: Iterable[Case], guards: dict[str, Guard]) -> tuple[list[Row], list[Row]]:
    counts: dict[tuple[str, str], Count] = defaultdict(Count)
    alarms: dict[str, int] = defaultdict(int)
    negatives = 0
    for case in labelled:
        if case.span is None:
            negatives += 1
            for family in SETS:
                alarms[family] += bool(_spans(guards[SETS[family]], case, RULES.get(family, "")))
            continue
        count = counts[case.family, case.kind]
        spans = _spans(guards[OTHERS.get(case.kind, SETS[case.family])], case, RULES.get(case.family, ""))
        count.there += 1
        count.found += any(low < case.span[1] and case.span[0] < high for low, high in spans)
        count.exact += any(_is_exact(span, case) for span in spans)
    families = list(dict.fromkeys(family for family, _ in counts))
    rows: list[Row] = [
        (family, kind, str(count.there), _share(count.found, count.there), _share(count.exact, count.there))
        for (family, kind), count in counts.items()
    ]
    for family in families:
        ours = [count for (of, _), count in counts.items() if of == family]
        there = sum(count.there for count in ours)
        found, exact = sum(count.found for count in ours), sum(count.exact for count in ours)
        rows.append((f"**{family}**", "all", str(there), _share(found, there), _share(exact, there)))
    none: list[Row] = [(family, str(negatives), _share(alarms[family], negatives)) for family in families]
    return rows, none


def _found(title: str, rows: list[Row]) -> str:
    return table(title, COMMAND, ("family", "kind", "texts", "recall", "exact span"), rows)


def _taken(title: str, rows: list[Row]) -> str:
    return table(title, COMMAND, ("family", "texts without", "false alarms"), rows)


def _held_out(python: str) -> Iterator[Case]:
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch, "cases.jsonl")
        made = [
            python,
            str(ROOT / "benchmarks/peers/held_out.py"),
            str(target),
            *os.environ.get("BENCH_HELD_OUT", "").split(),
        ]
        subprocess.run(made, check=True, stderr=subprocess.DEVNULL)
        for line in target.read_text("utf-8").splitlines():
            told = json.loads(line)
            span = tuple(told["span"]) if told["span"] else None
            yield Case(told["family"], told["kind"], told["text"], span)


def _guards() -> dict[str, Guard]:
    tree = FolderTree(ROOT)
    catalog = load(tree, load_settings(tree))
    sets = Extending(catalog.guardrails)
    return {
        name: compile_guard([sets.flat(f"guardrails/{name}")]) for name in {*SETS.values(), *OTHERS.values()}
    }


def _spans(guard: Guard, case: Case, rule: str) -> list[tuple[int, int]]:
    return [
        (hit.start, hit.end) for hit in guard.check(case.text, "input").hits if not rule or hit.rule == rule
    ]


def _is_exact(span: tuple[int, int], case: Case) -> bool:
    """The very span; of an assignment its value, which is what has to go."""
    if case.kind == "assignment" and case.span is not None:
        return case.span[0] < span[0] and span[1] <= case.span[1]
    return span == case.span


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
