from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import MissingExtra
from registry.evaluation.expectations import check
from registry.evaluation.expectations.sql import DIALECTS
from registry.evaluation.records import Check, Completion, Expectation


def found(text: str, value: object = None, kind: str = "is-sql") -> Check:
    return check(Expectation(kind, value), Completion(text, 1, 1))


@pytest.mark.parametrize(
    ("value", "text", "wanted"),
    [
        ({"allowedTables": ["users"]}, "SELECT * FROM users", "pass"),
        ({"allowedTables": ["users"]}, "DELETE FROM users", "pass"),
        ({"allowedTables": ["select::null::users"]}, "DELETE FROM users", "fail"),
        ({"allowedTables": ["users"]}, "SELECT * FROM users JOIN secrets USING (id)", "fail"),
        ({"allowedTables": ["users"]}, "WITH x AS (SELECT 1 FROM users) SELECT * FROM x", "pass"),
        ({"allowedTables": ["select::null::users", "insert::null::log"]}, "INSERT INTO log SELECT * FROM users", "pass"),
        ({"allowedColumns": ["id", "name"]}, "SELECT u.id FROM users u WHERE u.name = 'x'", "pass"),
        ({"allowedColumns": ["id"]}, "SELECT * FROM users", "fail"),
        ({"allowedColumns": ["select::users::id"]}, "SELECT u.id FROM users u", "pass"),
        ({"allowedColumns": ["select::orders::id"]}, "SELECT u.id FROM users u", "fail"),
    ],
)  # fmt: skip
def test_only_what_is_allowed_may_be_used(value: object, text: str, wanted: str) -> None:
    assert found(text, value).status == wanted


def test_the_reason_names_what_is_not_allowed() -> None:
    told = found("SELECT * FROM secrets", {"allowedTables": ["users"]}).reason
    assert told == "uses the table select::null::secrets, which is not allowed"


def test_fenced_blocks_are_looked_at_before_the_text() -> None:
    assert found("So:\n```sql\nSELECT 1\n```", kind="contains-sql").status == "pass"
    assert found("SELECT 1\n```sql\nnothing\n```", kind="contains-sql").status == "fail"
    assert found("```python\nSELECT 1\n```", kind="contains-sql").status == "fail"


def test_a_huge_answer_is_no_statement() -> None:
    assert "longer than" in found("SELECT " + "1," * 60_000 + "1").reason


def test_without_the_eval_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "registry.evaluation.expectations.sql_tree", None)
    with pytest.raises(MissingExtra, match=r"promptyard\[eval\]"):
        found("SELECT 1")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="SELECT FROM*a,();'\"`:-", max_size=40), st.sampled_from([*DIALECTS]))
def test_no_answer_breaks_the_check(text: str, dialect: str) -> None:
    assert found(text, {"databaseType": dialect}).status in ("pass", "fail")
