from __future__ import annotations

import pytest

SHAPE = {"type": "object", "required": ["answer"], "properties": {"answer": {"type": "string"}}}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('{"answer": "ok"}', None),
        ('{"answer": 3}', "$.answer breaks type"),
        ("{}", "$ breaks required"),
        ("ok", "the answer is not JSON"),
        ("[" * 100_000, "the answer is not JSON"),
        ('```json\n{"answer": "ok"}\n```', "the answer is not JSON"),
    ],
)
def test_the_answer_is_json_of_the_shape_or_a_hit(rule, guard, text: str, detail: str | None) -> None:
    verdict = guard(rule("json_schema", {"schema": SHAPE}, "block")).check(text, "output")
    assert [hit.detail for hit in verdict.hits] == ([detail] if detail else [])
    assert not verdict.errors


def test_a_code_fence_can_be_allowed(rule, guard) -> None:
    one = guard(rule("json_schema", {"schema": SHAPE, "extract": "fenced_or_whole"}, "block"))
    assert one.check('```json\n{"answer": "ok"}\n```\n', "output").passed
    assert one.check('{"answer": "ok"}', "output").passed
    assert one.check('```\n{"answer": 1}\n```', "output").hits
