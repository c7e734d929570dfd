"""A question put to a local model, which chooses between the words: the share of each is its probability.

It must never generate freely, cut a prompt, or use a model that was loaded before a fork.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from serve.core.errors import MissingExtra
from serve.core.guard.checks.asked import NotHere, Pin, Shares
from serve.guard_ml.chat_template import read_chat_template, read_json, token_text
from serve.guard_ml.extra import needs
from serve.guard_ml.forks import PerProcess
from serve.guard_ml.judging import Question
from serve.guard_ml.tokens import PromptTokenizer


class Generator:
    """A CTranslate2 generator on the processor, as an ``Ask``.

    Args:
        folder: verified weights with tokenizer and chat template.
        pin: the model entry; its context size limits prompts.
        threads: how many threads one call computes on.

    Raises:
        NotHere: without the extra, or for a folder that is no generator.
    """

    def __init__(self, folder: Path, pin: Pin, threads: int = 1) -> None:
        engine = needs("ctranslate2")
        needs("tokenizers")
        self._pin = pin
        self._model: PerProcess[Any] = PerProcess(
            lambda: engine.Generator(str(folder), device="cpu", compute_type="float32", intra_threads=threads)
        )
        try:
            self._tokenizer = PromptTokenizer((folder / "tokenizer.json").read_bytes())
            self._template = read_chat_template(folder)
            self._end = _end_of(folder, self._tokenizer)
            self._model()
        except (OSError, ValueError, KeyError, RuntimeError, MissingExtra) as error:
            why = f"the weights of {pin.id} are no CTranslate2 generator with its tokenizer ({type(error).__name__})"
            raise NotHere(why, "Name a model of kind: generator, and fetch its weights again.") from error

    def __call__(self, question: Question) -> Shares:
        """The probability of each word among the words.

        Raises:
            ValueError: for a prompt that is longer than the model's context, or that its template cannot say.
        """
        segments = self._template.segments(question.messages)
        prompt = list(self._tokenizer.encode([segments], plain=self._template.plain)[0].texts)
        choices = [[*self._tokenizer.content(word).texts, *self._end] for word in question.words]
        longest = len(prompt) + max(map(len, choices))
        if self._pin.context_tokens is not None and longest > self._pin.context_tokens:
            raise ValueError("the text is longer than the judge reads")
        results = self._model().score_batch([prompt + choice for choice in choices], max_input_length=0)
        sums = [
            math.fsum(result.log_probs[-len(choice) :])
            for result, choice in zip(results, choices, strict=True)
        ]
        weights = [math.exp(each - max(sums)) for each in sums]
        whole = math.fsum(weights)
        return {word: weight / whole for word, weight in zip(question.words, weights, strict=True)}


def _end_of(folder: Path, tokenizer: PromptTokenizer) -> tuple[str, ...]:
    """The token that ends an answer, as a test run takes it: the tokenizer's, the converter's or the author's own."""
    named: list[Any] = [
        read_json(folder / name).get("eos_token") for name in ("tokenizer_config.json", "config.json")
    ]
    named += read_json(folder / "promptyard.json").get("endTokens", [])
    known = [text for text in map(token_text, filter(None, named)) if tokenizer.id_of(text) is not None]
    return tuple(known[:1])
