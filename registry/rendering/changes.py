"""What changed between two bundles, and why: a set difference and a walk over references.

Digests cover resolved entries, so nothing has to be compared field by field to know that it changed.
It must never compare text to decide; text is only for showing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from serve.core.codec import to_json
from serve.core.model import Bundle, Item, Message, Placeholder, Prompt

Kind = Literal["prompt", "model", "guardrail", "tool"]
_KINDS: tuple[Kind, ...] = ("prompt", "model", "guardrail", "tool")
_OWN = ("description", "owner", "parameters", "inputs", "output", "budget", "knowledge")


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that differs. ``reasons`` are short phrases such as ``partial partials/tone.md``."""

    what: Literal["added", "removed", "changed"]
    kind: Kind
    id: str
    reasons: tuple[str, ...] = ()


def compare(base: Bundle, head: Bundle) -> tuple[Change, ...]:
    """What a reader of ``head`` finds added, removed or changed against ``base``, prompts first."""
    return tuple(change for kind in _KINDS for change in _compare_kind(kind, base, head))


def message_texts(items: tuple[Item, ...]) -> Mapping[str, str]:
    """The templates of a prompt's messages by a name a reader knows: the id, or role and position."""
    named: dict[str, str] = {}
    for position, item in enumerate(items, 1):
        if isinstance(item, Placeholder):
            named[f"{position} history"] = f"<{item.history}>"
        else:
            named[item.id or f"{position} {item.role}"] = "\n".join(part.text for part in item.content)
    return named


def _compare_kind(kind: Kind, base: Bundle, head: Bundle) -> Iterator[Change]:
    before, after = _entries(base, kind), _entries(head, kind)
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change("added", kind, name)
        elif name not in after:
            yield Change("removed", kind, name)
        elif before[name] != after[name]:
            reasons = (
                _prompt_reasons(before[name], after[name])
                if kind == "prompt"
                else _keys(before[name], after[name])
            )
            yield Change("changed", kind, name, tuple(reasons))


def _entries(bundle: Bundle, kind: Kind) -> Mapping[str, Any]:
    held: Mapping[str, Any] = getattr(bundle, f"{kind}s")
    return held


def _keys(before: Any, after: Any) -> Iterator[str]:
    old, new = to_json(before), to_json(after)
    yield from (key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key))


def _prompt_reasons(before: Prompt, after: Prompt) -> Iterator[str]:
    if before.model != after.model:
        same = before.model.id == after.model.id
        yield f"model {after.model.id}" if same else f"model {before.model.id} → {after.model.id}"
    for noun, old, new in (
        ("guardrail", before.guardrails, after.guardrails),
        ("tool", before.tools, after.tools),
    ):
        odd = {ref.id for ref in set(old) ^ set(new)}
        yield from (f"{noun} {name}" for name in sorted(odd))
    for name in sorted(before.includes.keys() | after.includes.keys()):
        if before.includes.get(name) != after.includes.get(name):
            yield f"partial {name}"
    yield from _message_reasons(before, after)
    for name in sorted(before.variants.keys() | after.variants.keys()):
        if before.variants.get(name) != after.variants.get(name):
            yield f"variant {name}"
    yield from (noun for noun in _OWN if getattr(before, noun) != getattr(after, noun))


def _message_reasons(before: Prompt, after: Prompt) -> Iterator[str]:
    old, new = message_texts(before.messages), message_texts(after.messages)
    yield from (f"message {name}" for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name))
    if _roles(before) != _roles(after) and old == new:
        yield "message roles"


def _roles(prompt: Prompt) -> list[str]:
    return [item.role if isinstance(item, Message) else "history" for item in prompt.messages]
