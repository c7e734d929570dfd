"""All questions of many answers, put to their judges together once the answers are there.

The labelled answers that a judge is held against are asked in the same go. What a judge says goes the way of every
answer: looked up in the cache, asked once, kept, recorded.
It must never take a judge's silence or its prose for a verdict: that is an error of the check.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry.errors import PromptyardError
from registry.evaluation.engines.port import Prepared, Request
from registry.evaluation.expectations.judge import check, questions_of
from registry.evaluation.expectations.outcome import Surroundings
from registry.evaluation.expectations.read import read
from registry.evaluation.judges.answers import shares_of
from registry.evaluation.judges.judge import Judge
from registry.evaluation.judges.prompts import words_of
from registry.evaluation.judges.question import Question, Ruling
from registry.evaluation.judges.standing import JudgeStanding, stand
from registry.evaluation.plan import Item
from registry.evaluation.records import Completion, Expectation, Labelled

Put = Callable[[Sequence[Item]], Iterable[tuple[Item, Completion]]]
Place = tuple[str, int]  # the address of a question, and the sample that it is about
Said = dict[Place, list[Completion | None]]
Vote = tuple[Judge, Place, int, Request]


@dataclass(frozen=True, slots=True)
class Heard:
    """A judge with all that it said, and whether that counts."""

    is_advisory: bool
    rulings: Mapping[Place, Ruling]
    sample: int = 0

    def ruling(self, question: Question) -> Ruling | None:
        """What it said to a question; None when it was not asked."""
        return self.rulings.get((question.key, self.sample))


@dataclass(slots=True)
class _Docket:
    """The questions to one judge, with an item that stands for where they come from."""

    item: Item
    questions: dict[Place, Question] = field(default_factory=dict)
    rulings: dict[Place, Ruling] = field(default_factory=dict)


def hear(
    answered: Sequence[tuple[Item, Completion]], put: Put
) -> Iterator[tuple[Item, Completion, Surroundings]]:
    """Each answer with what its judges said, in order.

    Args:
        answered: items whose checks ask judges, with their answers.
        put: asks what the items hold and gives the answers, in any order.
    """
    rivals = {_twin(item): done.text for item, done in answered if item.arm == "base" and done.error is None}
    dockets = _dockets(answered, rivals)
    _ask(dockets, put)
    for judge, docket in dockets.items():
        judge.standing = judge.standing or _standing(judge, docket.rulings)
    for item, done in answered:
        judges = {
            name: Heard(_is_advisory(judge), dockets[judge].rulings, item.index)
            for name, judge in item.judges.items()
        }
        yield item, done, replace(_around(item, rivals), judges=judges)


def _is_advisory(judge: Judge) -> bool:
    return judge.standing is None or bool(judge.standing.why)


def _dockets(
    answered: Sequence[tuple[Item, Completion]], rivals: Mapping[tuple[str, str, int], str]
) -> dict[Judge, _Docket]:
    found: dict[Judge, _Docket] = {}
    for item, done in answered:
        for judge in item.judges.values():
            if judge not in found:
                found[judge] = _Docket(item)
                if judge.standing is None:
                    found[judge].questions |= calibration(judge)
        asked = questions_of(item.case.expect, done, inputs=item.case.inputs, around=_around(item, rivals))
        for expectation, question in asked:
            if expectation.judge in item.judges:
                found[item.judges[expectation.judge]].questions[question.key, item.index] = question
    return found


def _around(item: Item, rivals: Mapping[tuple[str, str, int], str]) -> Surroundings:
    rival = rivals.get(_twin(item)) if item.arm == "head" else None
    return Surroundings(item.render, item.encoder, item.classifier, rival=rival)


def _twin(item: Item) -> tuple[str, str, int]:
    return (item.suite.id, item.case.id, item.index)


def _ask(dockets: Mapping[Judge, _Docket], put: Put) -> None:
    """All votes of all judges in one go, then once more those that were no verdict."""
    said: dict[Judge, Said] = {}
    first: list[Vote] = []
    for judge, docket in dockets.items():
        said[judge] = {}
        for place, question in sorted(
            docket.questions.items(), key=lambda pair: pair[0]
        ):  # not as answers came
            try:
                requests = judge.requests(question, place[1])
            except PromptyardError as error:
                docket.rulings[place] = Ruling((), str(error))
                continue
            said[judge][place] = [None] * len(requests)
            first += [(judge, place, vote, request) for vote, request in enumerate(requests)]
    _put(first, dockets, said, put)
    again: list[Vote] = []
    for judge, place, vote, _ in first:
        done, question = said[judge][place][vote], dockets[judge].questions[place]
        if done is not None and done.error is None and shares_of(done, words_of(question)) is None:
            again.append((judge, place, vote, judge.once_more(question, place[1], vote, done.text)))
    _put(again, dockets, said, put)
    for judge, docket in dockets.items():
        docket.rulings |= {
            place: _ruling(judge, docket.questions[place], dones) for place, dones in said[judge].items()
        }


def _put(
    asked: Sequence[Vote], dockets: Mapping[Judge, _Docket], said: Mapping[Judge, Said], put: Put
) -> None:
    mine: defaultdict[Judge, list[Vote]] = defaultdict(list)
    for entry in asked:
        mine[entry[0]].append(entry)
    items: list[Item] = []
    wanted: dict[int, Vote] = {}
    for judge, entries in mine.items():
        prepared = judge.engine.prepare([request for *_, request in entries])
        for entry, each in zip(entries, prepared, strict=True):
            items.append(asking(judge, dockets[judge].item, each, entry[3]))
            wanted[id(items[-1])] = entry
    for item, done in put(items) if items else ():
        judge, place, vote, _ = wanted[id(item)]
        said[judge][place][vote] = done


def asking(judge: Judge, item: Item, prepared: Prepared, request: Request) -> Item:
    """A judge's request in the shape of every other."""
    call = judge.call(request)
    return replace(item, prepared=prepared, engine=judge.engine, completion=None, call=call, judges={})


def _ruling(judge: Judge, question: Question, dones: Iterable[Completion | None]) -> Ruling:
    votes: list[Mapping[str, float]] = []
    words = words_of(question)
    for done in dones:
        if done is None:
            return Ruling((), "it was not asked")
        if done.error is not None:
            return Ruling((), done.error)
        shares = shares_of(done, words)
        if shares is None:
            wrote = " ".join(done.text.split())[:60]
            said = f"wrote {wrote!r} twice instead of one of {', '.join(words)}"
            return Ruling(
                (), f"EVL040 {judge.model.id} {said}. Give it room (maxTokens), or ask another judge."
            )
        votes.append(shares)
    return Ruling(tuple(votes))


def calibration(judge: Judge) -> dict[Place, Question]:
    """What a judge is asked about the labelled answers."""
    asked: dict[Place, Question] = {}
    for labelled in judge.config.labels:
        expectation = _asked_of(labelled)
        if expectation is not None:
            done = Completion(labelled.answer, 0, 0)
            pairs = questions_of((expectation,), done, inputs=labelled.inputs)
            asked |= {(question.key, 0): question for _, question in pairs}
    return asked


def _standing(judge: Judge, rulings: Mapping[Place, Ruling]) -> JudgeStanding:
    pairs: list[tuple[bool, bool]] = []
    unanswered = 0
    for labelled in judge.config.labels:
        expectation = _asked_of(labelled)
        if expectation is None:
            continue
        around = Surroundings(judges={None: Heard(is_advisory=False, rulings=rulings)})
        done = Completion(labelled.answer, 0, 0)
        found = check(expectation, done, inputs=labelled.inputs, around=around)
        if found.status in ("pass", "fail"):
            pairs.append((labelled.passes, found.status == "pass"))
        else:
            unanswered += 1
    config = judge.config
    return stand(
        judge.model.id,
        judge.digest,
        config.votes,
        pairs,
        unanswered=unanswered,
        min_kappa=config.min_kappa,
        pinned=config.pinned,
    )


def _asked_of(labelled: Labelled) -> Expectation | None:
    """What people were asked, put to the judge itself."""
    expectation, _ = read(dict(labelled.expect))
    return None if expectation is None else replace(expectation, judge=None)
