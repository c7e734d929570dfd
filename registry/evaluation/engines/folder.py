"""A folder of weights as the engine sees it before anything is loaded: tokenizer, template, limits.

It must never load weights, nor take a folder for a model that lacks a part of one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from registry.errors import Usage
from serve.core.digest import sha256
from serve.core.model import ModelConfig
from serve.guard_ml.chat_template import ChatTemplate, read_chat_template, read_json, token_text
from serve.guard_ml.tokens import PromptTokenizer

_UNLIMITED = 1_000_000
_VOCABULARIES = ("vocabulary.json", "shared_vocabulary.json")
OWN = "promptyard.json"  # what a conversion found out about the model


@dataclass(frozen=True)
class ModelFolder:
    """What a folder of weights says of its model.

    Attributes:
        vocabulary: the tokens that the weights know, in the order of their ids.
        ends: tokens that end an answer.
        context: how many tokens prompt and answer may have together; None where nothing says so.
        longest_prompt: how many tokens a prompt may have for the weights to be right; None where any number.
        pooling: how an encoder's vector is made of its states: the mean, or the first.
        normalise: whether that vector is brought to length 1.
    """

    path: Path
    tokenizer: PromptTokenizer
    tokenizer_sha256: str
    template: ChatTemplate
    vocabulary: tuple[str, ...]
    ends: tuple[str, ...]
    size_bytes: int
    context: int | None
    longest_prompt: int | None
    pooling: str = "mean"
    normalise: bool = True

    @cached_property
    def known(self) -> frozenset[str]:
        """The vocabulary as a set."""
        return frozenset(self.vocabulary)

    @cached_property
    def end_ids(self) -> frozenset[int | None]:
        """The ids of the tokens that end an answer."""
        return frozenset(self.tokenizer.id_of(token) for token in self.ends)


def read_folder(folder: Path, config: ModelConfig) -> ModelFolder:
    """The model in a folder.

    Raises:
        Usage: ENG004 when the folder is no CTranslate2 model with its tokenizer.
        MissingExtra: without ``tokenizers``.
    """
    try:
        data = (folder / "tokenizer.json").read_bytes()
        vocabulary = vocabulary_of(folder)
        own = read_json(folder / OWN)
        return ModelFolder(
            path=folder,
            tokenizer=PromptTokenizer(data),
            tokenizer_sha256=sha256(data),
            template=read_chat_template(folder),
            vocabulary=vocabulary,
            ends=_end_tokens(folder, frozenset(vocabulary)),
            size_bytes=(folder / "model.bin").stat().st_size,
            context=config.context_tokens or _context_tokens(folder),
            longest_prompt=own.get("longestPrompt"),
            pooling=str(own.get("pooling", "mean")),
            normalise=bool(own.get("normalise", True)),
        )
    except (OSError, ValueError, KeyError) as error:
        what = f"model {config.id}: the weights folder is no CTranslate2 model ({_short(error)})"
        next_step = (
            "It needs model.bin, config.json, vocabulary.json, tokenizer.json and tokenizer_config.json."
        )
        raise Usage("ENG004", what, next_step) from error


def vocabulary_of(folder: Path) -> tuple[str, ...]:
    """The tokens of a converted model, in the order of their ids; raises ValueError where there are none."""
    for name in _VOCABULARIES:
        if (folder / name).is_file():
            return tuple(str(token) for token in json.loads((folder / name).read_bytes()))
    raise ValueError("vocabulary.json is missing")


def _end_tokens(folder: Path, vocabulary: frozenset[str]) -> tuple[str, ...]:
    """What ends an answer: the tokenizer's, the converter's and the author's end tokens that the weights know."""
    named: list[Any] = [
        read_json(folder / name).get("eos_token") for name in ("tokenizer_config.json", "config.json")
    ]
    named += read_json(folder / OWN).get("endTokens", [])
    texts = [token_text(token) for token in named if token]
    return tuple(dict.fromkeys(text for text in texts if text in vocabulary))


def _context_tokens(folder: Path) -> int | None:
    limit = read_json(folder / "tokenizer_config.json").get("model_max_length")
    return int(limit) if isinstance(limit, (int, float)) and limit < _UNLIMITED else None


def _short(error: Exception) -> str:
    return f"{Path(str(error.filename)).name} is missing" if isinstance(error, OSError) else str(error)
