"""Check of the language that an answer is written in: language.

Told by py3langid, whose model comes with it: sure of a sentence, no more than a guess at a word.
It must never judge a text of a few letters: what is too short to tell is a failure that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from registry.errors import MissingExtra
from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    Threshold,
    bad_value,
    excerpt,
    limit,
    unclear,
)
from registry.evaluation.expectations.text import list_problems
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

LANGUAGES = (
    "af", "am", "an", "ar", "as", "az", "ba", "be", "bg", "bn", "br", "bs", "ca", "cs", "cy", "da",
    "de", "dz", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fo", "fr", "fy", "ga", "gd", "gl",
    "gu", "ha", "he", "hi", "hr", "ht", "hu", "hy", "id", "ig", "is", "it", "ja", "jv", "ka", "kk",
    "km", "kn", "ko", "ku", "ky", "la", "lb", "lg", "ln", "lo", "lt", "lv", "mg", "mk", "ml", "mn",
    "mr", "ms", "mt", "my", "ne", "nl", "nn", "no", "oc", "om", "or", "pa", "pl", "ps", "pt", "qu",
    "ro", "ru", "rw", "sa", "se", "si", "sk", "sl", "sn", "so", "sq", "sr", "st", "sv", "sw", "ta",
    "te", "tg", "th", "tk", "tl", "tr", "tt", "ug", "uk", "ur", "uz", "vi", "vo", "wa", "xh", "yo",
    "zh", "zu",
)  # fmt: skip
_SURE = Threshold("how sure the detector must be", 0.5, default=0.5, most=1)
_LETTERS = 12
_LETTERS_OF_IDEOGRAMS = 4


@cache
def _detector() -> Any:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError as error:
        raise MissingExtra("the expectation language", "eval") from error
    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(list(LANGUAGES))
    return detector


def _language(expectation: Expectation, subject: Subject) -> Outcome:
    letters = [char for char in subject.text if char.isalpha()]
    least = _LETTERS_OF_IDEOGRAMS if any(ord(char) > 0x2E80 for char in letters) else _LETTERS
    if len(letters) < least:
        return unclear(f"is too short to tell its language: {excerpt(subject.text)}")
    wanted = {expectation.value} if isinstance(expectation.value, str) else set(expectation.value)
    shares = dict(_detector().rank(subject.text))
    share = float(sum(shares.get(code, 0.0) for code in wanted))
    likely = max(shares, key=lambda code: shares[code])
    fact = f"is written in {likely} ({shares[likely]:.2f}); {' or '.join(sorted(wanted))} has {share:.2f}"
    return Outcome(share >= limit(expectation), fact, share)


def _code_problems(value: Json) -> Iterator[Problem]:
    codes = value if isinstance(value, list) else [value]
    if isinstance(value, list):
        yield from list_problems(value)
    for index, code in enumerate(codes):
        steps = (index,) if isinstance(value, list) else ()
        if not isinstance(code, str):
            yield bad_value(
                "The value must be a language code.", "Write de, quoted if it is no: 'no'.", *steps
            )
        elif code and code not in LANGUAGES:
            bare = code.lower().partition("-")[0]
            hint = f"Write {bare}." if bare in LANGUAGES else "Write two small letters, such as de, en or zh."
            yield bad_value(f"{code} is no language code (ISO 639-1) that can be told apart.", hint, *steps)


TYPES = (ExpectationType("language", _language, _code_problems, _SURE),)
