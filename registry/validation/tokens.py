"""How many tokens a text is: counted with a model's own tokenizer where that is at hand, else estimated.

A budget and a context can so be held against a prompt before anything is sent, without a network and without
a vocabulary of several megabytes. It must never pass an estimate off as a count.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from registry.authoring.tree import Tree
from registry.authoring.weights import folder_of
from serve.core.model import Weights

Count = Callable[[str], int]
_KEPT = 8
# By folder and digest, so that megabytes are read once and not for every prompt.
_PINNED: dict[tuple[str, str], Count] = {}

_LETTER = "A-Za-zÀ-ɏḀ-ỿ"
_MARK = r"!-/:-@\[-`{-~"
# How many tokens each thing of a kind makes; fitted by least squares, see estimated_tokens.
_WEIGHTS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), weight)
    for pattern, weight in (
        (f"[{_LETTER}]+", 1.01),  # a word
        (f"(?<=[{_LETTER}]{{6}})[{_LETTER}]", 0.32),  # each letter of a word after its sixth
        ("[À-ɏḀ-ỿ]", 1.08),  # a letter with an accent
        ("[0-9]{1,3}", 1.64),  # three digits
        (f"[{_MARK}]+", 0.86),  # marks that stand together
        (f"(?<=[{_MARK}])[{_MARK}]", 0.08),  # each mark after the first
        (r"\n\s*|[ \t]{2,}", 0.97),  # a new line with its indentation
        ("[\u0400-\u052f]", 0.43),  # Cyrillic
        ("[\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]", 0.88),  # Chinese, Japanese, Korean
        ("[\u0370-\u03ff\u0530-\u1dff\u1f00-\u2e7f\ua000-\uabff\ufb00-\ufdff]", 0.74),  # every other script
        ("[\u0080-\u00bf\ud800-\uf8ff\ufe00-\ufeff\U00010000-\U0010ffff]", 2.44),  # pictures and signs
    )
)
_ASCII = "".join(map(chr, range(128)))
_OF_ASCII = tuple(pair for pair in _WEIGHTS if pair[0].search(_ASCII))
_MOST = 3  # for a character; the weights of all kinds that one can be of add up to less


def estimated_tokens(text: str) -> int:
    """About how many tokens a text is for a hosted model; nothing is downloaded to know it.

    The weights were fitted to the mean of four public vocabularies (o200k, DeepSeek V3, Mistral Tekken,
    Claude 2) over some 750 pieces of 1,500 characters: Markdown, prompts, YAML, JSON, Python, and 35 languages.
    For English, JSON and code 19 of 20 pieces lie within 12 % of each vocabulary's own count. Other languages
    in Latin letters may be off by 40 %, most with Claude 2; in other scripts the vocabularies differ among
    themselves by a factor of two to four, and so does the estimate from each. Newer ones may count otherwise.
    """
    weights = _OF_ASCII if text.isascii() else _WEIGHTS
    return round(sum(weight * len(pattern.findall(text)) for pattern, weight in weights))


def most_tokens(text: str) -> int:
    """What ``estimated_tokens`` of a text never goes beyond, for nothing: enough to see that there is much room."""
    return _MOST * len(text)


def tokenizer_count(tree: Tree, model_path: str, weights: Weights | None) -> Count | None:
    """What counts the tokens of a text for a local model exactly, chat markers not among them.

    None where the weights do not lie in the tree with a ``tokenizer.json`` that can be read, or the eval extra
    is not installed.
    """
    if weights is None or weights.path is None:
        return None
    folder, pinned = folder_of(model_path, weights.path), weights.sha256
    if pinned is not None and (folder, pinned) in _PINNED:
        return _PINNED[folder, pinned]
    try:
        count = _tokenizer(tree.read(f"{folder}/tokenizer.json"))
    except FileNotFoundError:
        return None
    if pinned is not None and count is not None:
        if len(_PINNED) >= _KEPT:
            _PINNED.clear()
        _PINNED[folder, pinned] = count
    return count


@lru_cache(maxsize=_KEPT)
def _tokenizer(data: bytes) -> Count | None:
    try:
        from tokenizers import Tokenizer

        made = Tokenizer.from_buffer(data)
    except Exception:  # noqa: BLE001  # not installed, or a Git LFS pointer; the library raises bare Exception
        return None
    made.no_truncation()
    made.no_padding()
    made.encode_special_tokens = True  # a marker in a text is text
    return lambda text: len(made.encode(text, add_special_tokens=False).ids)
