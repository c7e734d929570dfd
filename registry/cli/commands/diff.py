"""``promptyard diff``: which entries change between two revisions, why, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click
from rich.console import Console
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.rendering.changes import Change, compare, message_texts
from registry.rendering.resolve import resolve
from registry.rendering.words import Line, word_difference
from serve.core.model import Bundle, Json, Prompt

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_STYLES = {"added": "added", "removed": "removed", "changed": "warning"}


@dataclass(frozen=True, slots=True)
class _Text:
    """A message that reads differently, by words."""

    name: str
    lines: tuple[Line | None, ...]


@click.command(
    "diff",
    epilog=examples(
        "promptyard diff                 # this branch against main",
        "promptyard diff v1.2 v1.3",
    ),
)
@click.argument("base", required=False)
@click.argument("head", required=False)
@pass_context
def command(context: Context, base: str | None, head: str | None) -> None:
    """Show which entries change between two revisions, and why.

    BASE is by default where this branch left main, HEAD the working copy. A prompt changes with
    its partials, model config, guardrails and tools, as its digest does.
    """
    base = base or context.default_base()
    after = context.catalog(head)
    old, new = resolve(context.catalog(base)), resolve(after)
    changes = compare(old, new)
    texts = {change: tuple(_texts(change, old, new)) for change in changes}
    context.tell_left_out(after)
    if context.json:
        changed = [_json(change, texts[change]) for change in changes]
        write_json({"base": old.manifest.commit, "head": new.manifest.commit, "changes": changed})
        return
    for change in changes:
        _write(context.console, change, texts[change])
    against = f"{base[:12]} → {head or 'working copy'}"
    context.errors.print(f"{_count(len(changes))}: {against}", style="dim")


def _count(changes: int) -> str:
    return "one entry changes" if changes == 1 else f"{changes or 'no'} entries change"


def _texts(change: Change, old: Bundle, new: Bundle) -> Iterator[_Text]:
    if change.kind != "prompt" or change.what != "changed":
        return
    before, after = _messages(old.prompts[change.id]), _messages(new.prompts[change.id])
    shown: set[tuple[str, str]] = set()
    for name in dict.fromkeys([*before, *after]):
        pair = before.get(name, ""), after.get(name, "")
        if pair[0] != pair[1] and pair not in shown:
            shown.add(pair)
            yield _Text(name, word_difference(*pair))


def _messages(prompt: Prompt) -> dict[str, str]:
    named = dict(message_texts(prompt.messages))
    for variant, arm in prompt.variants.items():
        named |= {f"{name} (variant {variant})": text for name, text in message_texts(arm.messages).items()}
    return named


def _json(change: Change, texts: tuple[_Text, ...]) -> Json:
    return {
        "what": change.what,
        "kind": change.kind,
        "id": change.id,
        "reasons": list(change.reasons),
        "messages": [
            {"name": text.name, "lines": [_line_json(line) for line in text.lines if line is not None]}
            for text in texts
        ],
    }


def _line_json(line: Line) -> Json:
    return [{"side": piece.side, "text": piece.text} for piece in line]


def _write(console: Console, change: Change, texts: tuple[_Text, ...]) -> None:
    why = f"  ({', '.join(change.reasons)})" if change.reasons else ""
    lead = Text(f"{_SIGNS[change.what]} {change.kind} {change.id}", _STYLES[change.what])
    console.print(lead.append(why, "dim"), soft_wrap=True)
    for text in texts:
        console.print(Text(f"    {text.name}", "dim"), soft_wrap=True)
        for line in text.lines:
            console.print(_line(line, marked=console.no_color or not console.is_terminal), soft_wrap=True)


def _line(line: Line | None, *, marked: bool) -> Text:
    """One line, its words in colour, or in the marks of Git's word diff where there is none."""
    out = Text("    ")
    if line is None:
        return out.append("⋯", "dim")
    for piece in line:
        words = piece.text.replace("\n", "" if piece.side == "both" else "↵")
        if piece.side == "both":
            out.append(words)
        elif piece.side == "old":
            out.append(f"[-{words}-]" if marked else words, "removed")
        else:
            out.append(f"{{+{words}+}}" if marked else words, "added")
    return out
