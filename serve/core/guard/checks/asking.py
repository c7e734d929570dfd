"""Rules that ask a model: which language, how near to examples, which label, or a question with yes and no.

What the model sees is the matching copy, so that characters nobody sees do not lead it astray. All four wait for the
whole text of a stream: a release has to say so.
It must never cut what it asks about, nor take no answer for a good one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, TypeVar

from serve.core.guard.checks.asked import (
    Asked,
    AskedDetect,
    ClassifierDetect,
    JudgeDetect,
    LanguageDetect,
    Models,
    Shares,
    SimilarityDetect,
)
from serve.core.guard.checks.passages import passages
from serve.core.guard.checks.port import Found, Unusable, shaped
from serve.core.guard.normalise import Reading
from serve.core.model import Json, RuleKind, Streaming

_Detect = TypeVar("_Detect", bound=AskedDetect)
_LEAST_PASSAGE = 20
_ROUNDING = 1e-9  # equal texts must be similar, whatever the last bit says
WORDS = ("yes", "no")


class AskingDetector:
    """Asks about each passage of a text, and finds those whose answer says so."""

    before = 0
    streaming = Streaming("buffer")
    kind: ClassVar[RuleKind]
    _asked: Asked
    _passage = 0  # code points of one at most; 0 takes the text as a whole

    def find(self, reading: Reading, _start: int) -> Iterator[Found]:
        """One finding for each passage that was asked about; ``allowed`` where the answer lets it through."""
        text = reading.text
        places = list(self._places(text))
        answers = self._answers([text[low:high] for low, high in places]) if places else ()
        for (low, high), shares in zip(places, answers, strict=True):
            hit, detail = self._verdict(shares)
            span = reading.span(low, high)
            yield Found(*span, span, detail, allowed=not hit)

    def settled(self, _reading: Reading) -> int:
        """Nothing is settled before the end."""
        return 0

    def _answers(self, texts: Sequence[str]) -> Sequence[Shares]:
        return self._asked.shares(texts)

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """The whole text, or its passages, without the blanks around them."""
        return passages(text, self._passage or max(1, len(text)))

    def _verdict(self, shares: Shares) -> tuple[bool, str]:
        raise NotImplementedError


class LanguageDetector(AskingDetector):
    """Finds a text in a language that it may not be in; one of a few letters is in none."""

    kind = "language"

    def __init__(self, detect: Mapping[str, Json], models: Models) -> None:
        asked = self._detect = _thresholded(LanguageDetect, detect)
        if bool(asked.allow) == bool(asked.deny):
            raise Unusable("detect needs either allow or deny")
        if not all(len(code) == 2 and code.isascii() and code.islower() for code in asked.allow + asked.deny):
            raise Unusable("detect takes languages by their two small letters (ISO 639-1), such as de")
        if asked.min_letters < 1:
            raise Unusable("detect.minLetters must be 1 or more")
        self._asked = models.open(self.kind, asked)

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        letters = sum(map(str.isalpha, text))
        ideograms = sum(letter > "\u2e80" for letter in text if letter.isalpha())
        told = letters + 2 * ideograms  # one sign of those says as much as three letters
        if told >= self._detect.min_letters:
            yield from super()._places(text)

    def _verdict(self, shares: Shares) -> tuple[bool, str]:
        asked = self._detect
        likely = max(shares, key=lambda code: shares[code])
        named = asked.allow or asked.deny
        share = min(1.0, sum(shares.get(code, 0.0) for code in named))
        # of many kindred languages none is sure of much: the likeliest is let through, however likely it is
        strange = likely not in asked.allow and share < asked.threshold
        hit = strange if asked.allow else share >= asked.threshold
        said = f"language {likely} {shares[likely]:.2f}; {' or '.join(named)} {share:.2f}"
        return hit, f"{said}, threshold {asked.threshold:g}"


class SimilarityDetector(AskingDetector):
    """Finds passages that mean what an example means."""

    kind = "similarity"

    def __init__(self, detect: Mapping[str, Json], models: Models) -> None:
        asked = self._detect = _thresholded(SimilarityDetect, detect)
        if not asked.examples or not all(map(str.strip, asked.examples)):
            raise Unusable("detect.examples needs texts, none of them empty")
        self._passage = _passage_of(asked)
        self._asked = models.open(self.kind, asked)

    def _verdict(self, shares: Shares) -> tuple[bool, str]:
        near = max(shares, key=lambda name: shares[name])
        threshold = self._detect.threshold
        detail = f"similarity {shares[near]:.2f} to example {near}, threshold {threshold:g}"
        return shares[near] >= threshold - _ROUNDING, detail


class ClassifierDetector(AskingDetector):
    """Finds passages with a label that is denied."""

    kind = "classifier"

    def __init__(self, detect: Mapping[str, Json], models: Models) -> None:
        asked = self._detect = _thresholded(ClassifierDetect, detect)
        if len(asked.labels) < 2 or not all(asked.labels.values()):
            raise Unusable("detect.labels needs two labels or more, each with examples")
        if not all(text.strip() for examples in asked.labels.values() for text in examples):
            raise Unusable("detect.labels has an empty example")
        unknown = next((label for label in asked.deny if label not in asked.labels), None)
        if unknown is not None:
            raise Unusable(f"detect.deny names {unknown}, which is none of the labels")
        if not 0 < len(set(asked.deny)) < len(asked.labels):
            raise Unusable("detect.deny needs labels, and must leave at least one")
        self._passage = _passage_of(asked)
        self._asked = models.open(self.kind, asked)

    def _verdict(self, shares: Shares) -> tuple[bool, str]:
        denied = {label: shares[label] for label in self._detect.deny}
        likely = max(denied, key=lambda label: denied[label])
        threshold = self._detect.threshold
        detail = f"label {likely} {denied[likely]:.2f}, threshold {threshold:g}"
        return denied[likely] >= threshold - _ROUNDING, detail


class JudgeDetector(AskingDetector):
    """Finds the whole text when a model answers the question about it in the way that is named."""

    kind = "judge"

    def __init__(self, detect: Mapping[str, Json], models: Models) -> None:
        asked = self._detect = _thresholded(JudgeDetect, detect)
        if not asked.question.strip():
            raise Unusable("detect.question is empty")
        if asked.timeout_s <= 0:
            raise Unusable("detect.timeoutS must be above 0")
        self._asked = models.open(self.kind, asked)

    def _answers(self, texts: Sequence[str]) -> Sequence[Shares]:
        if max(map(len, texts)) > self._detect.max_chars:
            raise ValueError("the text is longer than detect.maxChars")
        return super()._answers(texts)

    def _verdict(self, shares: Shares) -> tuple[bool, str]:
        asked = self._detect
        share = shares[asked.hit_on]
        detail = f"answer {asked.hit_on} {share:.2f}, threshold {asked.threshold:g}"
        return share >= asked.threshold - _ROUNDING, detail


def _thresholded(cls: type[_Detect], detect: Mapping[str, Json]) -> _Detect:
    asked = shaped(cls, detect)
    if not 0 < asked.threshold <= 1:
        raise Unusable("detect.threshold must be above 0 and at most 1")
    return asked


def _passage_of(asked: SimilarityDetect | ClassifierDetect) -> int:
    if asked.passage < _LEAST_PASSAGE:
        raise Unusable(f"detect.passage must be {_LEAST_PASSAGE} code points or more")
    return asked.passage
