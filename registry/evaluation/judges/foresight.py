"""What judges will be asked, before anything is: exactly where an answer is known, else by a stand-in of full length.

It must never ask anybody, nor leave out the labelled answers that a judge is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from registry.errors import PromptyardError
from registry.evaluation.expectations.judge import questions_of
from registry.evaluation.expectations.judged import PAIRWISE
from registry.evaluation.expectations.outcome import Surroundings
from registry.evaluation.judges.hearing import asking, calibration
from registry.evaluation.judges.judge import Judge
from registry.evaluation.judges.question import Question
from registry.evaluation.plan import Item
from registry.evaluation.records import Completion

Answer = Callable[[str], Completion | None]
_USUAL = 256  # words of an answer whose length has no bound


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One request to a judge, in the shape of every item.

    ``check`` is the type of the check that asks, empty for a labelled answer; ``sure`` is False where the answer
    itself is still to come, so that a stand-in was counted.
    """

    item: Item
    judge: Judge
    check: str = ""
    sure: bool = True


class Foresight:
    """Tells what judges will be asked, item by item of a plan.

    A check of sentences counts the sentences of an answer that is known, and one where it is not.

    Args:
        answer: the answer that is kept under a content address, None where there is none.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._met: set[int] = set()

    def of(self, item: Item) -> Iterator[Foreseen]:
        """The requests that one item's answer will lead to; before the first of a judge those about its labels."""
        for judge in item.judges.values():
            if id(judge) not in self._met:
                self._met.add(id(judge))
                for question in calibration(judge).values():
                    yield from (Foreseen(each, judge) for each in _requests(judge, item, question))
        if item.judges and item.prepared.problem is None:
            yield from self._asked(item)

    def _asked(self, item: Item) -> Iterator[Foreseen]:
        known = item.completion or self._answer(item.prepared.key)
        done = known or _stand_in(item)
        if done.error is not None:
            return
        # A comparison with base has one answer of each arm: counted on base's, which is there when head's is.
        rival = _stand_in(item).text if item.arm == "base" else None
        around = Surroundings(item.render, rival=rival)
        asked = questions_of(item.case.expect, done, inputs=item.case.inputs, around=around)
        for expectation, question in asked:
            judge = item.judges.get(expectation.judge)
            if judge is not None:
                sure = known is not None and expectation.type != PAIRWISE
                for each in _requests(judge, item, question):
                    yield Foreseen(each, judge, expectation.type, sure)


def _requests(judge: Judge, item: Item, question: Question) -> Iterator[Item]:
    try:
        requests = judge.requests(question, item.index)
    except PromptyardError:
        return  # told when the judge is asked
    for prepared, request in zip(judge.engine.prepare(requests), requests, strict=True):
        yield asking(judge, item, prepared, request)


def _stand_in(item: Item) -> Completion:
    """A text as long as the answer may be, and like no other."""
    longest = item.call.parameters.get("maxTokens") if item.call is not None else None
    words = " word" * (longest if isinstance(longest, int) else _USUAL)
    return Completion(item.prepared.key[:12] + words, 0, 0)
