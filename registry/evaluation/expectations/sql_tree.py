"""SQL as sqlglot's trees, more strictly than sqlglot reads it: the only file that imports sqlglot.

sqlglot is made to translate, so it takes words of one dialect in another, a lone expression and a doubled comma.
It must never return a statement that it did not understand.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import errors
from sqlglot import expressions as exp
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]

from registry.evaluation.expectations.outcome import excerpt

logging.getLogger("sqlglot").addFilter(lambda record: "Falling back" not in record.getMessage())

_KINDS = (
    exp.Query, exp.DML, exp.DDL, exp.Drop, exp.Alter, exp.TruncateTable, exp.Use, exp.Set, exp.Show, exp.Describe,
    exp.Transaction, exp.Commit, exp.Rollback, exp.Grant, exp.Delete, exp.Update, exp.Insert, exp.Merge, exp.Create,
)  # fmt: skip
_CLOSERS = frozenset(
    (TokenType.COMMA, TokenType.FROM, TokenType.WHERE, TokenType.R_PAREN, TokenType.SEMICOLON)
)
_DOUBLE_COLON = frozenset(("postgres", "redshift", "snowflake"))
_ILIKE = frozenset(("postgres", "redshift", "snowflake"))
_NO_SERIES = frozenset(("mysql",))
_DELETE_FROM = frozenset(("mysql", "postgres", "redshift", "snowflake", "sqlite"))
_NO_DESCRIBE = frozenset(("postgres", "sqlite", "tsql"))
_LOOSE_COMMA = frozenset(("bigquery",))
_SHOW = frozenset(("athena", "hive", "postgres", "redshift", "snowflake", "trino"))
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_NO_MERGE = frozenset(("mysql", "sqlite"))


def statements(text: str, dialect: str) -> list[exp.Expr]:
    """Every statement of a text.

    Raises:
        ValueError: when anything in it is no statement of the dialect; says why in half a line.
    """
    try:
        tokens = sqlglot.tokenize(text, read=dialect)
        _check_tokens(tokens, dialect)
        parsed = [
            each for each in sqlglot.parse(_known_words(text, tokens), read=dialect) if each is not None
        ]
    except errors.ParseError as error:
        raise ValueError(_reason(error)) from error
    except (errors.SqlglotError, RecursionError) as error:
        raise ValueError("it cannot be read to its end") from error
    if not parsed:
        raise ValueError("it holds no statement")
    for statement in parsed:
        _check_tree(statement, dialect)
    return parsed


def tables_of(statement: exp.Expr) -> Iterator[str]:
    """``action::database::table`` for each table that a statement names."""
    own = {cte.alias_or_name for cte in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        if table.name and table.name not in own:
            yield f"{_action(statement, table)}::{table.db or 'null'}::{table.name}"


def columns_of(statement: exp.Expr) -> Iterator[str]:
    """``action::table::column`` for each column that a statement names; a star is ``(.*)``."""
    names = {table.alias_or_name: table.name for table in statement.find_all(exp.Table)}
    for column in statement.find_all(exp.Column):
        table = names.get(column.table, column.table) or "null"
        yield f"{_action(statement, None)}::{table}::{'(.*)' if isinstance(column.this, exp.Star) else column.name}"
    for select in statement.find_all(exp.Select):
        if any(isinstance(each, exp.Star) for each in select.expressions):
            yield "select::null::(.*)"
    if isinstance(statement, exp.Insert) and isinstance(statement.this, exp.Schema):
        for column in statement.this.expressions:
            yield f"insert::{statement.this.this.name}::{column.name}"


def _action(statement: exp.Expr, table: exp.Expr | None) -> str:
    """What a statement does to a table; tables that an INSERT or an UPDATE only reads are selected from."""
    node: Any = table if table is not None else statement
    while node is not None:
        if isinstance(
            node, (exp.Select, exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter)
        ):
            return type(node).__name__.lower()
        node = node.parent
    return type(statement).__name__.lower()


def _check_tokens(tokens: list[Token], dialect: str) -> None:
    kinds = [token.token_type for token in tokens]
    for kind, following in zip(kinds, [*kinds[1:], TokenType.SEMICOLON], strict=False):
        is_loose = following == TokenType.FROM and dialect in _LOOSE_COMMA
        if kind == TokenType.COMMA and following in _CLOSERS and not is_loose:
            raise ValueError("nothing stands after a comma")
    if any(token.text == "`" for token in tokens):
        raise ValueError("a quote is not closed")
    if TokenType.DCOLON in kinds and dialect not in _DOUBLE_COLON:
        raise ValueError("it has no :: for casts")
    if TokenType.ILIKE in kinds and dialect not in _ILIKE:
        raise ValueError("it has no ILIKE")
    if dialect in _NO_SERIES and any(token.text.lower() == "generate_series" for token in tokens):
        raise ValueError("it has no generate_series")
    begins = kinds and kinds[0] == TokenType.DELETE
    if begins and TokenType.FROM not in kinds and dialect in _DELETE_FROM:
        raise ValueError("DELETE has no FROM")
    if any(_lacks_comma(tokens[place : place + 4]) for place in range(len(tokens))):
        raise ValueError("a comma or AS is missing between two columns")


def _lacks_comma(four: list[Token]) -> bool:
    """True of ``SELECT name age FROM``, which is most often a slip, though SQL may read it as an alias."""
    if [token.token_type for token in four[::3]] != [TokenType.SELECT, TokenType.FROM]:
        return False
    quoted = (TokenType.IDENTIFIER, TokenType.STRING, TokenType.ALL, TokenType.DISTINCT)
    return all(token.token_type not in quoted and _NAME.match(token.text) for token in four[1:3])


def _known_words(text: str, tokens: list[Token]) -> str:
    """MySQL's REPLACE is an INSERT to the parser, which knows no such statement."""
    replaced = [
        token
        for before, token in zip([None, *tokens], tokens, strict=False)
        if token.text.upper() == "REPLACE" and (before is None or before.token_type == TokenType.SEMICOLON)
    ]
    for token in reversed(replaced):
        text = f"{text[: token.start]}INSERT{text[token.end + 1 :]}"
    return text


def _check_tree(statement: exp.Expr, dialect: str) -> None:
    unread = str(statement.this).upper() if isinstance(statement, exp.Command) else ""
    is_known = unread == "CALL" or (unread == "SHOW" and dialect in _SHOW)
    if not isinstance(statement, _KINDS) and not is_known:
        raise ValueError(f"{excerpt(statement.sql(dialect))} is no statement")
    if isinstance(statement, exp.Merge) and dialect in _NO_MERGE:
        raise ValueError("it has no MERGE")
    if isinstance(statement, exp.Describe) and dialect in _NO_DESCRIBE and statement.args.get("kind") is None:
        raise ValueError("it has no DESCRIBE")
    for select in statement.find_all(exp.Select):
        if not select.expressions:
            raise ValueError("a SELECT names no column")
    for test in statement.find_all(exp.In):
        if not (
            test.expressions or test.args.get("query") or test.args.get("unnest") or test.args.get("field")
        ):
            raise ValueError("IN has an empty list")


def _reason(error: errors.ParseError) -> str:
    first = error.errors[0] if error.errors else {}
    where = f" (line {first['line']}, near {first['highlight']})" if first.get("highlight") else ""
    return f"{str(first.get('description') or 'it does not parse').rstrip('.')}{where}"
