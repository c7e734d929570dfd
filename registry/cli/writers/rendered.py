"""A rendered prompt for people and for programs: its messages, and what a call with it takes.

It must never change a character of a message, nor say of an estimate that it was counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
from rich.console import Console
from rich.text import Text

from registry.rendering.amounts import money
from registry.rendering.estimate import Estimate, Shares, shares
from registry.rendering.preview import messages_json
from serve.core.codec import to_json
from serve.core.live import Render
from serve.core.model import CallingMessage, ChatMessage, Json, ToolMessage

_FULL = 1.0


def write_rendered(console: Console, render: Render) -> None:
    """Print the messages, each below a line with its role."""
    variant = f", variant {render.variant}" if render.variant else ""
    head = f"{render.prompt}{variant} · {render.version[:12]} · {render.model.id} ({render.model.engine})"
    console.print(Text(head, "dim"), soft_wrap=True)
    for message in render.messages:
        answered = f" {message.tool_call_id}" if isinstance(message, ToolMessage) else ""
        console.print(Text(f"── {message.role}{answered}", message.role))
        for line in _pieces(message):
            click.echo(line)  # rich would expand tabs and drop control characters


def write_estimate(console: Console, render: Render, estimated: Estimate) -> None:
    """Print one line with tokens, cost, and what they are of the context and the budget."""
    line = Text(style="dim")
    for index, (words, share) in enumerate(_facts(render, estimated, shares(render, estimated))):
        line.append(" · " if index else "")
        line.append(words, "error" if share is not None and share > _FULL else "")
    console.print(line, soft_wrap=True)


def rendered_json(render: Render, estimated: Estimate) -> Json:
    """All that belongs to a render, as JSON."""
    return {
        "prompt": render.prompt,
        "version": render.version,
        "variant": render.variant,
        "model": render.model.id,
        "engine": render.model.engine,
        "parameters": dict(render.parameters),
        "messages": messages_json(render),
        "estimate": to_json(estimated),
        "shares": to_json(shares(render, estimated)),
    }


def _pieces(message: ChatMessage) -> Iterator[str]:
    if not isinstance(message.content, str):
        for part in message.content:
            yield part.text if part.kind == "text" else f"[{part.kind}] {part.text}"
    elif message.content or not isinstance(message, CallingMessage):
        yield message.content
    if isinstance(message, CallingMessage):
        for c in message.tool_calls:
            yield f"[call {c.id}] {c.name} {json.dumps(c.arguments, ensure_ascii=False)}"


def _facts(render: Render, of: Estimate, taken: Shares) -> Iterator[tuple[str, float | None]]:
    """Each fact with the share that it is of a bound."""
    budget = render.compiled.prompt.budget
    yield f"{'' if of.exact else '≈ '}{of.prompt_tokens:,} tokens", None
    if of.input_cost == 0 and of.max_cost == 0:
        yield "no cost", None
    elif of.input_cost is not None:
        yield f"{money(of.input_cost, of.currency)} for the prompt", None
    if of.max_cost:
        yield (
            f"at most {money(of.max_cost, of.currency)} with {of.max_answer_tokens:,} tokens of answer",
            None,
        )
    if taken.context is not None:
        yield f"{_percent(taken.context)} of the context", taken.context
    if budget is not None and taken.budget_tokens is not None:
        bound = f"{budget.max_prompt_tokens:,} tokens"
        yield f"{_percent(taken.budget_tokens)} of the budget's {bound}", taken.budget_tokens
    if budget is not None and taken.budget_cost is not None:
        bound = money(budget.max_cost_per_call_usd or 0, "USD")
        yield f"{_percent(taken.budget_cost)} of its {bound}", taken.budget_cost


def _percent(share: float) -> str:
    return "<1 %" if 0 < share < 0.005 else f"{share:.0%}".replace("%", " %")
