"""The first lines of a new file: small, valid, and worth changing at once.

It must never draft what lint would refuse.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from registry.authoring.format import format_file
from registry.authoring.kinds import KINDS
from registry.authoring.sources.prompt import PlaceholderSource, PromptSource
from registry.errors import Usage
from serve.core.model import Json

_QUESTION = "How do I block a lost card?"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*")
_PROMPT = """\
# yaml-language-server: $schema={schema}
promptyard: 1
description: What this prompt is for, in one sentence.
owner: {owner}
model: {model}
modelParameters: {{temperature: 0, maxTokens: 128}}
inputs:
  question: {{type: string, maxLength: 2000, trust: user}}
messages:
  - id: rules
    role: system
    content: |
      You answer questions about {topic}. Keep to two sentences.
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
_TOOL = """\
# yaml-language-server: $schema={schema}
promptyard: 1
name: {name}
description: What the tool does, when to call it, and what it gives back.
parameters:
  type: object
  additionalProperties: false
  required: [reference]
  properties:
    reference: {{type: string, description: What to look up., maxLength: 40}}
"""
_SUITE = """\
# yaml-language-server: $schema={schema}
promptyard: 1
prompt: {prompt}
policy: {{minPassRate: 0.9}}
cases:
  - id: first
    inputs: {inputs}
    expect: [{{word-count: {{min: 1, max: 200}}}}]
"""
_RENDER_SUITE = """\
# yaml-language-server: $schema={schema}
promptyard: 1
prompt: {prompt}
mode: render
cases:
  - id: first
    inputs: {inputs}
    expect: [{{not-contains: "{{{{"}}]
"""
DRAFTS: Mapping[str, str] = {
    "prompt": _PROMPT,
    "model": _MODEL,
    "guardrail": _GUARDRAIL,
    "tool": _TOOL,
    "suite": _SUITE,
}


def sample_inputs(prompt: PromptSource | None) -> Json:
    """Values of the declared types, to begin a case with; those of a new prompt where there is none yet."""
    if prompt is None:
        return {"question": _QUESTION}
    made = {name: _sample(name, schema) for name, schema in prompt.inputs.items() if "default" not in schema}
    placeholders = [item.history for item in prompt.messages if isinstance(item, PlaceholderSource)]
    return made | {name: [{"role": "user", "content": "Hello?"}] for name in placeholders}


def _sample(name: str, schema: Mapping[str, Json]) -> Json:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [_sample(name, schema.get("items", {}))]
    if schema.get("type") == "object":
        return {key: _sample(key, inner) for key, inner in schema.get("properties", {}).items()}
    plain: Mapping[str, Json] = {
        "integer": schema.get("minimum", 1),
        "number": schema.get("minimum", 1),
        "boolean": True,
    }
    text = _QUESTION if schema.get("trust") == "user" else f"a {name}"
    return plain.get(schema.get("type", ""), text[: schema.get("maxLength")])


def draft(
    kind: str,
    entry_id: str,
    *,
    content: str,
    model: str,
    prompt: PromptSource | None = None,
    offline: bool = False,
) -> tuple[str, bytes]:
    """The path below the root and the text of a new file, in form.

    Args:
        kind: one of ``DRAFTS``.
        entry_id: the new id; a suite's is best that of its prompt.
        content: the content folder.
        model: the model that a new prompt asks.
        prompt: what a new suite is for, so that its first case has inputs of the right types.
        offline: a new suite asks no model, and so needs no key.

    Raises:
        Usage: NEW001 for an id that is no plain path.
    """
    known = next(known for known in KINDS if known.name == kind)
    if not _ID.fullmatch(entry_id):
        raise Usage("NEW001", f"{entry_id or 'an empty name'} cannot be an id", _advice(entry_id, content))
    path = f"{content}/{entry_id}{known.suffix}"
    name = entry_id.rsplit("/", 1)[-1]
    text = (_RENDER_SUITE if offline and kind == "suite" else DRAFTS[kind]).format(
        schema=posixpath.relpath(f"schemas/{known.schema}", posixpath.dirname(path)),
        owner=entry_id.split("/")[0] if "/" in entry_id else "nobody-yet",
        model=model,
        name=name.replace("-", "_"),
        topic=name.replace("-", " ").replace("_", " "),
        prompt=entry_id,
        inputs=json.dumps(sample_inputs(prompt), ensure_ascii=False),
    )
    return path, format_file(path, text.encode()).data


def _advice(entry_id: str, content: str) -> str:
    """What the id is without the folder, the ending and the capitals that it was given with, if that helps."""
    bare = entry_id.removeprefix("./").removeprefix(f"{content}/").lower().replace(" ", "-")
    bare = re.sub(r"(\.[a-z]+)?\.ya?ml\Z", "", bare).strip("/")
    wanted = bare if _ID.fullmatch(bare) and ".." not in entry_id else "support/refund"
    return (
        f"Write the path below {content} without its ending, in lower-case words joined by - or /: {wanted}."
    )


def write_new(path: Path, data: bytes) -> bool:
    """Write a file that does not exist yet, whole or not at all; False when there is one, which is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:  # a full disk names no file
        error.filename = error.filename or str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return True
