"""What changed between two bundles, and why: a set difference and a walk over references.

Digests cover resolved entries, so nothing has to be compared field by field to know that it changed.
Why is said once, at its root: a model that moved is named at the prompts that use it and not again at their variants.
It must never compare text to decide; text is only for showing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from registry.authoring.sources.prompt import Content, MessageSource, PromptSource
from registry.rendering.leaves import leaves
from serve.core.codec import key_of, to_json
from serve.core.model import Bundle, Item, Message, Placeholder, Prompt, Reference, Variant

What = Literal["added", "removed", "changed", "renamed"]
Kind = Literal["prompt", "model", "guardrail", "tool"]
Sources = Mapping[str, PromptSource]
KINDS: tuple[Kind, ...] = ("prompt", "model", "guardrail", "tool")
_OWN = ("description", "owner", "parameters", "inputs", "output", "budget", "knowledge")
_MOST_LEAVES = 6


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that differs. ``reasons`` are short phrases such as ``partial partials/tone.md``.

    ``was`` is the id that a renamed entry had before.
    """

    what: What
    kind: Kind
    id: str
    reasons: tuple[str, ...] = ()
    was: str | None = None


def compare(base: Bundle, head: Bundle, written: tuple[Sources, Sources] | None = None) -> tuple[Change, ...]:
    """What a reader of ``head`` finds added, removed or changed against ``base``, prompts first.

    ``written`` are the prompts of both sides as their authors wrote them. With them a message counts as a
    reason only where its own text changed, not where a partial in it did.
    """
    return tuple(change for kind in KINDS for change in _compare_kind(kind, base, head, written))


def entries(bundle: Bundle, kind: str) -> Mapping[str, Any]:
    """The entries of one kind by id."""
    held: Mapping[str, Any] = getattr(bundle, f"{kind}s")
    return held


def reasons(
    kind: Kind,
    before: Any,
    after: Any,
    written: tuple[PromptSource | None, PromptSource | None] = (None, None),
) -> tuple[str, ...]:
    """Why one entry differs from another of its kind, in short phrases."""
    if kind == "prompt":
        return tuple(_prompt_reasons(before, after, *written))
    return _shortened(leaves(_plain(before), _plain(after)))


def message_texts(items: tuple[Item, ...]) -> Mapping[str, str]:
    """The templates of a prompt's messages by a name a reader knows: the id, or role and position."""
    named: dict[str, str] = {}
    for position, item in enumerate(items, 1):
        if isinstance(item, Placeholder):
            named[message_name(position, item)] = f"<{item.history}>"
        else:
            named[message_name(position, item)] = "\n".join(part.text for part in item.content)
    return named


def message_name(position: int, item: Item) -> str:
    """What a reader calls a message: its id, or its place from 1 and its role."""
    if isinstance(item, Placeholder):
        return f"{position} history"
    return item.id or f"{position} {item.role}"


def _compare_kind(
    kind: Kind, base: Bundle, head: Bundle, written: tuple[Sources, Sources] | None
) -> Iterator[Change]:
    before, after = entries(base, kind), entries(head, kind)
    old, new = written or ({}, {})
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change("added", kind, name)
        elif name not in after:
            yield Change("removed", kind, name)
        elif before[name] != after[name]:
            why = reasons(kind, before[name], after[name], (old.get(name), new.get(name)))
            yield Change("changed", kind, name, why)


def _prompt_reasons(
    before: Prompt, after: Prompt, old: PromptSource | None, new: PromptSource | None
) -> Iterator[str]:
    yield from _model_reasons(before, after)
    for noun, one, other in (
        ("guardrail", before.guardrails, after.guardrails),
        ("tool", before.tools, after.tools),
    ):
        odd = {ref.id for ref in set(one) ^ set(other)}
        yield from (f"{noun} {name}" for name in sorted(odd))
        if not odd and one != other:
            yield f"order of {noun}s"
    partials = sorted(before.includes.keys() | after.includes.keys())
    yield from (
        f"partial {name}" for name in partials if before.includes.get(name) != after.includes.get(name)
    )
    yield from _message_reasons(before, after, _own_texts(old), _own_texts(new))
    yield from _variant_reasons(before, after, old, new)
    for noun in _OWN:
        one, other = _plain(getattr(before, noun)), _plain(getattr(after, noun))
        yield from (
            _shortened(leaves(one, other, key_of(noun))) if noun != "description" or one == other else [noun]
        )


def _model_reasons(before: Prompt, after: Prompt) -> Iterator[str]:
    old, new = _models(before), _models(after)
    told = (_model(old[arm], new[arm]) for arm in new if arm in old and old[arm] != new[arm])
    yield from dict.fromkeys(told)


def _models(prompt: Prompt) -> Mapping[str | None, Reference]:
    return {None: prompt.model, **{name: arm.model for name, arm in prompt.variants.items()}}


def _model(old: Reference, new: Reference) -> str:
    return f"model {new.id}" if old.id == new.id else f"model {old.id} → {new.id}"


def _message_reasons(
    before: Prompt, after: Prompt, own: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[str]:
    old, new = message_texts(before.messages), message_texts(after.messages)
    for name in dict.fromkeys([*old, *new]):
        borrowed = name in own and own[name] == theirs.get(name)  # a partial of it changed, and is named
        if old.get(name) != new.get(name) and not borrowed:
            yield f"message {name}"
    if old == new and _shape(before) != _shape(after):
        yield "message roles" if _roles(before) != _roles(after) else "message parts"


def _own_texts(source: PromptSource | None) -> Mapping[str, Content]:
    if source is None:
        return {}
    items = enumerate(source.messages, 1)
    return {
        item.id or f"{position} {item.role}": item.content
        for position, item in items
        if isinstance(item, MessageSource)
    }


def _variant_reasons(
    before: Prompt, after: Prompt, old: PromptSource | None, new: PromptSource | None
) -> Iterator[str]:
    for name in sorted(before.variants.keys() | after.variants.keys()):
        one, other = before.variants.get(name), after.variants.get(name)
        if one is None or other is None:
            yield f"variant {name} {'added' if one is None else 'removed'}"
        elif old is not None and new is not None:
            written = old.variants.get(name), new.variants.get(name)
            if one != other and written[0] != written[1]:
                yield f"variant {name}"
        elif _apart(before, one) != _apart(after, other):
            yield f"variant {name}"


def _apart(prompt: Prompt, variant: Variant) -> tuple[Any, ...]:
    """What a variant has of its own, where it is not the prompt's: that is the prompt's change."""
    pairs = zip(prompt.messages, variant.messages, strict=False)
    items = tuple(None if mine == theirs else theirs for mine, theirs in pairs)
    ours = {key: value for key, value in variant.parameters.items() if prompt.parameters.get(key) != value}
    return variant.model.id if variant.model.id != prompt.model.id else None, ours, items


def _shape(prompt: Prompt) -> Any:
    return [item if isinstance(item, Placeholder) else to_json(item) for item in prompt.messages]


def _roles(prompt: Prompt) -> list[str]:
    return [item.role if isinstance(item, Message) else "history" for item in prompt.messages]


def _plain(value: Any) -> Any:
    """An entry or a field as JSON, without the id that its path says already."""
    told = to_json(value)
    return {key: item for key, item in told.items() if key != "id"} if hasattr(value, "id") else told


def _shortened(phrases: Iterator[str]) -> tuple[str, ...]:
    told = tuple(phrases)
    more = len(told) - _MOST_LEAVES
    return (*told[:_MOST_LEAVES], f"{more} more") if more > 0 else told
