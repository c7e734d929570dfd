"""Tokens of an English text after the Penn Treebank's conventions: punctuation and clitics stand alone.

What ROUGE counts. Rules after the Treebank's own tokenizer script, with promptfoo's reading of the unclear ones.
It must never lose a letter: tokens are pieces of the text, quotes apart.

Source: Robert MacIntyre's tokenizer.sed, University of Pennsylvania, 1995.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_WHITE = re.compile(r"[\s\ufeff]+")
_QUOTES = re.compile(r"``|''|\"")
_OPENERS = "([{<"
_CURRENCY = "$£€¥¢"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\.{3}", r" ... "),
        (r"([:,])(?!\d)", r" \1 "),
        (r"([;@#$%&])", r" \1 "),
        (r"(?<=[^.])(?<!\b[A-Za-z]\.[A-Za-z])\.([\])}>'\s]*)\Z", r" .\1 "),
        (r"([?!])", r" \1 "),
        (r"([\][(){}<>])", r" \1 "),
        (r"--", r" -- "),
    )
)
_CLITICS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"([^'])' ", r"\1 ' "),
        (r"'([sSmMdD]) ", r" '\1 "),
        (r"('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r" \1 "),
    )
)
_RUN_TOGETHER = tuple(
    re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)
    for pattern in (
        "(can)(not)", "(d)('ye)", "(gim)(me)", "(gon)(na)", "(got)(ta)", "(lem)(me)", "(more)('n)",
        "(wan)(na)(?= )", "('t)(is)", "('t)(was)",
    )
)  # fmt: skip


def treebank_tokens(text: str) -> list[str]:
    """The tokens of a text, in order."""
    text = _WHITE.sub(" ", text).strip()
    text = _QUOTES.sub(_quote_marks(text), text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = f" {text} "
    for pattern, replacement in _CLITICS:
        text = pattern.sub(replacement, text)
    for pattern in _RUN_TOGETHER:
        text = pattern.sub(r" \1 \2 ", text)
    return text.split()


def _quote_marks(text: str) -> Callable[[re.Match[str]], str]:
    """Turns a double quote into an opening or a closing mark, after what stands around it."""
    inside = False

    def mark(found: re.Match[str]) -> str:
        nonlocal inside
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        opens = not inside and (not before or before in _OPENERS or before.isspace() or not after)
        inside = found[0] == "``" or (found[0] == '"' and opens and bool(after))
        return " `` " if inside else " '' "

    return mark
