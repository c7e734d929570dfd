"""Texts to vectors through a CTranslate2 encoder in this process.

A text longer than the model reads is taken in windows whose vectors are averaged by length, so nothing of it is
left out. It must never keep a text or its vector, nor use a model that was loaded before a fork.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from serve.core.errors import MissingExtra
from serve.core.guard.checks.asked import NotHere, Pin
from serve.guard_ml.extra import needs
from serve.guard_ml.forks import PerProcess
from serve.guard_ml.nearest import Vector
from serve.guard_ml.tokens import PromptTokenizer

_ROWS = 32
_OWN = "promptyard.json"  # what a conversion found out about the model
_USUAL_ROOM = 512


class Encoder:
    """An encoder (BERT and its kin) on the processor, in float32.

    Args:
        folder: verified weights with ``tokenizer.json``.
        pin: the model entry.
        threads: how many threads one call computes on.

    Raises:
        NotHere: without the extra, or for a folder that is no encoder.
    """

    def __init__(self, folder: Path, pin: Pin, threads: int = 1) -> None:
        engine = needs("ctranslate2")
        needs("tokenizers")
        self._model: PerProcess[Any] = PerProcess(
            lambda: engine.Encoder(str(folder), device="cpu", compute_type="float32", intra_threads=threads)
        )
        try:
            self._tokenizer = PromptTokenizer((folder / "tokenizer.json").read_bytes())
            own = json.loads(_text(folder / _OWN))
            self._pooling, self._normalise = own.get("pooling", "mean"), own.get("normalise", True)
            self._room = pin.context_tokens or _USUAL_ROOM
            self.embed(["probe"])
        except (OSError, ValueError, KeyError, RuntimeError, MissingExtra) as error:
            why = f"the weights of {pin.id} are no CTranslate2 encoder with its tokenizer ({type(error).__name__})"
            raise NotHere(why, "Name a model of kind: encoder, and fetch its weights again.") from error

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order, all of one length."""
        import numpy as np

        windows = [(n, window) for n, text in enumerate(texts) for window in self._windows(text)]
        sums: list[Any] = [0.0] * len(texts)
        for start in range(0, len(windows), _ROWS):
            batch = windows[start : start + _ROWS]
            for (n, window), vector in zip(batch, self._vectors([w for _, w in batch]), strict=True):
                sums[n] = sums[n] + max(1, len(window)) * vector
        joined = [vector / max(float(np.linalg.norm(vector)), 1e-12) for vector in sums]
        return [tuple(vector.tolist()) for vector in joined]

    def _windows(self, text: str) -> Iterator[tuple[int, ...]]:
        ids = self._tokenizer.content(text).ids
        size = self._room - len(self._tokenizer.around(()).ids)
        yield from (ids[start : start + size] for start in range(0, max(1, len(ids)), size))

    def _vectors(self, windows: Sequence[Sequence[int]]) -> Any:
        import numpy as np

        rows = [list(self._tokenizer.around(window).texts) for window in windows]
        found = self._model().forward_batch(rows).last_hidden_state
        states = np.array(found).astype(np.float64)
        if self._pooling == "first":
            vectors = states[:, 0]
        else:
            lengths = np.array([len(row) for row in rows])
            inside = (np.arange(states.shape[1]) < lengths[:, None])[..., None]
            vectors = (states * inside).sum(1) / lengths[:, None]
        if self._normalise:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else "{}"
