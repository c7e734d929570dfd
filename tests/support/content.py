"""A small registry on disk, for tests that start from files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from registry.authoring.catalog import Catalog, load
from registry.authoring.tree import FolderTree
from registry.settings import Settings

OWN = Path(__file__).parents[2] / "prompts"
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


class Memory:
    """A tree held in memory."""

    commit: str | None = None
    committed_at = ""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(sorted(path for path in self.files if path.startswith(prefix)))

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]


def write(root: Path, files: Mapping[str, str] = FILES, **changes: str) -> Path:
    """The registry on disk; ``changes`` are further files by path, over the given ones."""
    for name, text in {**files, **changes}.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return root


def own(root: Path, *left_out: str) -> Path:
    """Our own registry at a root, each guardrail set with its first rule alone: to prove hundreds takes seconds."""
    shutil.copytree(OWN, root / "prompts", ignore=shutil.ignore_patterns(*left_out))
    for place in (root / "prompts/guardrails").glob("*.yaml"):
        head, *rules = place.read_text(encoding="utf-8").rstrip("\n").split("\n  - id: ")
        place.write_text("\n  - id: ".join([head, *rules[:1]]) + "\n", encoding="utf-8")
    (root / "promptyard.yaml").write_text("promptyard: 1\n", encoding="utf-8")
    return root


def catalog(root: Path) -> Catalog:
    return load(FolderTree(root), Settings())
