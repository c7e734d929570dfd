"""What the model reads before and after a change: every case of a suite rendered on both sides, by words.

A change that reads the same in many cases is told once, with the cases that it stands for.
It must never render in a way of its own: both sides are live releases, as a service would hold them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.rendering.changes import message_name, message_texts
from registry.rendering.words import Line, word_difference
from serve.core.errors import PromptyardError
from serve.core.inputs import history_names
from serve.core.live import Live
from serve.core.model import ChatMessage, Item, Placeholder, Prompt

Edit = tuple[tuple[str, str], ...]


class Case(Protocol):
    """A case as far as rendering goes; a suite's cases are such."""

    @property
    def id(self) -> str:
        """Its name in reports."""
        ...

    @property
    def inputs(self) -> Mapping[str, Any]:
        """A value for each variable."""
        ...

    @property
    def variant(self) -> str | None:
        """The variant that it asks for."""
        ...


@dataclass(frozen=True, slots=True)
class TextChange:
    """A message that reads differently. ``cases`` read so; without any it is the template itself."""

    name: str
    lines: tuple[Line | None, ...]
    cases: tuple[str, ...] = ()

    @property
    def edit(self) -> Edit:
        """The words that went and came, without what stands around them: equal for equal edits."""
        pieces = (piece for line in self.lines if line is not None for piece in line)
        return tuple((piece.side, piece.text) for piece in pieces if piece.side != "both")


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt before and after.

    Attributes:
        texts: the messages that read differently.
        cases: how many cases were rendered on both sides.
        differing: how many of them read differently.
        refused: cases that one side does not render, each with the reason.
    """

    texts: tuple[TextChange, ...] = ()
    cases: int = 0
    differing: int = 0
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Gathered:
    texts: dict[tuple[str, Edit], TextChange] = field(default_factory=dict)
    pairs: dict[tuple[str, str], tuple[Line | None, ...]] = field(default_factory=dict)

    def add(self, name: str, pair: tuple[str, str], case: str | None) -> None:
        if pair not in self.pairs:
            self.pairs[pair] = word_difference(*pair)
        found = TextChange(name, self.pairs[pair])
        key = (name, found.edit)
        known = self.texts.get(key, found)
        self.texts[key] = TextChange(name, known.lines, (*known.cases, *([case] if case else [])))


def read(old: Live, new: Live, was: str, now: str, cases: Sequence[Case]) -> Reading:
    """How a prompt reads before and after; ``was`` and ``now`` are its ids in the two releases."""
    gathered, refused = _Gathered(), list[tuple[str, str]]()
    rendered = differing = 0
    one, other = old.prompts()[was], new.prompts()[now]
    for case in cases:
        try:
            before = dict(_rendered(old, was, case.variant, inputs_for(one, other, case.inputs)))
            after = dict(_rendered(new, now, case.variant, inputs_for(other, one, case.inputs)))
        except PromptyardError as error:
            refused.append((case.id, f"{error.code} {error.what}"))
            continue
        pairs = list(_different(before, after))
        rendered, differing = rendered + 1, differing + bool(pairs)
        for name, pair in pairs:
            gathered.add(name, pair, case.id)
    seen = {text.edit for text in gathered.texts.values()}
    for name, pair in _different(_templates(one), _templates(other)):
        if TextChange(name, word_difference(*pair)).edit not in seen:
            gathered.add(name, pair, None)
    texts = _without_doubles(gathered.texts.values())
    return Reading(tuple(texts), rendered, differing, tuple(refused))


def inputs_for(prompt: Prompt, other: Prompt, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """What one side of a change asks for of a case's inputs: those that the other side alone declares are left out.

    A variable that comes or goes must not keep the rest of the change from being seen.
    """
    foreign = _names_of(other) - _names_of(prompt)
    return {name: value for name, value in inputs.items() if name not in foreign}


def _names_of(prompt: Prompt) -> frozenset[str]:
    return history_names(prompt) | prompt.inputs.keys()


def _without_doubles(texts: Any) -> Iterator[TextChange]:
    """Templates whose edit another template shows already, as variants share what they do not change, are left out."""
    seen: set[Edit] = set()
    for text in texts:
        if text.cases or text.edit not in seen:
            yield text
        seen.add(text.edit)


def _different(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for name in dict.fromkeys([*before, *after]):
        pair = before.get(name, ""), after.get(name, "")
        if pair[0] != pair[1]:
            yield name, pair


def _templates(prompt: Prompt) -> Mapping[str, str]:
    named = dict(message_texts(prompt.messages))
    for variant, arm in prompt.variants.items():
        named |= {f"{name} (variant {variant})": text for name, text in message_texts(arm.messages).items()}
    return named


def _rendered(
    live: Live, prompt: str, arm: str | None, inputs: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    known = live.prompt(prompt)
    variant = arm if arm in known.variants else None
    messages = iter(live.render(prompt, inputs, variant=variant).messages)
    items = known.variants[variant].messages if variant else known.messages
    suffix = f" (variant {variant})" if variant else ""
    for position, item in enumerate(items, 1):
        for name in _names(position, item, inputs):
            yield f"{name}{suffix}", _shown(next(messages))


def _names(position: int, item: Item, inputs: Mapping[str, Any]) -> Iterator[str]:
    name = message_name(position, item)
    if isinstance(item, Placeholder):
        yield from (f"{name} {turn}" for turn in range(1, len(inputs.get(item.history, ())) + 1))
    else:
        yield name


def _shown(message: ChatMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n".join(
        part.text if part.kind == "text" else f"<{part.kind} {part.text}>" for part in message.content
    )
