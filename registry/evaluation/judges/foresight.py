"""What judges will be asked, before anything is: exactly where an answer is known, else by a stand-in of full length.

It must never ask anybody, nor leave out the labelled answers that a judge is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from registry.errors import PromptyardError
from registry.evaluation.expectations.judge import questions_of
from registry.evaluation.expectations.outcome import Surroundings
from registry.evaluation.judges.hearing import asking, calibration
from registry.evaluation.judges.judge import Judge
from registry.evaluation.judges.question import Question
from registry.evaluation.plan import Item
from registry.evaluation.records import Completion

Answer = Callable[[str], Completion | None]
_USUAL = 256  # words of an answer whose length has no bound


def with_judges(items: Iterable[Item], answer: Answer) -> Iterator[Item]:
    """The items of a plan, each followed by the requests to judges that its answer will lead to.

    A check of sentences counts the sentences of an answer that is known, and one where it is not.

    Args:
        items: of a plan.
        answer: the answer that is kept under a content address, None where there is none.
    """
    met: set[int] = set()
    for item in items:
        yield item
        for judge in item.judges.values():
            if id(judge) not in met:
                met.add(id(judge))
                for question in calibration(judge).values():
                    yield from _requests(judge, item, question)
        if item.judges and item.prepared.problem is None:
            yield from _asked(item, answer)


def _asked(item: Item, answer: Answer) -> Iterator[Item]:
    done = item.completion or answer(item.prepared.key) or _stand_in(item)
    if done.error is not None:
        return
    # A comparison with base has one answer of each arm: counted on base's, which is there when head's is.
    rival = _stand_in(item).text if item.arm == "base" else None
    around = Surroundings(item.render, rival=rival)
    for expectation, question in questions_of(item.case.expect, done, inputs=item.case.inputs, around=around):
        judge = item.judges.get(expectation.judge)
        if judge is not None:
            yield from _requests(judge, item, question)


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
