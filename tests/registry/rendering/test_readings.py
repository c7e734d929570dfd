from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from support.content import TRIAGE, catalog, write

from registry.rendering.preview import live_of
from registry.rendering.readings import read

PROMPT = "prompts/support/triage.prompt.yaml"
HISTORY = TRIAGE.replace("  - role: user\n", "  - history: earlier\n  - role: user\n")


@dataclass(frozen=True)
class Case:
    id: str
    inputs: dict[str, Any] = field(default_factory=lambda: {"teams": ["cards"], "ticket": "I lost my card."})
    variant: str | None = None


def reading(tmp_path, before=TRIAGE, after=TRIAGE, cases=(Case("one"),)):
    old, new = (
        live_of(catalog(write(tmp_path / name, **{PROMPT: text})))
        for name, text in (("b", before), ("h", after))
    )
    return read(old, new, "support/triage", "support/triage", cases)


def words(text):
    return [
        "".join(piece.text for piece in line if piece.side == side)
        for line in text.lines
        if line
        for side in ("old", "new")
    ]


def test_an_edit_of_fixed_words_is_told_once_for_all_cases(tmp_path) -> None:
    cases = tuple(Case(f"c{n}", {"teams": [f"t{n}"], "ticket": "x"}) for n in range(5))
    found = reading(tmp_path, after=TRIAGE.replace("You route", "You sort"), cases=cases)
    (text,) = found.texts
    assert (text.name, text.cases) == ("rules", ("c0", "c1", "c2", "c3", "c4"))
    assert words(text)[:2] == ["route", "sort"]
    assert (found.cases, found.differing) == (5, 5)


def test_an_edit_that_shows_differently_in_two_cases_is_told_for_each(tmp_path) -> None:
    after = TRIAGE.replace("{{ ticket }}", "{{ ticket | upper }}")
    cases = (
        Case("a", {"teams": [], "ticket": "abc"}),
        Case("b", {"teams": [], "ticket": "xyz"}),
        Case("c", {"teams": [], "ticket": "123"}),
    )
    found = reading(tmp_path, after=after, cases=cases)
    assert [(text.name, text.cases, words(text)) for text in found.texts[:2]] == [
        ("2 user", ("a",), ["abc", "ABC"]),
        ("2 user", ("b",), ["xyz", "XYZ"]),
    ]
    assert (found.texts[2].name, found.texts[2].cases) == (
        "2 user",
        (),
    )  # and the template that no case shows
    assert (found.cases, found.differing) == (3, 2)


def test_a_template_that_no_case_reaches_is_still_shown(tmp_path) -> None:
    found = reading(tmp_path, after=TRIAGE.replace("One of:", "Any of:"))
    (text,) = found.texts
    assert (text.name, text.cases) == ("rules (variant short)", ())
    assert found.differing == 0


def test_a_case_of_a_variant_reads_the_variant(tmp_path) -> None:
    found = reading(tmp_path, after=TRIAGE.replace("One of:", "Any of:"), cases=(Case("s", variant="short"),))
    (text,) = found.texts
    assert (text.name, text.cases) == ("rules (variant short)", ("s",))


def test_turns_of_a_conversation_are_no_authored_message(tmp_path) -> None:
    inputs = {
        "teams": [],
        "ticket": "x",
        "earlier": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}],
    }
    found = reading(
        tmp_path, HISTORY, HISTORY.replace("{{ ticket }}", "Ticket: {{ ticket }}"), (Case("h", inputs),)
    )
    assert [(text.name, text.cases) for text in found.texts] == [("3 user", ("h",))]


def test_a_case_that_one_side_refuses_is_told_with_the_reason(tmp_path) -> None:
    after = TRIAGE.replace("  ticket: {", "  tone: {type: string, maxLength: 9}\n  ticket: {").replace(
        "You route", "{{ tone }}: you route"
    )
    found = reading(tmp_path, after=after)
    ((case, why),) = found.refused
    assert case == "one"
    assert why.startswith("INP001")
    assert found.cases == 0
    assert [text.name for text in found.texts] == ["rules"]


def test_a_variable_that_comes_with_its_cases_is_read_on_both_sides(tmp_path) -> None:
    after = TRIAGE.replace("  ticket: {", "  tone: {type: string, maxLength: 9}\n  ticket: {").replace(
        "You route", "{{ tone }}: you route"
    )
    found = reading(tmp_path, after=after, cases=(Case("one", {"teams": [], "ticket": "x", "tone": "Calm"}),))
    assert (found.cases, found.refused) == (1, ())
    assert words(found.texts[0])[:2] == ["You", "Calm: you"]
    odd = Case("odd", {"teams": [], "ticket": "x", "nobody": "knows"})
    assert reading(tmp_path / "odd", cases=(odd,)).refused[0][1].startswith("INP002")


def test_what_reads_the_same_has_nothing_to_show(tmp_path) -> None:
    found = reading(tmp_path, after=TRIAGE.replace("owner: support", "owner: bank"))
    assert (found.texts, found.cases, found.differing, found.refused) == ((), 1, 0, ())
