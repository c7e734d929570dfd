from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from registry.authoring import format as module
from registry.authoring.emit import to_yaml
from registry.authoring.format import format_file, key_order, replace_file
from registry.authoring.parse import read_yaml

ROOT = Path(__file__).parents[3]
FILES = sorted(
    [*(ROOT / "prompts").rglob("*.yaml"), *(ROOT / "tests/registry/validation/lints").rglob("*.yaml")]
)


def form(text: str, path: str = "a.yaml") -> str:
    made = format_file(path, text.encode())
    assert made.findings == ()
    return made.data.decode()


def value(text: str | bytes) -> Any:
    document, findings = read_yaml("a.yaml", text.encode() if isinstance(text, str) else text)
    assert document is not None, findings
    return document.data


# What a writer may type: keys and items at any depth of indentation, in any style, comments wherever they may be.

WORDS = st.text(st.sampled_from("abz XY019.,:#-{}[]'\"\\|>%&*!@`?~=é\u200b\t"), max_size=14)
PROSE = st.lists(
    st.sampled_from(["one", "two: three", "- four", "# five", "", "  six", "seven  ", "{{ x }}"]), min_size=1
)
LEAVES = st.one_of(WORDS, PROSE.map("\n".join), PROSE.map(lambda rows: "\n".join(rows) + "\n"))


@st.composite
def leaf(draw: st.DrawFn, pad: str, *, flow: bool) -> str:
    text = draw(LEAVES)
    style = draw(st.sampled_from(["double", "single", "block", "plain", "folded", "number", "broken"]))
    if style == "number":
        return draw(
            st.sampled_from(["1", "1.0", "-3e5", "true", "null", "~", "no", "0x1f", "2026-11-01", "a b"])
        )
    if style == "single" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if style == "plain":
        return draw(st.sampled_from(["word", "two words", "a-b", "it's", "x:y", "a#b", "/path", "(round)"]))
    if style == "broken" and not flow:
        return f"plain words\n{pad}   that go on\n{pad}   here"
    rows = text.split("\n")
    if style in ("block", "folded") and not flow and text.strip() and rows[0][:1] not in ("", " ", "\t"):
        header = "|" if style == "block" else ">"
        return f"{header}{draw(st.sampled_from(['', '-', '+']))}\n" + "\n".join(
            pad + "   " + row for row in rows
        )
    return "".join(
        ['"', *(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in text), '"']
    )


@st.composite
def tree(draw: st.DrawFn, indent: int, depth: int) -> list[str]:
    pad = " " * indent
    mapping = depth == 3 or draw(st.booleans())
    lines: list[str] = []
    for at in range(draw(st.integers(1, 3))):
        lines += draw(st.lists(st.sampled_from(["", f"{pad}#", f"{pad}   #", "#"]), max_size=2))
        lead = f"{pad}k{at}:" if mapping else f"{pad}-"
        beside = draw(st.sampled_from(["", "", " #"]))
        kind = draw(
            st.sampled_from(["leaf", "leaf", "flow", "tree", "broken flow"] if depth else ["leaf", "flow"])
        )
        if kind == "tree":
            more = draw(tree(indent + draw(st.sampled_from([1, 2, 4])), depth - 1))
            lines += [lead + beside, *more]
        elif kind == "flow":
            parts = [draw(leaf(pad, flow=True)) for _ in range(draw(st.integers(0, 3)))]
            lines.append(f"{lead} [{' , '.join(parts)}]{beside}")
        elif kind == "broken flow":
            parts = [draw(leaf(pad, flow=True)) for _ in range(draw(st.integers(0, 3)))]
            rows = [f"{pad}    k{n}: {part},{beside}" for n, part in enumerate(parts)]
            lines += [f"{lead} {{{beside}", *rows, f"{pad}    #", f"{pad}  }}{beside}"]
        else:
            header, *rows = draw(leaf(pad, flow=False)).split("\n")
            lines += [f"{lead} {header}{'' if rows and header[0] not in '|>' else beside}", *rows]
    return [*lines, f"{pad}#"] if draw(st.booleans()) else lines


@given(tree(0, 3), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_keeps_its_value_and_its_comments_and_twice_is_once(
    lines: list[str], ends: str
) -> None:
    text = "".join(f"{line}~{at}\n" if line.endswith("#") else f"{line}\n" for at, line in enumerate(lines))
    before, _ = read_yaml("a.yaml", text.encode())
    if before is None:
        event("refused")
        return
    made = form(text.replace("\n", ends))
    assert repr(value(made)) == repr(before.data)
    for comment in re.findall(r"#~\d+$", text, re.MULTILINE):
        assert len(re.findall(f"{comment}$", made, re.MULTILINE)) == 1
    assert form(made) == made


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.relative_to(ROOT).as_posix())
def test_every_file_of_this_repository_has_a_form_that_says_the_same(place: Path) -> None:
    data = place.read_bytes()
    if read_yaml("a.yaml", data)[0] is None:
        return
    made = format_file(place.name, data)
    assert made.findings == ()
    assert value(made.data) == value(data)
    assert not format_file(place.name, made.data).changed


@pytest.mark.parametrize(
    ("typed", "formed"),
    [
        ("a:   1\nb:\n- 2\n-   3\n", "a: 1\nb:\n  - 2\n  - 3\n"),
        ("a:\n      b: 1\n      c: {d: 2 ,e: [ 3 ]}\n", "a:\n  b: 1\n  c: {d: 2, e: [3]}\n"),
        ("a: 'b'\nc: \"d e.\"\nf: '1'\ng: 'yes'\n", 'a: b\nc: d e.\nf: "1"\ng: "yes"\n'),
        ("a: ['one two', 'b']\n", 'a: ["one two", b]\n'),
        (
            "a: \"\\\\d+\"\nb: 'say \"x\"'\nc: 'it''s: \"x\"'\n",
            'a: \'\\d+\'\nb: say "x"\nc: "it\'s: \\"x\\""\n',
        ),
        ('a: "one\\ntwo\\n"\n', "a: |\n  one\n  two\n"),
        ('a: {b: "one\\ntwo"}\n', "a:\n  b: |-\n    one\n    two\n"),
        ('a: "\\n\\nb"\nc: " d\\n"\ne: "f \\ng"\n', 'a: "\\n\\nb"\nc: " d\\n"\ne: |-\n  f \n  g\n'),
        ('a: "x\\u200by"\n', 'a: "x\\u200by"\n'),
        ("a: |\n     one\n       two\n\n\n     three\nb: 1\n", "a: |\n  one\n    two\n\n\n  three\nb: 1\n"),
        ("a: >-\n    one\n    two\n", "a: >-\n  one\n  two\n"),
        ("a: |2\n    one\n", "a: |2\n    one\n"),
        ("\n\na: 1\n\n\n\nb: 2\n\n", "a: 1\n\nb: 2\n"),
        ("a: 1 # one\nbc: 2   # two\n\nd: 3 # three\n", "a: 1   # one\nbc: 2  # two\n\nd: 3  # three\n"),
        ("a: 1   \nb: 2\t\n", "a: 1\nb: 2\n"),
        ("a: 1\r\nb: |\r\n  x\r\n", "a: 1\nb: |\n  x\n"),
        ("\ufeffa: 1", "a: 1\n"),
        ("---\n# top\na: 1\n...\n", "# top\na: 1\n"),
        ("? a\n: 1\n", "a: 1\n"),
        ("a:\nb: ~\n-1: [null, ]\n", "a:\nb: ~\n-1: [null]\n"),
        ("- {a: 1}\n-   - 2\n    - 3\n-\n", "- {a: 1}\n- - 2\n  - 3\n- null\n"),
        ("", ""),
        ("# nothing here \n", "# nothing here \n"),
    ],
)
def test_how_things_are_set(typed: str, formed: str) -> None:
    assert form(typed) == formed
    assert form(formed) == formed


@pytest.mark.parametrize(
    ("typed", "formed"),
    [
        ("a: # why\n    b: 1\n", "a:  # why\n  b: 1\n"),
        ("a: |   # why\n    b\n", "a: |  # why\n  b\n"),
        ("- # why\n  a: 1\n", "# why\n- a: 1\n"),
        ("- - # why\n    # more\n    a: 1\n", "# why\n# more\n- - a: 1\n"),
        ("a: [ # why\n  b, # here\n  c ]\n", "a:  # why\n  - b  # here\n  - c\n"),
        ("a: {\n  # nothing\n}\n", "# nothing\na: {}\n"),
        (
            "a:\n    b: 1\n    # below b\n# above c\nc: 2\n# end\n",
            "a:\n  b: 1\n  # below b\n# above c\nc: 2\n# end\n",
        ),
        ("a:\n  # of the value\n  text\n", "# of the value\na: text\n"),
        ("{ # first\n a: 1 } # last\n", "# first\na: 1\n# last\n"),
    ],
)
def test_where_comments_go(typed: str, formed: str) -> None:
    assert form(typed) == formed
    assert form(formed) == formed


@pytest.mark.parametrize("text", ["a: 1\n\nb: {c: 1}\n", "# head\n\nb: [1, {c: null}]\nd: 1\n"])
def test_what_stands_on_one_line_stays_there_below_a_blank_line(text: str) -> None:
    assert form(text) == text


def test_folded_text_may_end_with_the_file() -> None:
    assert form("a: >\n  b\n\n  c") == "a: >-\n  b\n\n  c\n"


def test_a_line_that_is_too_long_is_broken_and_one_that_fits_stays() -> None:
    fits, long = "word " * 20, "word " * 25
    assert form(f"a: {{b: '{fits}', c: 1}}\n") == f'a: {{b: "{fits}", c: 1}}\n'
    assert form(f"a: {{b: '{long}', c: [1, 2]}}\n") == f'a:\n  b: "{long}"\n  c: [1, 2]\n'
    assert form(f"a: {long}\n") == f"a: {long.strip()}\n"
    broken = form(f"a: {fits}\n  {long}\n")
    assert broken.startswith("a: >-\n  word ")
    assert max(map(len, broken.split("\n"))) <= 120


def test_keys_at_the_top_stand_in_the_order_of_the_schema_and_take_their_comments_with_them() -> None:
    text = "# yaml-language-server: $schema=x\n# about the model\nmodel: m\n\n# new\nodd: 1\nowner: o # us\npromptyard: 1\n"
    assert form(text, "x/a.prompt.yaml") == (
        "# yaml-language-server: $schema=x\npromptyard: 1\nowner: o  # us\n# about the model\nmodel: m\n\n# new\nodd: 1\n"
    )
    assert form(text, "a.yaml") == text.replace("# us", " # us")


def test_what_stands_above_a_first_blank_line_stays_at_the_top() -> None:
    text = "# a file\n# of ours\n\nmodel: m\npromptyard: 1\n"
    assert form(text, "a.prompt.yml") == "# a file\n# of ours\n\npromptyard: 1\nmodel: m\n"


def test_a_kind_is_known_by_the_name_or_by_the_schema_that_is_named() -> None:
    assert key_order("a/b.model.yaml")[:2] == ("promptyard", "description")
    assert key_order("promptyard.yaml")[:3] == ("promptyard", "content", "store")
    assert key_order("-", "# yaml-language-server: $schema=../../schemas/tool.schema.json\n")[1] == "name"
    assert key_order("-", "# $schema: https://example.org/schemas/suite.schema.json\n")[-1] == "datasets"
    assert key_order("-", "# $schema: other.schema.json\n") == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a: [\n", "YML001"),
        (b"a: &x 1\n", "YML002"),
        (b"\xff", "YML001"),
        (b"%YAML 1.2\n---\na: 1\n", "FMT002"),
    ],
)
def test_a_file_that_is_not_ours_is_left_as_it_is_and_named(data: bytes, code: str) -> None:
    made = format_file("x.yaml", data)
    assert (made.data, made.changed) == (data, False)
    assert [(finding.code, finding.place.path) for finding in made.findings] == [(code, "x.yaml")]


@pytest.mark.parametrize(
    "wrong", ["a: 1.0 # c\n", "a: 1\n", "a: 1  # c\nb: 2\n", "a: [ # c\n", "a: 1 #  c\n", "a:   1 # c\n"]
)
def test_a_form_that_would_lose_something_is_never_taken(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_set", lambda text, order: wrong if text == "a:  1 # c\n" else "a: 1  # c\n")
    made = format_file("x.yaml", b"a:  1 # c\n")
    assert (made.data, made.changed) == (b"a:  1 # c\n", False)
    assert [finding.code for finding in made.findings] == ["FMT001"]


def test_what_the_house_itself_writes_is_in_form() -> None:
    text = to_yaml(
        {"promptyard": 1, "text": "one\ntwo\n", "list": ["a b", "c"], "deep": {"x": [{"y": 1}, "2"]}}
    )
    assert form(text) == text


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    place = tmp_path / "a.yaml"
    place.write_bytes(b"old")
    place.chmod(0o640)
    before = place.stat().st_ino
    replace_file(place, b"new")
    assert (place.read_bytes(), stat.S_IMODE(place.stat().st_mode)) == (b"new", 0o640)
    assert place.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [place]


def test_a_replacement_that_fails_leaves_the_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.yaml"
    place.write_bytes(b"old")
    monkeypatch.setattr(os, "fchmod", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space"):
        replace_file(place, b"new")
    assert place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]
