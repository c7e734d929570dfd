"""All guardrail rules that ship, over texts that they see for the first time: processor time, import, memory.

Beside them the same patterns in Python's own ``re``, as far as it can read them: what most checkers are made of.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import table
from registry.authoring.parse import read_yaml
from registry.authoring.sources.guardrail import GuardrailSource
from serve.core.codec import from_json, to_json
from serve.core.guard.engine import Guard, compile_guard
from serve.core.guard.given import Given
from serve.core.model import GuardrailSet

ROOT = Path(__file__).parents[1]
KNOWN = Given(
    canary="py-" + "b3d09f41" * 2
)  # without one its rule would fail and not look; it stands in no text here
SIZE, LONG, MOST = 2048, 200_000, 250
HOSTILE = {
    "one letter": "a",
    "`(a+)+$`": "a" * 30 + "!",
    "digits": "1",
    "digits and spaces": "1 ",
    "`a@a@a@`": "a@",
    "spaces": " ",
    "links": "http://a",
}


def main() -> str:
    """The tables."""
    guard, texts = compile_guard(shipped()), varied()
    long = "".join(texts)[:LONG]
    ours, plain = _first_looks_us(lambda text: guard.check(text, "output", KNOWN), texts), _plain(guard)
    theirs = _first_looks_us(lambda text: [p.search(text) for p in plain], texts[:40])
    rules = sum("output" in rule.rule.stages for rule in guard.rules)
    rows: list[tuple[object, ...]] = [
        (f"all {rules} rules of stage output", *_spread(ours)),
        (f"{len(plain)} of their patterns in Python's `re`", *_spread(theirs)),
    ]
    first = table(
        f"Guardrails: {len(texts)} different texts of 2 kB, each seen once",
        "python -m benchmarks guardrails",
        ("candidate", "median µs CPU", "95 % within", "slowest"),
        rows,
    )
    whole = [("documents and source code", f"{_best_ms(guard, long):.1f}")]
    whole += [(name, f"{_best_ms(guard, (piece * LONG)[:LONG]):.1f}") for name, piece in HOSTILE.items()]
    second = table(
        "Guardrails: 200 kB, ordinary and hostile",
        "python -m benchmarks guardrails",
        ("text", "ms CPU"),
        whole,
    )
    return f"{first}\n{second}\n{_start()}"


def shipped() -> list[GuardrailSet]:
    """The sets below ``prompts/guardrails``."""
    made = []
    for place in sorted((ROOT / "prompts/guardrails").glob("*.guardrail.yaml")):
        document, _ = read_yaml(place.name, place.read_bytes())
        if document is not None:
            made.append(from_json(GuardrailSource, document.data).resolved(place.name))
    return made


def varied() -> list[str]:
    """Pieces of the documents and of the test code, none alike."""
    places = [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "tests/registry").rglob("*.py"))]
    pieces: list[str] = []
    for place in places:
        text = place.read_text(encoding="utf-8")
        pieces += [text[at : at + SIZE] for at in range(0, len(text) - SIZE, SIZE)]
    return pieces[:: max(1, len(pieces) // MOST)][:MOST]


def _first_looks_us(look: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    look("warm up: what is made at first use is made")
    spent = []
    for text in texts:
        begun = time.thread_time_ns()
        look(text)
        spent.append((time.thread_time_ns() - begun) / 1000)
    return spent


def _spread(spent: Sequence[float]) -> tuple[str, str, str]:
    ordered = sorted(spent)
    return (
        f"{statistics.median(ordered):.0f}",
        f"{ordered[int(len(ordered) * 0.95)]:.0f}",
        f"{ordered[-1]:.0f}",
    )


def _best_ms(guard: Guard, text: str) -> float:
    best = float("inf")
    for _ in range(3):
        begun = time.thread_time_ns()
        guard.check(text, "output", KNOWN)
        best = min(best, (time.thread_time_ns() - begun) / 1e6)
    return best


def _plain(guard: Guard) -> list[re.Pattern[str]]:
    found = []
    for rule in guard.rules:
        for pattern in rule.patterns if "output" in rule.rule.stages else ():
            try:
                with warnings.catch_warnings(action="ignore"):
                    found.append(re.compile(pattern))
            except re.error:
                continue  # RE2's own syntax: \pL, flags in the middle
    return found


_CHILD = """
import sys, time
begun = time.process_time()
import serve.core.guard.engine
taken = time.process_time() - begun
import json
from pathlib import Path
from serve.core.codec import from_json
from serve.core.model import GuardrailSet
sets, texts = json.load(sys.stdin)

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * %d / 2**20

before = resident_mb()
guard = serve.core.guard.engine.compile_guard([from_json(GuardrailSet, one) for one in sets])
for text in texts:
    guard.check(text, "output", serve.core.guard.given.Given(canary=%r))
print(taken * 1000, resident_mb() - before)
"""


def _start() -> str:
    texts = varied()
    given = json.dumps(([to_json(one) for one in shipped()], [*texts, "".join(texts)[:LONG]])).encode()
    child = [sys.executable, "-c", _CHILD % (os.sysconf("SC_PAGE_SIZE"), KNOWN.canary)]
    runs = [subprocess.check_output(child, cwd=ROOT, input=given).split() for _ in range(3)]
    imported, grown = (statistics.median(float(run[at]) for run in runs) for at in (0, 1))
    return table(
        "Guardrails: what they take of a process",
        "python -m benchmarks guardrails",
        ("import of the engine, ms CPU", "MB resident more, compiled and after all texts"),
        [(f"{imported:.0f}", f"{grown:.1f}")],
    )
