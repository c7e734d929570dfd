"""The examples of lessons as whole files: each piece laid over a small registry that is in order."""

from __future__ import annotations

import re
from collections.abc import Mapping

BASE: Mapping[str, str] = {
    "prompts/answer.prompt.yaml": """\
promptyard: 1
description: Answers one question.
owner: support
model: models/chat
inputs:
  question: {type: string, maxLength: 500, trust: user}
messages:
  - {role: user, content: "{{ question }}"}
""",
    "prompts/answer.suite.yaml": """\
promptyard: 1
prompt: answer
mode: render
cases:
  - {id: why, inputs: {question: Why?}, expect: [{regex: "."}]}
""",
    "prompts/models/chat.model.yaml": """\
promptyard: 1
engine: openai
model: gpt-test
parameters: {maxTokens: 50}
""",
    "promptyard.yaml": "promptyard: 1\n",
}
_FILE = re.compile(r"^# (\S+\.(?:yaml|yml|md|jsonl))$", re.MULTILINE)
_KEY = re.compile(r"^(?=[a-z][A-Za-z]*:|\? )", re.MULTILINE)


def files_of(example: str) -> dict[str, str]:
    """The small registry with the pieces of an example in place of its own."""
    files = dict(BASE)
    name, at = "answer.prompt.yaml", 0
    for found in [*_FILE.finditer(example), None]:
        piece = example[at : found.start() if found else len(example)]
        if piece.strip() or at:
            path = name if name == "promptyard.yaml" else f"prompts/{name}"
            begun = files.get(path, "" if ".prompt." in name else "promptyard: 1\n")
            files[path] = laid_over(begun, piece) if name.endswith("yaml") else piece
        if found:
            name, at = found[1], found.end() + 1
    return files


def laid_over(whole: str, piece: str) -> str:
    """A file with the keys of a piece in place of its own."""
    kept = {_name(key): key for key in _KEY.split(whole) if key.strip()}
    return "".join({**kept, **_doubled(piece)}.values())


def _doubled(piece: str) -> dict[str, str]:
    """The keys of a piece by name; a key that is written twice stays so."""
    found: dict[str, str] = {}
    for key in _KEY.split(piece):
        if key.strip():
            found[_name(key)] = found.get(_name(key), "") + key
    return found


def _name(key: str) -> str:
    return key.partition(":")[0]
