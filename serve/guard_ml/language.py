"""Which language a text is written in, told by py3langid, whose model comes with it.

It must never be asked about a few letters: there it only guesses, which is why rules name a least number.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from serve.core.guard.checks.asked import LanguageDetect, NotHere, Shares
from serve.guard_ml.extra import needs


class Languages:
    """The share of each language. One identifier serves all rules; it is loaded when a first rule needs it."""

    def __init__(self, detect: LanguageDetect) -> None:
        identifier = _identifier()
        known = frozenset(str(code) for code in identifier.nb_classes)
        unknown = next((code for code in detect.allow + detect.deny if code not in known), None)
        if unknown is not None:
            raise NotHere(f"{unknown} is no language that can be told apart", "Write its code by ISO 639-1.")
        self._identifier = identifier

    def shares(self, texts: Sequence[str], /) -> list[Shares]:
        """The share of each language in each text; together they are 1."""
        return [{str(code): float(share) for code, share in self._identifier.rank(text)} for text in texts]


@cache
def _identifier() -> Any:
    langid = needs("py3langid.langid")
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
