"""Whether converted weights compute what the original computes: the same numbers for the same tokens.

A converter that drops a setting runs without a word and answers wrongly, so every conversion is measured against
transformers in float32 before it may be used. It must never let a difference pass that rounding cannot explain.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serve.core.model import ModelKind

BOUND = 1e-3
LENGTHS = (5, 24, 97, 512)  # the long one is where position scaling shows
_WRITTEN = 16  # tokens that a generator writes after each row
_STEP = 7919  # a prime, so that a walk through the vocabulary repeats late


@dataclass(frozen=True, slots=True)
class Parity:
    """How far a conversion is from its original.

    Attributes:
        difference: the largest difference of two numbers, as a share of the largest number of the original.
        agreement: share of positions at which both put the same token first; 1 for an encoder.
        positions: how many positions were compared.
    """

    difference: float
    agreement: float
    positions: int

    @property
    def holds(self) -> bool:
        """True when rounding explains the difference; a difference that is no number does not hold."""
        return self.difference <= BOUND


def compare(original: Sequence[Any], converted: Sequence[Any], *, ranked: bool = True) -> Parity:
    """Two lists of arrays (positions x numbers), number by number.

    Raises:
        ValueError: when there is nothing to compare, or shapes differ.
    """
    import numpy as np

    if not original or [a.shape for a in original] != [b.shape for b in converted]:
        shapes = f"{[a.shape for a in original]} against {[b.shape for b in converted]}"
        raise ValueError(f"the conversion gives other shapes than the original ({shapes})")
    scale = max(1.0, *(float(np.abs(a).max()) for a in original))
    gaps = [float(np.abs(a - b).max()) / scale for a, b in zip(original, converted, strict=True)]
    gap = math.inf if any(map(math.isnan, gaps)) else max(gaps)
    same = [a.argmax(-1) == b.argmax(-1) for a, b in zip(original, converted, strict=True)]
    agreement = float(np.concatenate(same).mean()) if ranked else 1.0
    return Parity(gap, agreement, sum(len(a) for a in original))


def measure(source: Path, converted: Path, kind: ModelKind, tokens: Sequence[str], room: int) -> Parity:
    """The parity of a float32 conversion with the model it was made from, on seeded rows of tokens.

    Args:
        source: folder of the original, as transformers reads it.
        converted: folder of the conversion in float32.
        kind: what the model is.
        tokens: the conversion's vocabulary, id by id.
        room: the most tokens that the model takes.

    Raises:
        ImportError: without torch, transformers and ctranslate2.
        ValueError: when the two cannot be compared.
    """
    plain = [n for n, token in enumerate(tokens) if not token.startswith(("<", "["))] or list(
        range(len(tokens))
    )
    room -= _WRITTEN if kind == "generator" else 0
    lengths = [min(length, room) for length in LENGTHS]
    rows = [[plain[(_STEP * (n + place * place)) % len(plain)] for place in range(n)] for n in lengths]
    named = [[tokens[i] for i in row] for row in rows]
    if kind == "encoder":
        return compare(_their_states(source, rows), _our_states(converted, named), ranked=False)
    if kind == "translator":
        return compare(_their_scores(source, rows), _our_scores(converted, named), ranked=False)
    written, ours = _our_logits(converted, named)
    return compare(_their_logits(source, rows, written), ours)


def _our_logits(folder: Path, rows: list[list[str]]) -> tuple[list[list[int]], list[Any]]:
    """What is written after each row, and the logits of each step: reading and writing, as a test run does them."""
    numpy, engine = importlib.import_module("numpy"), importlib.import_module("ctranslate2")
    model = engine.Generator(str(folder), device="cpu", compute_type="float32")
    written, logits = [], []
    for row in rows:
        (found,) = model.generate_batch(
            [row], max_length=_WRITTEN, include_prompt_in_result=False, end_token=[], return_logits_vocab=True
        )
        written.append(found.sequences_ids[0])
        logits.append(numpy.stack([numpy.array(step) for step in found.logits[0]]))
    return written, logits


def _their_logits(source: Path, rows: list[list[int]], written: list[list[int]]) -> list[Any]:
    """The logits at the same places, the same tokens read."""
    torch, model = _original(source, "AutoModelForCausalLM")
    found = []
    with torch.inference_mode():
        for row, ids in zip(rows, written, strict=True):
            logits = model(torch.tensor([[*row, *ids[:-1]]])).logits[0, len(row) - 1 :]
            found.append(logits.float().numpy())
    return found


def _original(source: Path, name: str) -> tuple[Any, Any]:
    torch = importlib.import_module("torch")
    transformers = importlib.import_module("transformers")
    model = getattr(transformers, name).from_pretrained(str(source), dtype=torch.float32)
    return torch, model.eval()


def _their_states(source: Path, rows: list[list[int]]) -> list[Any]:
    torch, model = _original(source, "AutoModel")
    with torch.inference_mode():
        return [model(torch.tensor([row])).last_hidden_state[0].float().numpy() for row in rows]


def _their_scores(source: Path, rows: list[list[int]]) -> list[Any]:
    """Log-probabilities of a row's own tokens after reading that row, one column."""
    torch, model = _original(source, "AutoModelForSeq2SeqLM")
    found = []
    with torch.inference_mode():
        for row in rows:
            labels = torch.tensor([row])
            logs = model(torch.tensor([row]), labels=labels).logits.float().log_softmax(-1)
            found.append(logs.gather(-1, labels.unsqueeze(-1))[0].numpy())
    return found


def _our_states(folder: Path, rows: list[list[str]]) -> list[Any]:
    numpy, engine = importlib.import_module("numpy"), importlib.import_module("ctranslate2")
    model = engine.Encoder(str(folder), device="cpu", compute_type="float32")
    return [numpy.array(model.forward_batch([row]).last_hidden_state)[0] for row in rows]


def _our_scores(folder: Path, rows: list[list[str]]) -> list[Any]:
    numpy, engine = importlib.import_module("numpy"), importlib.import_module("ctranslate2")
    model = engine.Translator(str(folder), device="cpu", compute_type="float32")
    found = model.score_batch(rows, rows, max_input_length=0)
    return [
        numpy.array(result.log_probs[: len(row)])[:, None] for result, row in zip(found, rows, strict=True)
    ]
