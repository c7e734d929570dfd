"""Plain text stays plain text."""

from hypothesis import given
from hypothesis import strategies as st

from registry.importing.templates.literal import literal
from registry.validation.template_policy import examine
from serve.core.render import compile_template

PIECES = st.lists(
    st.sampled_from(["{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "\n", " ", "a", "endraw", '"', "-"])
)


@given(PIECES.map("".join) | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r")))
def test_a_literal_renders_to_itself_and_is_allowed(text):
    template = literal(text)
    assert compile_template(template)({}) == text.removesuffix("\n")
    assert examine(template, {}).faults == ()
