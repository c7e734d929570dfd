"""Text to tokens with the ``tokenizers`` library alone, so that a forged marker stays text.

A prompt is tokenised whole, exactly as the model's own software does it, whenever every special token in
the result was written by the chat template; otherwise piece by piece, with special tokens off in contents.
It must never let a content produce a special token.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from serve.core.errors import MissingExtra
from serve.guard_ml.chat_template import Segment

if TYPE_CHECKING:
    from tokenizers import Tokenizer


_CHUNK = 512  # an encoding holds ten times what is kept of it


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenised prompt: ids for its address, texts for the engine."""

    ids: tuple[int, ...]
    texts: tuple[str, ...]


class PromptTokenizer:
    """The tokenizer of one model, from the bytes of its ``tokenizer.json``.

    Raises:
        MissingExtra: when ``tokenizers`` is not installed.
        ValueError: when the bytes are not a tokenizer.
    """

    def __init__(self, data: bytes) -> None:
        self._open = _load(data)
        self._shut = _load(data)
        self._shut.encode_special_tokens = True
        # One text for each token, so that a million prompts hold numbers of places and not copies of texts.
        self._texts = {i: token for token, i in self._open.get_vocab(with_added_tokens=True).items()}
        added = self._open.get_added_tokens_decoder()
        unknown = _unknown_token(data)
        self._added = {i: token.content for i, token in added.items() if token.content != unknown}
        self._special = frozenset(i for i in self._added if added[i].special)
        self._trusted = lru_cache(maxsize=4096)(
            lambda text: self._open.encode(text, add_special_tokens=False).ids
        )

    def encode(self, prompts: Sequence[tuple[Segment, ...]], *, plain: bool = False) -> list[Tokens]:
        """Tokens of each prompt; ``plain`` adds the tokens that the tokenizer itself puts around a text."""
        if plain:
            return [self._plain(segments) for segments in prompts]
        return [
            tokens
            for start in range(0, len(prompts), _CHUNK)
            for tokens in self._encoded(prompts[start : start + _CHUNK])
        ]

    def _encoded(self, prompts: Sequence[tuple[Segment, ...]]) -> Iterator[Tokens]:
        texts = ["".join(segment.text for segment in segments) for segments in prompts]
        encodings = self._open.encode_batch(texts, add_special_tokens=False)
        for encoding, segments in zip(encodings, prompts, strict=True):
            honest = self._is_honest(encoding, segments)
            yield self._tokens(encoding.ids if honest else self._piecewise(segments))

    def content(self, text: str) -> Tokens:
        """The tokens of a text that is no prompt of its own: an answer, or a part of one; no marker among them."""
        return self._tokens(self._content(text, self._special))

    def around(self, tokens: Sequence[int]) -> Tokens:
        """The same tokens with those that the tokenizer itself puts around a text."""
        before, after = self._frame()
        return self._tokens([*before, *tokens, *after])

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated tokens, special tokens left out."""
        return self._open.decode(list(ids), skip_special_tokens=True)

    def id_of(self, token: str) -> int | None:
        """The id of a token, None when there is no such token."""
        return self._open.token_to_id(token)

    def _markers(self, segments: Sequence[Segment]) -> frozenset[int]:
        """Special tokens, and whatever else the template itself marks with (line breaks mark nothing)."""
        written = {i for segment in segments if segment.trusted for i in self._trusted(segment.text)}
        return self._special | {i for i in written if self._added.get(i, "").strip()}

    def _is_honest(self, encoding: Any, segments: Sequence[Segment]) -> bool:
        markers = self._markers(segments)
        places = [n for n, i in enumerate(encoding.ids) if i in markers]
        ends = list(accumulate(len(segment.text) for segment in segments))
        spans = [(end - len(s.text), end) for s, end in zip(segments, ends, strict=True) if s.trusted]
        offsets = encoding.offsets
        return all(any(a <= offsets[n][0] and offsets[n][1] <= b for a, b in spans) for n in places)

    def _piecewise(self, segments: Sequence[Segment]) -> list[int]:
        markers = self._markers(segments)
        ids: list[int] = []
        for segment in segments:
            ids += self._trusted(segment.text) if segment.trusted else self._content(segment.text, markers)
        return ids

    def _content(self, text: str, markers: frozenset[int]) -> list[int]:
        encoding = self._shut.encode(text, add_special_tokens=False)
        forged = next((n for n, i in enumerate(encoding.ids) if i in markers), None)
        if forged is None:
            return list(encoding.ids)
        start, end = encoding.offsets[forged]
        if end - start < 2:  # one character that is a marker by itself: nothing to cut, so it goes
            return self._content(text[:start] + text[end:], markers) if end > start else []
        return self._content(text[: start + 1], markers) + self._content(text[start + 1 :], markers)

    def _plain(self, segments: Sequence[Segment]) -> Tokens:
        return self.around(self._content("".join(segment.text for segment in segments), self._special))

    def _frame(self) -> tuple[list[int], list[int]]:
        around = self._open.encode("", add_special_tokens=True).ids
        sample = self._open.encode("a", add_special_tokens=True).ids
        before = next((n for n, i in enumerate(sample) if i not in self._special), 0)
        return around[:before], around[before:]

    def _tokens(self, ids: Sequence[int]) -> Tokens:
        return Tokens(tuple(ids), tuple([self._texts.get(i, "") for i in ids]))


def _load(data: bytes) -> Tokenizer:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtra("a local model", "eval") from error
    try:
        made = Tokenizer.from_buffer(data)
    except Exception as error:  # the library raises bare Exception
        raise ValueError(f"tokenizer.json cannot be read: {error}") from error
    made.no_truncation()
    made.no_padding()
    return made


def _unknown_token(data: bytes) -> str | None:
    model = json.loads(data)["model"]
    if isinstance(model.get("unk_id"), int):
        return str(model["vocab"][model["unk_id"]][0])
    token: str | None = model.get("unk_token")
    return token
