"""What the guardrail sets that ship find of what is labelled, and what they take for it that is none."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from benchmarks.labelled import Case, cases
from benchmarks.measure import table
from registry.authoring.catalog import load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from serve.core.guard.engine import Guard, compile_guard

ROOT = Path(__file__).parents[1]
SETS = {"card": "pii", "iban": "pii", "contact": "pii", "id": "national-ids", "secret": "secrets"}
RULES = {"card": "pii.card", "iban": "pii.iban"}
OTHERS = {"btc": "pii"}


@dataclass(slots=True)
class Count:
    """How often a kind was there, found, and found exactly."""

    there: int = 0
    found: int = 0
    exact: int = 0


def main() -> str:
    """The tables: recall and exact spans by kind, then false alarms by set."""
    guards = _guards()
    counts: dict[tuple[str, str], Count] = defaultdict(Count)
    alarms: dict[str, int] = defaultdict(int)
    negatives = 0
    for case in cases():
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
    rows = [
        (family, kind, str(count.there), _share(count.found, count.there), _share(count.exact, count.there))
        for (family, kind), count in counts.items()
    ]
    for family in SETS:
        ours = [count for (of, _), count in counts.items() if of == family]
        there = sum(count.there for count in ours)
        found, exact = sum(count.found for count in ours), sum(count.exact for count in ours)
        rows.append((f"**{family}**", "all", str(there), _share(found, there), _share(exact, there)))
    command = "python -m benchmarks guardrails_recall"
    recall = table("What is found", command, ("family", "kind", "texts", "recall", "exact span"), rows)
    none = [(family, str(negatives), _share(alarms[family], negatives)) for family in SETS]
    return f"{recall}\n\n{table('False alarms', command, ('family', 'texts without', 'false alarms'), none)}"


def _guards() -> dict[str, Guard]:
    tree = FolderTree(ROOT)
    catalog = load(tree, load_settings(tree))
    return {
        name: compile_guard([catalog.guardrails[f"guardrails/{name}"].resolved(name)])
        for name in {*SETS.values(), *OTHERS.values()}
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
