"""The training loop: seeded, counted in steps, without network access.

Never reads the validation rows to decide anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import torch
from demo_model import phrasing, vocabulary
from demo_model.batches import Writer, collate, groups
from demo_model.network import Network, Shape
from demo_model.optimiser import Muon
from demo_model.tickets import Supply, Ticket
from tokenizers import Tokenizer
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard to train; the defaults made the shipped model."""

    seed: int = 7
    steps: int = 1300
    prompts: int = 8
    tickets: int = 12
    matrix_rate: float = 0.02
    other_rate: float = 0.003
    dropout: float = 0.1
    warm_up: int = 40
    threads: int = 2


def tokenizer_for(tickets: list[Ticket], shape: Shape, seed: int) -> Tokenizer:
    """Learns the vocabulary from varied tickets and from prompts with their answers."""
    rng = Random(seed)
    supply = Supply(tickets, rng)
    texts = [ticket.text for ticket in tickets]
    for _ in range(4000):
        instruction = phrasing.compose(rng, 11, 4)
        drawn = supply.draw(tuple(instruction.names) or tuple(supply.by_team), 0.05)
        texts += [instruction.text, drawn.text, instruction.answer(drawn)[0]]
    return vocabulary.learn(texts, shape.vocabulary)


def train(
    tickets: list[Ticket], tokenizer: Tokenizer, shape: Shape, plan: Plan, tell: Callable[[str], None]
) -> Network:
    """A trained network; ``tell`` receives a line of progress every hundred steps."""
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    rng = Random(plan.seed + 1)
    supply, writer = Supply(tickets, rng), Writer(tokenizer)
    network = Network(shape, plan.dropout)
    matrices = [weight for weight in network.layers.parameters() if weight.ndim == 2]
    chosen = {id(weight) for weight in matrices}
    others = [weight for weight in network.parameters() if id(weight) not in chosen]
    muon = Muon(matrices)
    adam = torch.optim.AdamW(others, lr=plan.other_rate, betas=(0.9, 0.98), weight_decay=0.01)
    began, recent = time.monotonic(), 0.0
    for step in range(plan.steps):
        progress = step / plan.steps
        batch = collate(groups(writer, supply, rng, progress, plan.prompts, plan.tickets))
        losses = F.cross_entropy(network(batch), batch.targets, reduction="none")
        loss = (losses * batch.weights).sum() / batch.weights.sum()
        network.zero_grad(set_to_none=True)
        loss.backward()
        rate = min(1.0, (step + 1) / plan.warm_up, (1 - progress) / 0.6)
        muon.step(plan.matrix_rate * rate)
        adam.param_groups[0]["lr"] = plan.other_rate * rate
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        adam.step()
        recent += loss.item()
        if (step + 1) % 100 == 0:
            tell(
                f"step {step + 1} of {plan.steps}, loss {recent / 100:.4f}, {time.monotonic() - began:.0f} s"
            )
            recent = 0.0
    return network.eval()
