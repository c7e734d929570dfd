"""Texts to vectors through a CTranslate2 encoder: what ``similar`` compares.

A text longer than the model reads is taken in windows whose vectors are averaged by length, so nothing of it is
left out. It must never compute the same text twice in a run, nor hand out a vector of another profile.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from registry.errors import EngineError, Usage
from registry.evaluation.engines.batching import Batch, Limits
from registry.evaluation.engines.ctranslate2 import installed
from registry.evaluation.engines.device import Choice, DeviceName, ProfileName, choose
from registry.evaluation.engines.fleet import Fleet, Unanswered, open_fleet
from registry.evaluation.engines.folder import read_folder
from registry.evaluation.records import Comparability
from serve.core.model import ModelConfig

_ROWS = 32
_TOKENS = 8192
_KEPT = 100_000  # vectors that are remembered

Vector = tuple[float, ...]


class CTranslate2Encoder:
    """An encoder (BERT and its kin) on one device or more.

    Args:
        folder: verified weights with ``tokenizer.json``.
        weights_sha256: the folder's digest.
        config: the model entry, of kind ``encoder``.
        device, profile, require: see :func:`registry.evaluation.engines.device.choose`.
        choice: a choice that was made already, instead of these three.
        timeout_s: how long one batch may take.

    Raises:
        Usage: ENG001, ENG004 when the folder is no usable encoder.
        EngineError: ENG002.
        MissingExtra: without ``ctranslate2`` and ``tokenizers``.
    """

    def __init__(
        self,
        folder: Path,
        weights_sha256: str,
        config: ModelConfig,
        *,
        device: DeviceName = "auto",
        profile: ProfileName | None = None,
        require: bool = False,
        choice: Choice | None = None,
        timeout_s: float = 600.0,
    ) -> None:
        if config.kind != "encoder":
            what = f"model {config.id} is a {config.kind} and gives no vectors"
            raise Usage("ENG004", what, "Choose a model of kind: encoder.")
        self._version = installed()
        self._id, self._weights_sha256 = config.id, weights_sha256
        self._choice = choice or choose(device, profile, require=require)
        self._folder = read_folder(folder, config)
        self._room = self._folder.context or 512
        probe = self._folder.vocabulary[-1]
        self._fleet: Fleet = open_fleet(folder, "encoder", self._choice, probe, timeout_s=timeout_s)
        self._known: dict[str, Vector] = {}

    @property
    def note(self) -> str:
        """Device, profile and the reason for both."""
        choice = self._choice
        return f"{self._id} {self._weights_sha256[:12]}: {choice.device}, profile {choice.profile} ({choice.reason})"

    def comparability(self) -> Comparability:
        """What must be equal before vectors may be compared with those of another run."""
        details = {**self._choice.details, "ctranslate2": self._version, "weights": self._weights_sha256}
        return Comparability("ctranslate2", self._choice.profile, self._choice.device, details)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order, all of one length.

        Raises:
            EngineError: ENG003 when the model cannot be loaded, ENG010 when it gives no answer.
        """
        if len(self._known) > _KEPT:
            self._known.clear()
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= zip(missing, self._computed(missing), strict=True)
        return [self._known[text] for text in texts]

    def close(self) -> None:
        """End the worker processes; safe to call twice."""
        self._fleet.close()

    def _computed(self, texts: Sequence[str]) -> list[Vector]:
        windows = [(n, window) for n, text in enumerate(texts) for window in self._windows(text)]
        parts: list[tuple[int, Vector] | None] = [None] * len(windows)
        rows = [self._folder.tokenizer.around(window).texts for _, window in windows]
        for batch, answer in self._fleet.run(self._batches(rows)):
            if isinstance(answer, Unanswered):
                what = f"the encoder {self._id} gave no answer, twice: {answer}"
                raise EngineError("ENG010", what, "Look at memory and at the worker's limits.")
            for index, vector in batch.answers(answer["rows"]):
                parts[index] = (max(1, len(windows[index][1])), tuple(vector))
        found: list[list[tuple[int, Vector]]] = [[] for _ in texts]
        for (n, _), part in zip(windows, parts, strict=True):
            if part is not None:
                found[n].append(part)
        return [self._joined(each) for each in found]

    def _windows(self, text: str) -> Iterator[tuple[int, ...]]:
        tokenizer = self._folder.tokenizer
        ids = tokenizer.content(text).ids
        size = self._room - len(tokenizer.around(()).ids)
        yield from (ids[start : start + size] for start in range(0, max(1, len(ids)), size))

    def _batches(self, rows: Sequence[tuple[str, ...]]) -> Iterator[Batch]:
        """Rows of similar length together: the encoder pads, and a padded place costs as much as a read one."""
        options = {"pooling": self._folder.pooling, "normalise": self._folder.normalise}
        limits = Limits(_ROWS, _TOKENS)
        batch: list[int] = []
        for index in sorted(range(len(rows)), key=lambda n: len(rows[n])):
            if batch and (len(batch) >= limits.rows or (len(batch) + 1) * len(rows[index]) > limits.tokens):
                yield Batch(tuple(batch), tuple(rows[n] for n in batch), (), options)
                batch = []
            batch.append(index)
        if batch:
            yield Batch(tuple(batch), tuple(rows[n] for n in batch), (), options)

    def _joined(self, parts: Sequence[tuple[int, Vector]]) -> Vector:
        if len(parts) == 1:
            return parts[0][1]
        whole = sum(weight for weight, _ in parts)
        columns = zip(*(vector for _, vector in parts), strict=True)
        weights = [weight / whole for weight, _ in parts]
        mean = [math.fsum(w * x for w, x in zip(weights, column, strict=True)) for column in columns]
        length = math.hypot(*mean) if self._folder.normalise else 1.0
        return tuple(x / length for x in mean) if length else tuple(mean)
