from __future__ import annotations

from registry.evaluation.expectations import check
from registry.evaluation.records import Check, Completion, Expectation

APPROVED = "Dear Ann,\n\nyour card is on its way.\n"


def found(text: str, value: object = APPROVED) -> Check:
    return check(Expectation("snapshot", value), Completion(text, 1, 1))


def test_line_ends_and_white_space_at_the_end_do_not_count() -> None:
    assert found("Dear Ann,\r\n\r\nyour card is on its way.").status == "pass"
    assert found("Dear Ann,\n\n your card is on its way.").status == "fail"


def test_the_first_line_that_differs_is_told() -> None:
    assert found("Dear Ann,\n\nno.").reason == (
        "differs from the approved answer: line 3 is 'no.', where it is 'your card is on its way.'"
    )
    assert "line 2 ends, where it is ''" in found("Dear Ann,").reason


def test_without_an_approved_answer_the_run_tells_what_to_approve() -> None:
    told = found("Hello", None)
    assert told.status == "error"
    digest = told.reason.rpartition("sha256: ")[2]
    assert found("Hello\n", {"sha256": digest}).status == "pass"
    assert found("Hullo", {"sha256": digest}).reason == "is another answer: 'Hullo'"
