"""Checks that a judge answers: rubrics, grades, facts, context, the better of two answers.

A check says what to ask (:func:`questions`) and what the answers mean; who is asked, and how often, is decided
elsewhere, for all answers of a run together.
It must never take silence for a verdict: without a ruling on every question the check is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.evaluation.expectations.outcome import (
    Examine,
    ExpectationType,
    FindProblems,
    Outcome,
    Subject,
    Threshold,
    bad_value,
    excerpt,
    limit,
    missing,
)
from registry.evaluation.expectations.text import list_problems, text_problems
from registry.evaluation.judges.question import Question, Ruling, Task
from registry.evaluation.problem import Problem, unknown_keys
from registry.evaluation.records import Expectation
from serve.core.model import Json

Ask = Callable[[Expectation, Subject], "tuple[Question, ...]"]
Weigh = Callable[[Expectation, Sequence[Ruling]], float]
PAIRWISE = "select-best"
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_MOST_PIECES = 40  # a text of more sentences is taken in longer pieces; none is left out
_GRADES = {str(grade): (grade - 1) / 4 for grade in range(1, 6)}
_CHOICE = "Write {question: Is it polite?, choices: [{choice: polite, score: 1}, {choice: rude, score: 0}]}."
_CONTEXT_KEYS = ("context", "query", "reference")
_YES = Threshold("the least share of the judge's votes", 0.5, default=0.5, most=1)
_WORTH = Threshold("the least worth of what the judge chose", 0.5, default=0.5, most=1)
_GRADE = Threshold("the least grade, from 0 to 1", 0.7, default=0.7, most=1)
_WRITTEN = Threshold("the least score, from 0 to 1", 0.7, most=1)


class NotAsked(ValueError):
    """Something that the question needs is missing; the message is one clause."""


@dataclass(frozen=True, slots=True)
class _Kind:
    ask: Ask
    weigh: Weigh


def questions(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    """What a judge must be asked for one check; nothing for checks of other kinds, or where it cannot be asked."""
    try:
        if expectation.type == PAIRWISE:
            return _both_orders(expectation, subject)
        kind = _KINDS.get(expectation.type)
        return kind.ask(expectation, subject) if kind is not None else ()
    except NotAsked:
        return ()


def is_judged(expectation: Expectation) -> bool:
    """True for a check that a judge answers."""
    return expectation.type in JUDGED


def missing_input(expectation: Expectation, inputs: Mapping[str, Json]) -> str | None:
    """What a check needs of a case's inputs and does not find there, as a clause; None when nothing is missing."""
    try:
        if expectation.type.startswith("context-"):
            _context(expectation, inputs)
    except NotAsked as problem:
        return str(problem)
    return None


def _examine(name: str) -> Examine:
    def examine(expectation: Expectation, subject: Subject) -> Outcome:
        kind = _KINDS[name]
        try:
            asked = kind.ask(expectation, subject)
        except NotAsked as problem:
            return missing(str(problem))
        rulings = _rulings(expectation, subject, asked)
        if isinstance(rulings, Outcome):
            return rulings
        score, least = kind.weigh(expectation, rulings), limit(expectation)
        fact = f"is {_told(asked, rulings)}: {score:.2f}, where {least:g} is asked"
        return Outcome(score >= least - 1e-9, fact, score, advisory=_advice(expectation, subject))

    return examine


def _rulings(
    expectation: Expectation, subject: Subject, asked: Sequence[Question]
) -> tuple[Ruling, ...] | Outcome:
    judge = subject.around.judges.get(expectation.judge)
    if judge is None:
        return missing("needs a judge, and none is configured")
    rulings = [judge.ruling(question) for question in asked]
    for ruling in rulings:
        if ruling is None:
            return missing("was not put to the judge")
        if ruling.error is not None:
            return missing(f"got no verdict from the judge: {ruling.error}")
    return tuple(ruling for ruling in rulings if ruling is not None)


def _advice(expectation: Expectation, subject: Subject) -> bool:
    judge = subject.around.judges.get(expectation.judge)
    return judge is not None and judge.is_advisory


def _told(asked: Sequence[Question], rulings: Sequence[Ruling]) -> str:
    """What the judge said: the pieces that it does not find so, the grade, or the word with its votes."""
    if asked[0].task in ("grade", "answers"):
        return f"graded {', '.join(f'{1 + 4 * ruling.mean(_GRADES):.1f}' for ruling in rulings)} of 5"
    if len(rulings) > 1 or "statement" in asked[0].texts:
        against = [
            q.texts["statement"] for q, ruling in zip(asked, rulings, strict=True) if ruling.word != "yes"
        ]
        first = f", as in {excerpt(against[0])}" if against else ""
        return f"judged no on {len(against)} of {len(asked)} sentences{first}"
    ruling = rulings[0]
    votes = len(ruling.votes)
    by = "" if votes == 1 else f" by {ruling.count(ruling.word)} of {votes} votes"
    return f"judged {ruling.word}{by}"


def _criterion(task: Task) -> Ask:
    def ask(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
        criteria = [expectation.value] if isinstance(expectation.value, str) else expectation.value
        return tuple(
            Question(task, {"criterion": each, "input": _input(subject), "answer": subject.text})
            for each in criteria
        )

    return ask


def _chosen(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    texts = {"question": expectation.value["question"], "input": _input(subject), "answer": subject.text}
    return (Question("choose", texts, tuple(each["choice"] for each in expectation.value["choices"])),)


def _facts(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    texts = {"input": _input(subject), "reference": expectation.value, "answer": subject.text}
    return (Question("facts", texts),)


def _relevance(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    query = expectation.value or _query(subject.inputs, None)
    return (Question("answers", {"query": query, "answer": subject.text}),)


def _faithful(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    context, _ = _context(expectation, subject.inputs)
    return _supported(subject.text, context)


def _recalled(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    context, held = _context(expectation, subject.inputs)
    return _supported(held["reference"], context)


def _needed(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    context, held = _context(expectation, subject.inputs)
    query = _query(subject.inputs, held.get("query"))
    return tuple(Question("needed", {"query": query, "statement": each}) for each in pieces(context))


def _supported(text: str, context: str) -> tuple[Question, ...]:
    return tuple(Question("supported", {"context": context, "statement": each}) for each in pieces(text))


def pieces(text: str) -> list[str]:
    """The sentences of a text; a text of very many is cut into longer pieces, and nothing is left out."""
    sentences = [part.strip() for part in _SENTENCE.split(text) if part.strip()] or [text]
    size = -(-len(sentences) // _MOST_PIECES)
    return [" ".join(sentences[start : start + size]) for start in range(0, len(sentences), size)]


def _input(subject: Subject) -> str:
    return "\n".join(f"{name}: {_as_text(value)}" for name, value in subject.inputs.items())


def _context(expectation: Expectation, inputs: Mapping[str, Json]) -> tuple[str, Mapping[str, str]]:
    """The text of the context, and what the value says beside it."""
    value = expectation.value
    held: Mapping[str, str] = (
        value if isinstance(value, dict) else {"reference": value} if isinstance(value, str) else {}
    )
    name = held.get("context", "context")
    if name not in inputs:
        raise NotAsked(
            f"looks for the context in the input {name}, which the case does not have; name it: {{context: INPUT}}"
        )
    if "query" in held and held["query"] not in inputs:
        raise NotAsked(f"looks for the query in the input {held['query']}, which the case does not have")
    context = inputs[name]
    return "\n\n".join(map(_as_text, context)) if isinstance(context, list) else _as_text(context), held


def _query(inputs: Mapping[str, Json], name: str | None) -> str:
    names = [name] if name is not None else ["query", "question"]
    found = next((inputs[each] for each in names if each in inputs), None)
    if found is not None:
        return _as_text(found)
    rest = {key: value for key, value in inputs.items() if key != "context"}
    return "\n".join(f"{key}: {_as_text(value)}" for key, value in rest.items())


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _both_orders(expectation: Expectation, subject: Subject) -> tuple[Question, ...]:
    rival = subject.around.rival
    if rival is None:
        return ()
    texts = {"criterion": expectation.value, "input": _input(subject)}
    orders = ((subject.text, rival), (rival, subject.text))
    return tuple(Question("better", {**texts, "a": first, "b": second}) for first, second in orders)


def _select_best(expectation: Expectation, subject: Subject) -> Outcome:
    """Head's answer against base's: 1 is a win, 0.5 a tie, 0 a loss; its verdict is told and never counts."""
    asked = _both_orders(expectation, subject)
    if not asked:
        return Outcome(False, "there is no answer of base to compare with", forced="skip", advisory=True)
    if subject.text == subject.around.rival:
        return Outcome(True, "is the very answer of base", 0.5, advisory=True)
    rulings = _rulings(expectation, subject, asked)
    if isinstance(rulings, Outcome):
        return rulings
    ours, theirs = rulings
    wins = sum(
        (_choice(first) == "A") - (_choice(first) == "B")
        if (_choice(first) == "A") == (_choice(second) == "B")
        else 0
        for first, second in zip(ours.votes, theirs.votes, strict=True)
    )
    word, score = ("loses to", 0.0) if wins < 0 else ("wins over", 1.0) if wins else ("ties with", 0.5)
    return Outcome(wins >= 0, f"{word} base's answer in both orders", score, advisory=True)


def _choice(vote: Mapping[str, float]) -> str:
    return max(vote, key=lambda word: vote[word])


def _mean(worth: Mapping[str, float]) -> Weigh:
    return lambda _, rulings: sum(ruling.mean(worth) for ruling in rulings) / len(rulings)


def _worth(expectation: Expectation, rulings: Sequence[Ruling]) -> float:
    worth = {each["choice"]: float(each["score"]) for each in expectation.value["choices"]}
    return rulings[0].mean(worth)


def _reference_problems(value: Json) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from _context_problems(value)
        if "reference" not in value:
            yield bad_value("context-recall needs what the context must hold.", "Write reference: text.")
    else:
        yield from text_problems(value)


def _context_problems(value: Json) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, dict):
        yield bad_value(
            "The value must name inputs.", "Write {context: passages, query: question}, or nothing."
        )
        return
    yield from unknown_keys(value, _CONTEXT_KEYS, "the check")
    for key in _CONTEXT_KEYS:
        if key in value and not (isinstance(value[key], str) and value[key].strip()):
            yield bad_value(f"{key} must be text.", f"Write {key}: {key}.", key)


def _criteria_problems(value: Json) -> Iterator[Problem]:
    yield from list_problems(value) if isinstance(value, list) else text_problems(value)


def _choice_problems(value: Json) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield bad_value("The value must hold question and choices.", _CHOICE)
        return
    yield from unknown_keys(value, ("question", "choices"), "the check")
    yield from text_problems(value.get("question"), "question")
    choices = value.get("choices")
    if not (isinstance(choices, list) and len(choices) > 1 and all(map(_is_choice, choices))):
        yield bad_value("choices must list two words or more, each with a score from 0 to 1.", _CHOICE)
    elif len({each["choice"].casefold() for each in choices}) < len(choices):
        yield bad_value("No two choices may be the same word.", _CHOICE)
    elif all(each["score"] == choices[0]["score"] for each in choices):
        yield bad_value("All choices have the same score, so nothing is asked.", _CHOICE)


def _is_choice(value: Json) -> bool:
    if not isinstance(value, dict) or value.keys() != {"choice", "score"}:
        return False
    word, score = value["choice"], value["score"]
    named = isinstance(word, str) and bool(word.strip()) and "\n" not in word
    return named and isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1


def _optional_text(value: Json) -> Iterator[Problem]:
    yield from () if value is None else text_problems(value)


_SHARE_OF_YES = _mean({"yes": 1.0, "no": 0.0})
_FACTS_AGREE = _mean({"A": 1.0, "B": 1.0, "C": 1.0, "D": 0.0, "E": 1.0})
_KINDS: Mapping[str, _Kind] = {
    "llm-rubric": _Kind(_criterion("meets"), _SHARE_OF_YES),
    "model-graded-closedqa": _Kind(_criterion("meets"), _SHARE_OF_YES),
    "llm-choice": _Kind(_chosen, _worth),
    "g-eval": _Kind(_criterion("grade"), _mean(_GRADES)),
    "factuality": _Kind(_facts, _FACTS_AGREE),
    "model-graded-factuality": _Kind(_facts, _FACTS_AGREE),
    "answer-relevance": _Kind(_relevance, _mean(_GRADES)),
    "context-faithfulness": _Kind(_faithful, _SHARE_OF_YES),
    "context-recall": _Kind(_recalled, _SHARE_OF_YES),
    "context-relevance": _Kind(_needed, _SHARE_OF_YES),
}

JUDGED = frozenset({*_KINDS, PAIRWISE})


def _type(name: str, problems: FindProblems, threshold: Threshold) -> ExpectationType:
    return ExpectationType(name, _examine(name), problems, threshold)


TYPES = (
    _type("llm-rubric", text_problems, _YES),
    _type("model-graded-closedqa", text_problems, _YES),
    _type("llm-choice", _choice_problems, _WORTH),
    _type("g-eval", _criteria_problems, _GRADE),
    _type("factuality", text_problems, _YES),
    _type("model-graded-factuality", text_problems, _YES),
    _type("answer-relevance", _optional_text, _WRITTEN),
    _type("context-faithfulness", _context_problems, _WRITTEN),
    _type("context-recall", _reference_problems, _WRITTEN),
    _type("context-relevance", _context_problems, _WRITTEN),
    ExpectationType(PAIRWISE, _select_best, text_problems),
)
