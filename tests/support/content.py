"""A small registry on disk, for tests that start from files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from registry.authoring.catalog import Catalog, load
from registry.authoring.tree import FolderTree
from registry.settings import Settings

MODEL = """\
promptyard: 1
engine: openai
model: gpt-test
parameters: {maxTokens: 50}
"""
TRIAGE = """\
promptyard: 1
description: Routes one ticket.
owner: support
model: models/chat
inputs:
  teams: {type: array, items: {type: string, maxLength: 40}, maxItems: 20}
  ticket: {type: string, maxLength: 8000, trust: user}
messages:
  - id: rules
    role: system
    content: |
      You route tickets.
      {% include "partials/tone.md" %}
      {% for team in teams %}
      - {{ team }}
      {% endfor %}
  - role: user
    content: |
      {{ ticket }}
variants:
  short:
    messages: {rules: "One of: {{ teams | join(', ') }}."}
"""
SUITE = """\
promptyard: 1
prompt: support/triage
mode: render
defaults:
  inputs: {teams: [cards, loans]}
cases:
  - {id: lost, inputs: {ticket: I lost my card.}, expect: [{contains: "- cards"}, {contains: I lost my card.}]}
  - {id: rate, inputs: {ticket: What is my rate?}, expect: [{contains: "- loans"}]}
"""
FILES: Mapping[str, str] = {
    "prompts/support/triage.prompt.yaml": TRIAGE,
    "prompts/support/triage.suite.yaml": SUITE,
    "prompts/partials/tone.md": "Be calm.\n",
    "prompts/models/chat.model.yaml": MODEL,
}


def write(root: Path, files: Mapping[str, str] = FILES, **changes: str) -> Path:
    """The registry on disk; ``changes`` are further files by path, over the given ones."""
    for name, text in {**files, **changes}.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return root


def catalog(root: Path) -> Catalog:
    return load(FolderTree(root), Settings())
