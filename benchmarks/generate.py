"""A registry of any size: prompts with partials, inputs, an output and a suite of five cases each.

What it makes is the same every time, and lint finds nothing in it.
"""

from __future__ import annotations

import random
from pathlib import Path

_WORDS = (  # noqa: SIM905
    "answer card charge customer refund account team letter branch transfer limit price safe clear short plain "
    "check order number reason change close open date word line help first next before after never always only"
).split()
_MODEL = """\
promptyard: 1
engine: openai
model: gpt-4.1-mini
parameters: {temperature: 0, maxTokens: 256}
contextTokens: 128000
prices:
  currency: USD
  perMillion: {input: 0.4, output: 1.6}
  source: a price list made for the benchmark
  effectiveFrom: "2026-10-01"
"""
_PROMPT = """\
# yaml-language-server: $schema=../../schemas/prompt.schema.json
promptyard: 1
description: {title}
owner: {team}
model: models/chat
modelParameters: {{temperature: 0, maxTokens: 128}}
inputs:
  product: {{type: string, maxLength: 80}}
  teams:
    type: array
    items: {{type: string, maxLength: 40}}
    maxItems: 20
  ticket: {{type: string, maxLength: 4000, trust: user}}
output:
  schema:
    type: object
    additionalProperties: false
    required: [team, urgency]
    properties:
      team: {{type: string}}
      urgency: {{enum: [low, normal, high]}}
messages:
  - id: rules
    role: system
    content: |
      {lead}
      {{% include "partials/part-{partial:04}.md" %}}
      You work on {{{{ product }}}}. Choose one team:
      {{% for team in teams %}}
      - {{{{ team }}}}
      {{% endfor %}}
      {close}
      Answer with JSON only.
  - role: user
    content: |
      {{{{ ticket }}}}
"""
_CASE = """\
  - id: case-{n}
    inputs: {{product: {product}, teams: [billing, cards], ticket: {ticket}}}
    expect: [{{is-json: output}}, {{not-icontains: traceback}}]
"""


def generate(
    root: Path, *, prompts: int = 10_000, partials: int = 1_000, cases: int = 5, per_folder: int = 100
) -> None:
    """Write a registry below ``root``.

    Args:
        root: an empty folder.
        prompts: how many prompts; each has a suite.
        partials: how many partials they include, one each.
        cases: how many cases a suite has.
        per_folder: how many prompts lie in one folder.
    """
    chance = random.Random(7)
    (root / "prompts" / "models").mkdir(parents=True)
    (root / "prompts" / "partials").mkdir()
    (root / "promptyard.yaml").write_text("promptyard: 1\n")
    (root / "prompts" / "models" / "chat.model.yaml").write_text(_MODEL)
    for number in range(partials):
        text = "\n".join(_sentence(chance, 18) for _ in range(4)) + "\n"
        (root / "prompts" / "partials" / f"part-{number:04}.md").write_text(text)
    for number in range(prompts):
        team = f"team-{number // per_folder:03}"
        folder = root / "prompts" / team
        folder.mkdir(exist_ok=True)
        text = _PROMPT.format(
            title=_sentence(chance, 8),
            team=team,
            partial=number % partials,
            lead=" ".join(_sentence(chance, 16) for _ in range(3)),
            close=" ".join(_sentence(chance, 16) for _ in range(3)),
        )
        (folder / f"prompt-{number:05}.prompt.yaml").write_text(text)
        rows = "".join(
            _CASE.format(n=n, product=chance.choice(_WORDS), ticket=_sentence(chance, 12))
            for n in range(cases)
        )
        head = f"promptyard: 1\nprompt: {team}/prompt-{number:05}\nmode: render\ncases:\n"
        (folder / f"prompt-{number:05}.suite.yaml").write_text(head + rows)


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize() + "."
