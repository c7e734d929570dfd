"""How much two texts have in common, as a share from 0 to 1: ROUGE, BLEU, GLEU, METEOR.

Definitions are those of the papers in the variants that promptfoo documents, so that scores can be compared:
small letters, words split at white space (ROUGE: Penn Treebank tokens), BLEU of the orders that the answer is
long enough for. They are arithmetic on counts; the libraries that have them (nltk, sacrebleu, rouge-score)
tokenise otherwise, and serve as an oracle.
It must never divide by zero: an empty answer has nothing in common with anything.

Sources: Lin 2004 (ROUGE), Papineni et al. 2002 (BLEU), Wu et al. 2016 (GLEU), Banerjee and Lavie 2005 (METEOR).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from registry.evaluation.expectations.treebank import treebank_tokens
from registry.evaluation.expectations.words import NGrams, ngrams, words

_ORDERS = (1, 2, 3, 4)
_NO_MATCH = 1e-7  # stands for a precision of 0, whose logarithm there is not
_ALPHA, _BETA, _GAMMA = 0.9, 3, 0.5  # METEOR: weight of precision, steepness and weight of the penalty


def rouge_n(answer: str, reference: str, size: int = 1) -> float:
    """F1 of the n-grams that answer and reference share, each counted as often as both have it."""
    left, right = (ngrams(treebank_tokens(text.lower()), size) for text in (answer, reference))
    return _f1(_shared(left, right), left.total(), right.total())


def rouge_l(answer: str, reference: str) -> float:
    """F1 of the longest common subsequence of tokens. Needs rapidfuzz (ImportError without)."""
    from rapidfuzz.distance import LCSseq

    left, right = (treebank_tokens(text.lower()) for text in (answer, reference))
    return _f1(LCSseq.similarity(left, right), len(left), len(right))


def bleu(answer: str, references: Sequence[str]) -> float:
    """BLEU of one sentence, up to four words, with the brevity penalty against the nearest length."""
    said = words(answer.lower())
    if not said:
        return 0.0
    wanted = [words(text.lower()) for text in references]
    nearest = min((len(each) for each in wanted), key=lambda length: (abs(length - len(said)), length))
    penalty = 1.0 if len(said) > nearest else math.exp(1 - nearest / len(said))
    logs = []
    for size in _ORDERS:
        grams = ngrams(said, size)
        if grams:
            shared = max(_shared(grams, ngrams(each, size)) for each in wanted)
            logs.append(math.log(shared / grams.total() or _NO_MATCH))
    return penalty * math.exp(sum(logs) / len(logs))


def gleu(answer: str, references: Sequence[str]) -> float:
    """The smaller of precision and recall over all n-grams up to four words, of the best reference."""
    return max(_gleu(_bare_words(answer.lower()), _bare_words(text.lower())) for text in references)


def meteor(answer: str, references: Sequence[str], stem: Callable[[str], str]) -> float:
    """METEOR with exact and stem matches (no synonyms), of the best reference."""
    return max(_meteor(_bare_words(answer), _bare_words(text), stem) for text in references)


def _bare_words(text: str) -> list[str]:
    return [word.rstrip(".") for word in words(text)]


def _shared(left: NGrams, right: NGrams) -> int:
    return (left & right).total()


def _f1(shared: int, left: int, right: int) -> float:
    return 2 * shared / (left + right) if shared else 0.0


def _gleu(said: Sequence[str], wanted: Sequence[str]) -> float:
    pairs = [(ngrams(said, size), ngrams(wanted, size)) for size in _ORDERS]
    most = max(sum(left.total() for left, _ in pairs), sum(right.total() for _, right in pairs))
    return sum(_shared(left, right) for left, right in pairs) / most if most else 0.0


def _meteor(said: Sequence[str], wanted: Sequence[str], stem: Callable[[str], str]) -> float:
    matches = _aligned(said, wanted, stem)
    if not matches:
        return 0.0
    precision, recall = len(matches) / len(said), len(matches) / len(wanted)
    mean = precision * recall / (_ALPHA * precision + (1 - _ALPHA) * recall)
    breaks = sum((left + 1, right + 1) != following for (left, right), following in pairwise(matches))
    return float((1 - _GAMMA * ((breaks + 1) / len(matches)) ** _BETA) * mean)


def _aligned(said: Sequence[str], wanted: Sequence[str], stem: Callable[[str], str]) -> list[tuple[int, int]]:
    """Pairs of places of equal words, then of equal stems; from the last word to the first, as in NLTK."""
    matches: list[tuple[int, int]] = []
    left, right = list(range(len(said))), list(range(len(wanted)))
    for form in (str.lower, lambda word: stem(word.lower())):
        free = defaultdict(list)
        for place in right:
            free[form(wanted[place])].append(place)
        found = [(place, places.pop()) for place in reversed(left) if (places := free.get(form(said[place])))]
        matches += found
        left = sorted(set(left) - {place for place, _ in found})
        right = sorted(set(right) - {place for _, place in found})
    return sorted(matches)
