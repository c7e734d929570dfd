"""Text and tags that lie side by side never grow together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.importing.templates import pieces
from serve.core.render import compile_template


@given(st.lists(st.one_of(st.just(None), st.text("{}%#a \n", max_size=4)), max_size=8))
def test_text_prints_as_it_stands_around_tags(parts: list[str | None]) -> None:
    made = [pieces.tag("{{ x }}") if part is None else pieces.text(part) for part in parts]
    want = "".join("X" if part is None else part for part in parts)
    assert compile_template(f"{pieces.joined(made)}\n")({"x": "X"}) == want
