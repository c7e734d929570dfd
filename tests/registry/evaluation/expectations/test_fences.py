from __future__ import annotations

from support.work import calls_of

from registry.evaluation.expectations.fences import fenced_blocks


def test_blocks_come_with_their_language_in_order() -> None:
    text = "a\n```SQL x\nselect 1\n```\n~~~\n```\ninner\n~~~\n  ````py\nb\n```\nc\n````"
    assert list(fenced_blocks(text)) == [("sql", "select 1"), ("", "```\ninner"), ("py", "b\n```\nc")]


def test_what_is_not_closed_is_no_block() -> None:
    assert list(fenced_blocks("```\nnever closed")) == []
    assert list(fenced_blocks("    ```\nindented code\n    ```")) == []


def test_a_text_of_openings_costs_one_look_at_each_line() -> None:
    few, many = (calls_of(lambda lines=lines: list(fenced_blocks("```a\n" * lines))) for lines in (500, 5000))
    assert many < 11 * few
