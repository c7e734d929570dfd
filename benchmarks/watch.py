"""From a save to a service that answers with it: a registry of 1,000 prompts, ``promptyard watch`` beside a client.

Wall-clock times of one process each, since waiting is what a writer notices.
It must never leave the registry that it makes behind.
"""

from __future__ import annotations

import json
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import serve
from benchmarks.measure import table

PROMPTS, SAVES = 1000, 20
_PROMPT = """\
promptyard: 1
description: Answers one question of team {team}, number {number} of the benchmark.
owner: team-{team}
model: models/chat
modelParameters: {{temperature: 0, maxTokens: 200}}
inputs:
  topic: {{type: string, maxLength: 60}}
  facts: {{type: array, maxItems: 6, items: {{type: string, maxLength: 200}}}}
  question: {{type: string, maxLength: 2000, trust: user}}
messages:
  - id: rules
    role: system
    content: |
      You answer for team {team}. This is about {{{{ topic }}}}, and it is rule {number}.
      {{% include "partials/tone.md" %}}
      {{% for fact in facts %}}
      - {{{{ fact }}}}
      {{% endfor %}}
{prose}
      Say so when none of the facts above answers the question.
  - role: user
    content: |
      {{{{ question }}}}
guardrails: [guardrails/tickets]
"""
_PROSE = "      Keep to the facts, name no price that is not among them, and stay below {words} words.\n"
_SUITE = """\
promptyard: 1
prompt: {prompt}
mode: render
cases:
  - id: one
    inputs: {{topic: cards, facts: [A card is blocked in the app.], question: How do I block it?}}
    expect: [{{contains: How do I block it}}]
"""
_MODEL = "promptyard: 1\nengine: openai\nmodel: gpt-4.1-mini\nparameters: {maxTokens: 200}\ncontextTokens: 128000\n"
_GUARDRAIL = """\
promptyard: 1
rules:
  - id: number
    kind: pattern
    severity: medium
    action: redact
    detect: {any: ['INT-[0-9]{6}']}
    tests: [{text: We opened INT-204418 for you., expect: hit}, {text: We opened a ticket., expect: pass}]
"""


def main() -> str:
    """The table."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        registry(root, PROMPTS)
        saves = _measure(root)
    rows = [
        (name, f"{statistics.median(values) * 1000:.0f}", f"{max(values) * 1000:.0f}")
        for name, values in (
            ("save → published", [save.published for save in saves]),
            ("save → served by a client that polls every 20 ms", [save.served for save in saves]),
            ("of it: the loop, from looking to signed", [save.loop for save in saves]),
        )
    ]
    title = f"Watch: {PROMPTS:,} prompts of 2 kB with a suite each, {SAVES} saves"
    return table(title, "python -m benchmarks watch", ("what", "median ms", "slowest ms"), rows)


@dataclass(frozen=True, slots=True)
class Save:
    """Seconds since a file was written: until the loop told of it, until a client served it; the loop's own."""

    published: float
    served: float
    loop: float


def _measure(root: Path) -> list[Save]:
    with _watching(root) as told:
        json.loads(told())
        swapped = threading.Event()
        store, trust = f"file:{root}/.promptyard/dev/store", root / ".promptyard/dev/dev.root.json"
        with serve.connect(
            store,
            trust=trust,
            channel="dev",
            cache=root / "cache",
            interval_s=0.02,
            min_interval_s=0.02,
            on_swap=lambda _: swapped.set(),
        ) as client:
            return [_save(root, number, client, swapped, told) for number in range(SAVES)]


def _save(
    root: Path, number: int, client: serve.Client, swapped: threading.Event, told: Callable[[], str]
) -> Save:
    name = f"team-{number * 2}/p{number * 40}"
    place = root / f"prompts/{name}.prompt.yaml"
    text = place.read_text(encoding="utf-8").replace("Say so", f"In word {number}, say so")
    swapped.clear()
    start = time.perf_counter()
    place.write_text(text, encoding="utf-8")
    swapped.wait(20)
    served = time.perf_counter() - start
    turn = json.loads(told())
    rendered = client.render(name, {"topic": "cards", "facts": [], "question": "?"}).messages[0].text
    assert f"In word {number}," in rendered
    return Save(turn["told"] - start, served, turn["seconds"])


@contextmanager
def _watching(root: Path) -> Iterator[Callable[[], str]]:
    """A running ``promptyard watch``, and what gives its next line with the time that it came at."""
    command = [sys.executable, "-m", "registry.cli", "-C", str(root), "watch", "--json"]
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[1]
    ) as process:

        def follow() -> None:
            for line in process.stdout or ():
                lines.put(json.dumps({**json.loads(line), "told": time.perf_counter()}))

        threading.Thread(target=follow, daemon=True).start()
        try:
            yield lambda: lines.get(timeout=60)
        finally:
            process.terminate()


def registry(root: Path, prompts: int) -> None:
    """A registry of so many prompts of about 2 kB, each with a suite, in folders of 20."""
    files = {
        "promptyard.yaml": "promptyard: 1\n",
        "prompts/models/chat.model.yaml": _MODEL,
        "prompts/guardrails/tickets.guardrail.yaml": _GUARDRAIL,
        "prompts/partials/tone.md": "Be calm.\n",
    }
    prose = "".join(_PROSE.format(words=words) for words in range(100, 112)).rstrip("\n")
    for number in range(prompts):
        name = f"team-{number // 20}/p{number}"
        text = _PROMPT.format(team=number // 20, number=number, prose=prose)
        files[f"prompts/{name}.prompt.yaml"] = text
        files[f"prompts/{name}.suite.yaml"] = _SUITE.format(prompt=name)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
