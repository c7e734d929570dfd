from __future__ import annotations

import pytest

from registry.evaluation.expectations.sql_tree import columns_of, statements, tables_of


@pytest.mark.parametrize(
    ("text", "dialect", "why"),
    [
        ("", "mysql", "no statement"),
        ("-- only a comment", "mysql", "no statement"),
        ("hello world", "mysql", "no statement"),
        ("a = 1", "mysql", "no statement"),
        ("SELECT", "mysql", "no column"),
        ("SELECT a,, b FROM t", "mysql", "after a comma"),
        ("SELECT a, FROM t", "mysql", "after a comma"),
        ("SELECT name age FROM t", "postgres", "comma or AS"),
        ("SELECT `a FROM t", "postgres", "quote"),
        ("SELECT 'abc", "mysql", "cannot be read"),
        ("SELECT a::int FROM t", "mysql", "no :: for casts"),
        ("SELECT * FROM t WHERE a ILIKE 'x'", "mysql", "no ILIKE"),
        ("SELECT * FROM generate_series(1, 5)", "mysql", "no generate_series"),
        ("SELECT a FROM t WHERE b IN ()", "mysql", "empty list"),
        ("DELETE t WHERE a = 1", "mysql", "DELETE has no FROM"),
        ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", "mysql", "no MERGE"),
        ("DESCRIBE t", "postgres", "no DESCRIBE"),
        ("SELECT * FORM users", "mysql", "near"),
        ("SELECT 1; garbage here", "mysql", "no statement"),
    ],
)
def test_what_the_dialect_does_not_have_is_refused(text: str, dialect: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        statements(text, dialect)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("REPLACE INTO t VALUES (1)", "mysql"),
        ("CALL clean_up()", "mysql"),
        ("SHOW TABLES", "mysql"),
        ("SHOW search_path", "postgres"),
        ("SELECT a::int FROM t", "postgres"),
        ("SELECT a, FROM t", "bigquery"),
        ("SELECT ALL a FROM t", "mysql"),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES u (a) ON DELETE CASCADE)", "mysql"),
        ("SELECT REPLACE(a, 'b', 'c') FROM t", "mysql"),
        ("BEGIN; UPDATE t SET a = 1; COMMIT;", "mysql"),
    ],
)
def test_what_it_has_is_read(text: str, dialect: str) -> None:
    assert statements(text, dialect)


def test_tables_and_columns_come_with_what_is_done_to_them() -> None:
    (statement,) = statements(
        "UPDATE shop.orders o SET o.total = 1 WHERE id IN (SELECT id FROM late)", "mysql"
    )
    assert set(tables_of(statement)) == {"update::shop::orders", "select::null::late"}
    assert set(columns_of(statement)) >= {"update::orders::total", "update::null::id"}
