"""Checks of SQL in an answer: is-sql, contains-sql.

Parsed by sqlglot in one dialect (MySQL where none is named, as in promptfoo), so that a missing comma or a broken
quote is seen and no database is needed. Tables and columns may be restricted to a list.
It must never run a statement, nor take a text for SQL that a parser only passed through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry.errors import MissingExtra
from registry.evaluation.expectations.fences import fenced_blocks
from registry.evaluation.expectations.outcome import ExpectationType, Outcome, Subject, bad_value, excerpt
from registry.evaluation.expectations.pattern import pattern_problems, search
from registry.evaluation.expectations.text import list_problems
from registry.evaluation.problem import Problem, did_you_mean, unknown_keys
from registry.evaluation.records import Expectation
from serve.core.model import Json

DIALECTS: Mapping[str, str] = {  # promptfoo's names, and sqlglot's
    "MySQL": "mysql", "MariaDB": "mysql", "PostgresQL": "postgres", "PostgreSQL": "postgres", "Sqlite": "sqlite",
    "TransactSQL": "tsql", "BigQuery": "bigquery", "Snowflake": "snowflake", "Redshift": "redshift", "Hive": "hive",
    "Athena": "athena", "Trino": "trino",
}  # fmt: skip
_KEYS = ("databaseType", "allowedTables", "allowedColumns")
_MOST = 100_000  # characters; a statement beyond it is no answer


class NotSql(ValueError):
    """A text that is no SQL; says why in half a line."""


def _is_sql(expectation: Expectation, subject: Subject) -> Outcome:
    return _judged(expectation, [subject.text], "is")


def _contains_sql(expectation: Expectation, subject: Subject) -> Outcome:
    blocks = [
        body for language, body in fenced_blocks(subject.text) if language in ("", "sql") and body.strip()
    ]
    return _judged(expectation, blocks or [subject.text], "holds")


def _judged(expectation: Expectation, texts: list[str], verb: str) -> Outcome:
    reason = ""
    for text in texts:
        try:
            _allow(_statements(text, _dialect(expectation)), expectation.value or {})
        except NotSql as problem:
            reason = reason or str(problem)
        else:
            return Outcome(True, f"{verb} SQL: {excerpt(text.strip())}")
    return Outcome(False, reason)


def _dialect(expectation: Expectation) -> str:
    return DIALECTS[(expectation.value or {}).get("databaseType", "MySQL")]


def _statements(text: str, dialect: str) -> list[Any]:
    try:
        from registry.evaluation.expectations.sql_tree import statements
    except ImportError as error:
        raise MissingExtra("the expectation is-sql", "eval") from error
    if len(text) > _MOST:
        raise NotSql(f"is longer than {_MOST} characters, which is no statement")
    try:
        return statements(text, dialect)
    except ValueError as error:
        raise NotSql(f"is not {dialect} SQL: {error}") from error


def _allow(parsed: list[Any], rules: Mapping[str, Json]) -> None:
    from registry.evaluation.expectations.sql_tree import columns_of, tables_of

    for key, kind, names_of in (
        ("allowedTables", "table", tables_of),
        ("allowedColumns", "column", columns_of),
    ):
        if key not in rules:
            continue
        allowed = [_full(rule) for rule in rules[key]]
        for name in sorted({name for statement in parsed for name in names_of(statement)}):
            if not any(search(rf"(?i)\A(?:{rule})\z", name) for rule in allowed):
                raise NotSql(f"uses the {kind} {name}, which is not allowed")


def _full(rule: str) -> str:
    """A rule as a pattern of ``action::place::name``: a bare name allows every action in every place."""
    parts = rule.split("::")
    if len(parts) == 1:
        return f".*::.*::(?:{rule})"
    return f"{parts[0]}::(?:{parts[1]}|null)::{parts[2]}"


def _sql_problems(value: Json) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, dict):
        hint = "Write {databaseType: PostgresQL, allowedTables: [orders]}, or nothing."
        yield bad_value("The value must say databaseType, allowedTables or allowedColumns.", hint)
        return
    yield from unknown_keys(value, _KEYS, "is-sql")
    dialect = value.get("databaseType", "MySQL")
    if dialect not in DIALECTS:
        shown = dialect if isinstance(dialect, str) else "that"
        yield bad_value(f"No SQL dialect {shown} is known.", did_you_mean(shown, DIALECTS), "databaseType")
    for key in _KEYS[1:]:
        if key in value:
            yield from _rule_problems(value[key], key)


def _rule_problems(value: Json, key: str) -> Iterator[Problem]:
    found = [problem.below(key) for problem in list_problems(value)]
    yield from found
    for index, rule in enumerate(value if not found else ()):
        if rule.count("::") not in (0, 2):
            hint = "Write orders, or select::null::orders (action, place, name)."
            yield bad_value("A rule has one part or three.", hint, key, index)
        else:
            yield from pattern_problems(_full(rule), key, index)


TYPES = (
    ExpectationType("is-sql", _is_sql, _sql_problems),
    ExpectationType("contains-sql", _contains_sql, _sql_problems),
)
