"""``${NAME}`` in plain text stays the text that it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.importing.templates.dollars import dollars_quoted
from registry.importing.templates.literal import literal
from serve.core.render import compile_template


def test_a_name_of_the_environment_is_written_as_text_and_told() -> None:
    made, notes = dollars_quoted([{"role": "user", "content": "${HOME} ${env:X} ${other} $HOME {{ a }}"}])
    assert made[0]["content"] == "{{ '$' }}{HOME} {{ '$' }}{env:X} ${other} $HOME {{ a }}"
    assert [note.what for note in notes] == ["${HOME}, ${env:X}"]


@given(st.text("$${}ENVenv: AZ9_\n", max_size=60))
def test_it_renders_to_the_same_text(text: str) -> None:
    made, notes = dollars_quoted(literal(text))
    assert compile_template(made)({}) == text.removesuffix("\n")
    assert bool(notes) == (made != literal(text))
