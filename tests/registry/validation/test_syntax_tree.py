"""The lexer that lint parses with gives what Jinja2's own gives."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError
from jinja2.lexer import Lexer

from registry.validation import syntax_tree
from serve.core.render import environment

QUICK = syntax_tree._environment().lexer
USUAL = Lexer(environment())
PIECES = st.sampled_from((
    "{{", "}}", "{%", "%}", "{#", "#}", "{", "}", "%", "#", "{{ x }}", "{% if x %}", "{% endif %}", "{% raw %}",
    "{%- raw -%}", "{% endraw %}", "{{- x -}}", "{{{", "{# a #}", "word", " ", "\n", "é", "'", '"', "-", "+",
))  # fmt: skip


def tokens(lexer, source):
    try:
        return list(lexer.tokeniter(source, None))
    except TemplateSyntaxError as error:
        return (error.lineno, error.message)


@given(st.lists(PIECES, max_size=14).map("".join))
@example("{ {{ x }} {{{ y }} {%{ }}")
def test_prose_is_cut_at_the_same_places(source):
    assert tokens(QUICK, source) == tokens(USUAL, source)


def test_the_lexer_is_one_that_we_know():
    pattern = QUICK.rules["root"][0].pattern
    assert isinstance(pattern, re.Pattern)
    assert pattern.pattern.startswith(syntax_tree._FAST)
    assert USUAL.rules["root"][0].pattern.pattern.startswith(syntax_tree._SLOW)


def test_a_tree_is_made_once():
    assert syntax_tree.parsed("{{ once }}") is syntax_tree.parsed("{{ once }}")
