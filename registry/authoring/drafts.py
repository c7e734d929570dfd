"""The first lines of a new file: small, valid, and worth changing at once.

It must never draft what lint would refuse.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from registry.authoring.kinds import KINDS
from registry.errors import Usage

_ID = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*")
_PROMPT = """\
# yaml-language-server: $schema={schema}
promptyard: 1
description: What this prompt is for, in one sentence.
owner: {owner}
model: {model}
modelParameters: {{temperature: 0, maxTokens: 128}}
inputs:
  question: {{type: string, maxLength: 4000, trust: user}}
messages:
  - id: rules
    role: system
    content: |
      You help customers of the bank. Answer in two sentences at most.
  - role: user
    content: |
      {{{{ question }}}}
"""
_MODEL = """\
# yaml-language-server: $schema={schema}
promptyard: 1
description: Which model this is and what it is used for.
engine: openai
model: gpt-4.1-mini
parameters: {{temperature: 0, maxTokens: 512}}
contextTokens: 128000
"""
_GUARDRAIL = """\
# yaml-language-server: $schema={schema}
promptyard: 1
description: What this set keeps out.
owner: {owner}
rules:
  - id: internal-ticket-number
    title: Internal ticket numbers stay internal
    kind: pattern
    severity: medium
    action: redact
    stages: [output]
    detect: {{any: ['INT-[0-9]{{6}}']}}
    tests:
      - {{text: We opened INT-204418 for you., expect: hit}}
      - {{text: We opened a ticket for you., expect: pass}}
"""
_SUITE = """\
# yaml-language-server: $schema={schema}
promptyard: 1
prompt: {prompt}
policy: {{minPassRate: 0.9}}
cases:
  - id: first
    inputs: {{question: How do I block a lost card?}}
    expect: [{{icontains: card}}]
"""
DRAFTS: Mapping[str, str] = {"prompt": _PROMPT, "model": _MODEL, "guardrail": _GUARDRAIL, "suite": _SUITE}


def draft(kind: str, entry_id: str, *, content: str, model: str) -> tuple[str, bytes]:
    """The path below the root and the text of a new file.

    Args:
        kind: one of ``DRAFTS``.
        entry_id: the new id; a suite's is best that of its prompt.
        content: the content folder.
        model: the model that a new prompt asks.

    Raises:
        Usage: NEW001 for an id that is no plain path.
    """
    if not _ID.fullmatch(entry_id):
        raise Usage(
            "NEW001", f"{entry_id} cannot be an id", "Use lower-case words joined by - or /: support/refund."
        )
    known = next(known for known in KINDS if known.name == kind)
    path = f"{content}/{entry_id}{known.suffix}"
    text = DRAFTS[kind].format(
        schema=posixpath.relpath(f"schemas/{known.schema}", posixpath.dirname(path)),
        owner=entry_id.split("/")[0] if "/" in entry_id else "nobody-yet",
        model=model,
        prompt=entry_id,
    )
    return path, text.encode()


def write_new(path: Path, data: bytes) -> bool:
    """Write a file that does not exist yet, whole or not at all; False when there is one, which is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True
