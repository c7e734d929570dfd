"""Turns prompts and tickets into training steps, from easy to full (the curriculum).

Without the curriculum the network learns the topics but ignores the list. Never touches a weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import torch
from demo_model import phrasing
from demo_model.network import Batch, Rows
from demo_model.teams import TEAM_NAMES
from demo_model.tickets import Supply, Ticket
from demo_model.vocabulary import ASSISTANT, END, SYSTEM, USER
from tokenizers import Tokenizer

LONGEST_TICKET = 110
LABEL_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Group:
    """One system prompt (token ids) and the tickets that share it: ids, index of the answer's start, loss weights."""

    prefix: list[int]
    blocks: list[tuple[list[int], int, list[float]]]


class Writer:
    """Encodes instructions and tickets exactly as the run time does: each content on its own, between control tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.mark = {token: tokenizer.token_to_id(token) for token in (END, SYSTEM, USER, ASSISTANT)}

    def ids(self, text: str) -> list[int]:
        """Token ids of one message's content."""
        return list(self.tokenizer.encode(text).ids)

    def prefix(self, text: str) -> list[int]:
        """The system message, or nothing when there is no text."""
        return [self.mark[SYSTEM], *self.ids(text), self.mark[END]] if text else []

    def block(self, ticket: Ticket, instruction: phrasing.Instruction) -> tuple[list[int], int, list[float]]:
        """The user message and the answer, where the answer starts, and the loss weight of each of its tokens."""
        question = [
            self.mark[USER],
            *self.ids(ticket.text)[:LONGEST_TICKET],
            self.mark[END],
            self.mark[ASSISTANT],
        ]
        text, label = instruction.answer(ticket)
        encoded = self.tokenizer.encode(text)
        start = text.find(label)
        inside = range(start, start + len(label))
        weights = [LABEL_WEIGHT if span[0] in inside else 1.0 for span in encoded.offsets]
        return [*question, *encoded.ids, self.mark[END]], len(question), [*weights, 1.0]


def groups(
    writer: Writer, supply: Supply, rng: Random, progress: float, count: int, tickets: int
) -> list[Group]:
    """``count`` prompts with ``tickets`` each; ``progress`` in [0, 1] sets how hard they are."""
    made = []
    for _ in range(count):
        instruction = _instruction(rng, progress)
        teams = tuple(instruction.names) or TEAM_NAMES
        injections = 0.04 if progress > 0.3 else 0.0
        blocks = [writer.block(supply.draw(teams, injections), instruction) for _ in range(tickets)]
        made.append(Group(writer.prefix(instruction.text), blocks))
    return made


def _instruction(rng: Random, progress: float) -> phrasing.Instruction:
    if rng.random() < (0.7 if progress < 0.1 else 0.25 if progress < 0.25 else 0.04):
        return phrasing.chat(rng)
    if progress < 0.1:
        return phrasing.compose(rng, 3, 0)
    return phrasing.compose(
        rng,
        min(len(TEAM_NAMES), 3 + int(progress * 25)),
        0 if progress < 0.2 else 2 if progress < 0.35 else 4,
    )


def collate(made: list[Group]) -> Batch:
    """Lays all prompts, then all tickets, flat behind each other and says who may look at what."""
    prefixes = [group.prefix for group in made]
    blocks = [(number, block) for number, group in enumerate(made) for block in group.blocks]
    tokens = [token for prefix in prefixes for token in prefix] + [
        token for _, (ids, _, _) in blocks for token in ids
    ]
    starts, at = [], 0
    for prefix in prefixes:
        starts.append(at)
        at += len(prefix)
    positions = [place for prefix in prefixes for place in range(len(prefix))]
    spans, asked, weights = [], [], []
    for number, (ids, answer, weight) in blocks:
        spans.append((starts[number], len(prefixes[number]), at, len(ids)))
        positions += range(len(prefixes[number]), len(prefixes[number]) + len(ids))
        asked += range(at + answer - 1, at + len(ids) - 1)
        weights += weight
        at += len(ids)
    own = [(start, 0, start, len(prefix)) for start, prefix in zip(starts, prefixes, strict=True) if prefix]
    flat = torch.tensor(tokens)
    ask = torch.tensor(asked)
    rows = tuple(_rows(group) for group in (own, spans) if group)
    return Batch(flat, torch.tensor(positions), rows, ask, flat[ask + 1], torch.tensor(weights))


def _rows(spans: list[tuple[int, int, int, int]]) -> Rows:
    first, shared, begin, length = (torch.tensor(column)[:, None] for column in zip(*spans, strict=True))
    most, widest = int(length.max()), int(shared.max())
    grid = torch.arange(most)[None]
    queries = begin + torch.minimum(grid, length - 1)
    ahead = torch.arange(widest)[None]
    keys = torch.cat((first + torch.minimum(ahead, (shared - 1).clamp(min=0)), queries), dim=1)
    causal = torch.ones(most, most, dtype=torch.bool).tril()
    mask = torch.cat(
        ((ahead < shared)[:, None].expand(-1, most, -1), causal.expand(len(spans), -1, -1)), dim=2
    )
    back = (grid < length).flatten().nonzero()[:, 0]
    return Rows(queries, keys, mask[:, None], back)
