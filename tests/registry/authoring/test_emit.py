"""Values written as YAML are read back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.emit import to_yaml
from registry.authoring.parse import read_yaml

SURPRISES = [
    "no", "1e5", "0o17", "0x1f", "~", "", "null", "- a", "a: b", "a #b", "{{ x }}", "{% if %}", " lead", "trail ",
    "a\nb", "\n", "a\n\n\n", " a\nb", "\ta\nb", "a\tb\nc", "a \nb\n", "...", "---", "a\n---\nb", "\x85", "\u2028x",
    "\ufeff", "1_000", ".5", "+1", "2026-01-01", "a\r\nb", "\x07", "@x", "%y", "?", "? x", "# h\nx", "  \n x",
]  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)
KEYS = (TEXTS | st.sampled_from(SURPRISES)).filter(lambda key: key != "<<")
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS | st.sampled_from(SURPRISES)
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_back(value):
    document, findings = read_yaml("x", to_yaml(value).encode())
    assert findings == ()
    assert document.data == value


def test_prose_becomes_a_text_block_and_short_leaves_one_line():
    value = {"inputs": {"t": {"type": "string", "maxLength": 40}}, "content": "You\n{{ x }}\n"}
    assert to_yaml(value, schema="../s.json") == (
        "# yaml-language-server: $schema=../s.json\n"
        "inputs:\n  t: {type: string, maxLength: 40}\n"
        "content: |\n  You\n  {{ x }}\n"
    )


def test_a_value_that_the_reader_would_not_give_back_is_refused():
    with pytest.raises(ValueError, match="Merge keys"):
        to_yaml({"<<": 1})
