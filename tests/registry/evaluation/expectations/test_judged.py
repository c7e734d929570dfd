from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry.evaluation.expectations import Surroundings, check, judge
from registry.evaluation.expectations.judge import questions_of
from registry.evaluation.expectations.judged import pieces
from registry.evaluation.expectations.read import read
from registry.evaluation.judges.question import Question, Ruling
from registry.evaluation.records import Case, Check, Completion, Expectation

Say = Callable[[Question], Mapping[str, float] | str]
INPUTS = {"question": "What is the fee?", "context": ["The fee is 3 euros.", "The office is blue."]}


class Judge:
    """Says what a function says; notes what it is asked."""

    def __init__(self, *says: Say, advisory: bool = False) -> None:
        self._says = says
        self.is_advisory = advisory
        self.asked: list[Question] = []

    def ruling(self, question: Question) -> Ruling | None:
        self.asked.append(question)
        votes = [say(question) for say in self._says]
        return Ruling(tuple({vote: 1.0} if isinstance(vote, str) else vote for vote in votes))


def expectation(entry: Mapping[str, Any]) -> Expectation:
    made, problems = read(dict(entry))
    assert made is not None, problems
    return made


def found(entry: Mapping[str, Any], answer: str, bench: Judge, rival: str | None = None) -> Check:
    around = Surroundings(judges={None: bench}, rival=rival)
    return check(expectation(entry), Completion(answer, 1, 1), inputs=INPUTS, around=around)


def polite(question: Question) -> str:
    return "yes" if "please" in question.texts["answer"] else "no"


MANNERS = {
    "question": "How polite is it?",
    "choices": [
        {"choice": "polite", "score": 1},
        {"choice": "curt", "score": 0.5},
        {"choice": "rude", "score": 0},
    ],
}


def test_a_choice_counts_what_the_chosen_words_are_worth() -> None:
    bench = Judge(lambda _: {"polite": 0.2, "curt": 0.4, "rude": 0.4})
    seen = found({"llm-choice": MANNERS}, "Well.", bench)
    assert (seen.status, round(seen.score, 3)) == ("fail", 0.4)
    assert found({"llm-choice": MANNERS, "threshold": 0.4}, "Well.", bench).status == "pass"
    assert bench.asked[0].words == ("polite", "curt", "rude")
    assert bench.asked[0].texts["question"] == "How polite is it?"
    assert found({"not-llm-choice": MANNERS}, "Well.", Judge(lambda _: "rude")).status == "pass"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Is it polite?", "must hold question and choices"),
        ({**MANNERS, "question": ""}, "empty"),
        ({**MANNERS, "choices": MANNERS["choices"][:1]}, "two words"),
        ({**MANNERS, "choices": [{"choice": "a", "score": 2}, {"choice": "b", "score": 0}]}, "from 0 to 1"),
        ({**MANNERS, "choices": [{"choice": "a", "score": 1}, {"choice": "A", "score": 0}]}, "the same word"),
        (
            {**MANNERS, "choices": [{"choice": "a", "score": 1}, {"choice": "b", "score": 1}]},
            "the same score",
        ),
        ({**MANNERS, "prompt": "x"}, "prompt"),
    ],
)
def test_a_choice_that_asks_nothing_is_refused(value: Any, told: str) -> None:
    made, problems = read({"llm-choice": value})
    assert made is None
    assert told in problems[0].message


@pytest.mark.parametrize("kind", ["llm-rubric", "model-graded-closedqa"])
def test_a_rubric_holds_where_most_votes_say_so(kind: str) -> None:
    assert found({kind: "Is polite."}, "please", Judge(polite)).status == "pass"
    assert found({kind: "Is polite."}, "now", Judge(polite)).status == "fail"
    assert found({f"not-{kind}": "Is polite."}, "now", Judge(polite)).status == "pass"
    two_of_three = found({kind: "Is polite."}, "please", Judge(polite, polite, lambda _: "no"))
    assert (two_of_three.status, two_of_three.score) == ("pass", pytest.approx(2 / 3))
    strict = found({kind: "Is polite.", "threshold": 0.9}, "please", Judge(polite, polite, lambda _: "no"))
    assert strict.status == "fail"
    assert strict.reason == "is judged yes by 2 of 3 votes: 0.67, where 0.9 is asked"


def test_the_probability_of_the_word_is_the_score() -> None:
    made = found({"llm-rubric": "Is polite."}, "please", Judge(lambda _: {"yes": 0.62, "no": 0.38}))
    assert (made.status, made.score) == ("pass", 0.62)


def test_grades_are_weighted_by_their_probabilities() -> None:
    shares = {"1": 0.0, "2": 0.0, "3": 0.0, "4": 0.5, "5": 0.5}
    made = found({"g-eval": "Is polite."}, "a", Judge(lambda _: shares))
    assert (made.status, made.score) == ("pass", 0.875)
    low = found(
        {"g-eval": ["Is polite.", "Is short."]}, "a", Judge(lambda q: "5" if "short" in str(q.texts) else "1")
    )
    assert (low.status, low.score) == ("fail", 0.5)
    assert low.reason == "is graded 1.0, 5.0 of 5: 0.50, where 0.7 is asked"


@pytest.mark.parametrize(
    ("word", "status"), [("A", "pass"), ("B", "pass"), ("C", "pass"), ("D", "fail"), ("E", "pass")]
)
@pytest.mark.parametrize("kind", ["factuality", "model-graded-factuality"])
def test_only_a_contradiction_is_against_the_facts(kind: str, word: str, status: str) -> None:
    assert found({kind: "The fee is 3 euros."}, "It is 4.", Judge(lambda _: word)).status == status


def test_relevance_is_asked_of_the_question_among_the_inputs() -> None:
    bench = Judge(lambda _: "4")
    assert found({"answer-relevance": None, "threshold": 0.7}, "3 euros", bench).score == 0.75
    assert bench.asked[0].texts == {"query": "What is the fee?", "answer": "3 euros"}


def supported(question: Question) -> str:
    return "yes" if question.texts["statement"].rstrip(".") in question.texts["context"] else "no"


def test_faithfulness_is_the_share_of_sentences_that_the_context_supports() -> None:
    entry = {"context-faithfulness": None, "threshold": 0.9}
    made = found(entry, "The fee is 3 euros. It is due today.", Judge(supported))
    assert (made.status, made.score) == ("fail", 0.5)
    assert made.reason.startswith("is judged no on 1 of 2 sentences, as in 'It is due today.'")
    assert found(entry, "The fee is 3 euros.", Judge(supported)).status == "pass"


def test_recall_is_the_share_of_the_references_sentences() -> None:
    entry = {"context-recall": "The fee is 3 euros. The office is red.", "threshold": 0.5}
    assert found(entry, "whatever", Judge(supported)).score == 0.5


def test_relevance_of_the_context_is_the_share_of_its_sentences_that_help() -> None:
    needed = Judge(lambda q: "yes" if "fee" in q.texts["statement"] else "no")
    assert found({"context-relevance": None, "threshold": 0.5}, "3 euros", needed).score == 0.5
    assert [q.texts["query"] for q in needed.asked] == ["What is the fee?"] * 2


def test_an_input_that_is_not_there_is_an_error_and_named() -> None:
    made = found({"context-faithfulness": {"context": "passages"}, "threshold": 0.9}, "a", Judge(supported))
    assert made.status == "error"
    assert "input passages" in made.reason


def longer(question: Question) -> str:
    return "A" if len(question.texts["a"]) > len(question.texts["b"]) else "B"


@pytest.mark.parametrize(
    ("rival", "says", "score"),
    [
        ("short", longer, 1.0),
        ("a much longer answer", longer, 0.0),
        ("short", lambda _: "A", 0.5),
        ("an answer", longer, 0.5),
    ],
)
def test_the_better_answer_is_better_in_both_orders(rival: str, says: Say, score: float) -> None:
    made = found({"select-best": "Is longer."}, "an answer", Judge(says), rival)
    assert (made.score, made.advisory) == (score, True)


def test_without_a_base_there_is_nothing_to_compare_and_nothing_fails() -> None:
    case = Case("c", "c", INPUTS, (expectation({"select-best": "Is longer."}),))
    assert judge(case, Completion("a", 1, 1), around=Surroundings(judges={None: Judge(longer)}))[0] == "pass"


def test_no_judge_and_no_verdict_are_errors() -> None:
    rubric = expectation({"llm-rubric": "Is polite."})
    assert check(rubric, Completion("a", 1, 1)).reason == "needs a judge, and none is configured"

    class Silent(Judge):
        def ruling(self, question: Question) -> Ruling | None:
            return Ruling((), "the server is gone")

    made = found({"llm-rubric": "Is polite."}, "a", Silent(advisory=True))
    assert (made.status, made.advisory) == ("error", False)
    assert "the server is gone" in made.reason
    case = Case("c", "c", INPUTS, (rubric,))
    around = Surroundings(judges={None: Silent(advisory=True)})
    assert judge(case, Completion("a", 1, 1), around=around)[0] == "error"


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([{"contains": "a"}, {"llm-rubric": "x"}], "pass"),
        ([{"contains": "b"}, {"llm-rubric": "x"}], "fail"),
        ([{"llm-rubric": "x"}], "pass"),
        ([{"llm-rubric": "x", "required": True}, {"contains": "a"}], "pass"),
        ([{"assert-set": [{"llm-rubric": "x"}, {"contains": "a"}]}], "pass"),
        ([{"assert-set": [{"llm-rubric": "x"}, {"contains": "b"}], "threshold": 0.5}], "fail"),
        ([{"assert-set": [{"llm-rubric": "x"}]}, {"contains": "a"}], "pass"),
        ([{"assert-set": [{"llm-rubric": "x"}]}], "pass"),
    ],
)
def test_advice_never_decides_a_case(entries: list[dict[str, Any]], status: str) -> None:
    case = Case("c", "c", INPUTS, tuple(map(expectation, entries)))
    no = Judge(lambda _: "no", advisory=True)
    got, _, checks = judge(case, Completion("a", 1, 1), around=Surroundings(judges={None: no}))
    assert got == status
    flat = [each for check in checks for each in (check, *check.parts)]
    assert any(
        each.advisory and each.status == "fail" and each.reason.startswith("(advisory) ") for each in flat
    )


def test_questions_are_known_before_anybody_is_asked_through_sets_and_transforms() -> None:
    entries = [
        {"assert-set": [{"llm-rubric": "x", "transform": "lower"}, {"contains": "a"}]},
        {"g-eval": ["one", "two"], "judge": "models/other"},
        {"llm-rubric": "x", "transform": "$.missing"},
        {"contains": "a"},
    ]
    asked = list(questions_of(tuple(map(expectation, entries)), Completion("LOUD", 1, 1), inputs=INPUTS))
    assert [(e.judge, q.task, q.texts["answer"]) for e, q in asked] == [
        (None, "meets", "loud"),
        ("models/other", "grade", "LOUD"),
        ("models/other", "grade", "LOUD"),
    ]


def test_a_text_of_very_many_sentences_is_taken_in_longer_pieces_and_whole() -> None:
    text = " ".join(f"Sentence {n}." for n in range(100))
    cut = pieces(text)
    assert len(cut) <= 40
    assert " ".join(cut) == text
    assert pieces("no end") == ["no end"]
