"""A conversation in one text is taken apart without moving a word to another role."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.turns import Earlier, Turn, taken_apart


def shapes(source: str) -> list[tuple[str, str]]:
    items, _ = taken_apart(source)
    return [
        (item.role, item.template.strip()) if isinstance(item, Turn) else ("history", item.name)
        for item in items
    ]


def told(source: str) -> list[str]:
    return [note.what for note in taken_apart(source)[1]]


@pytest.mark.parametrize("marker", ["system:", "  System :", "# SYSTEM:", "#system:  "])
def test_a_marker_stands_on_a_line_of_its_own(marker: str) -> None:
    assert shapes(f"{marker}\nBe kind.\nuser:\nHi") == [("system", "Be kind."), ("user", "Hi")]


@pytest.mark.parametrize("line", ["system: Be kind.", "the system:", "systems:", "## system:"])
def test_other_lines_are_text(line: str) -> None:
    assert shapes(f"{line}\nuser:\nHi") == [("", line), ("user", "Hi")]


@pytest.mark.parametrize(
    "loop",
    [
        "{% for m in h %}\n{{ m.role }}:\n{{ m.content }}\n{% endfor %}",
        "{%- for m in h -%}\n# {{ m['role'] }}:\n{{ m[\"content\"] }}\n{%- endfor -%}",
        "{% if h %}\n{% for m in h %}\n{{m.role}}:\n{{m.content}}\n{% endfor %}\n{% endif %}",
    ],
)
def test_a_loop_that_only_repeats_messages_is_a_placeholder_and_exact(loop: str) -> None:
    source = f"system:\nS\n{loop}\nuser:\nQ"
    assert shapes(source) == [("system", "S"), ("history", "h"), ("user", "Q")]
    assert told(source) == []


def test_a_loop_that_makes_messages_is_a_placeholder_and_told() -> None:
    source = "system:\nS\n{% for m in h %}\nuser:\n{{ m.inputs.q }}\nassistant:\nSo: {{ m.a }}\n{% endfor %}\nuser:\nQ"
    assert shapes(source) == [("system", "S"), ("history", "h"), ("user", "Q")]
    assert told(source) == ["loop over h"]


def test_a_loop_inside_a_message_stays_in_it() -> None:
    source = "user:\n{% for d in docs %}\n- {{ d }}\n{% endfor %}\nend"
    assert [type(item) for item in taken_apart(source)[0]] == [Turn]


def test_branches_of_one_role_are_one_message() -> None:
    source = "{% if a %}\nsystem:\nA\n{% else %}\nsystem:\nB\n{% endif %}\nuser:\nQ"
    assert shapes(source) == [("system", "{% if a %}\nA\n{% else %}\nB\n{% endif %}"), ("user", "Q")]
    assert told(source) == []


def test_branches_of_two_roles_are_two_messages_and_told() -> None:
    source = "{% if a %}\nsystem:\nA\n{% else %}\nuser:\nB\n{% endif %}\nuser:\nQ"
    assert shapes(source) == [
        ("system", "{% if a %}\nA\n{% endif %}"),
        ("user", "{% if a %}{% else %}\nB\n{% endif %}"),
        ("user", "Q"),
    ]
    assert told(source) == ["message", "message"]


def test_a_message_has_what_was_set_before_it() -> None:
    source = "{% set a = b %}\n{% set c = 1 %}\nsystem:\nS\nuser:\n{{ a }}"
    assert shapes(source) == [("system", "S"), ("user", "{% set a = b %}\n{{ a }}")]


def test_a_message_without_text_is_left_out_and_told() -> None:
    assert shapes("user:\nQ\nassistant:\n  \n") == [("user", "Q")]
    assert told("user:\nQ\nassistant:\n  \n") == ["assistant message"]


def test_an_attribute_of_a_marker_is_lost_and_told() -> None:
    assert told('user[name="{{ who }}"]:\nQ') == ['[name="{{ who }}"]']


def test_a_line_is_counted_from_the_start_of_the_text() -> None:
    items, _ = taken_apart("system:\nS\n\n\nuser:\n\nQ")
    assert [item.line for item in items] == [2, 7]


_LINES = st.lists(
    st.sampled_from(["system:", "user:", "text", "{% if a %}", "{% else %}", "{% endif %}", "{{ x }}", "", "{% for i in y %}",
                     "{{ i.role }}:", "{% endfor %}", "{% set z = 1 %}", "{{ z }}", "![thread]"]),
    max_size=16,
).map("\n".join)  # fmt: skip


@given(_LINES)
def test_no_word_is_lost_but_those_that_a_note_tells_of(source: str) -> None:
    items, notes = taken_apart(source)
    kept = sum(item.template.count("text") for item in items if isinstance(item, Turn))
    histories = [item for item in items if isinstance(item, Earlier)]
    assert kept == source.count("text") or histories or notes
    assert all(item.template.strip() for item in items if isinstance(item, Turn))
