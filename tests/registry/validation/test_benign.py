from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring.tree import FolderTree
from registry.validation.benign import Alarm, Benign, alarms, benign_texts, counted, record, recorded, risen
from serve.core.model import Action, GuardrailSet, Rule, RuleKind, Streaming


def rule(name: str, word: str, kind: RuleKind = "literals", mode: str = "enforce") -> Rule:
    detect = {"any": [word]} if kind == "literals" else {"max": 1}
    return Rule(name, kind, "low", Action("flag"), detect, ("output",), mode=mode, stream=Streaming("buffer"))  # type: ignore[arg-type]


def test_a_line_of_two_percent_signs_stands_between_two_texts(tmp_path: Path) -> None:
    (tmp_path / "benign").mkdir()
    (tmp_path / "benign/a.txt").write_text("one\nmore\n%%\n\n%%\ntwo %% still\n")
    (tmp_path / "benign/b.md").write_text("not read")
    (tmp_path / "benign/b.txt").write_text("%%\nthree")
    found = benign_texts(FolderTree(tmp_path), "benign")
    assert [(each.path, each.line, each.text) for each in found] == [
        ("benign/a.txt", 1, "one\nmore"),
        ("benign/a.txt", 6, "two %% still"),
        ("benign/b.txt", 2, "three"),
    ]


def test_a_text_counts_once_for_a_set_however_many_rules_take_it() -> None:
    sets = [
        GuardrailSet("a", (rule("x", "red"), rule("y", "red"), rule("z", "blue", mode="shadow"))),
        GuardrailSet("b", (rule("x", "green"),)),
    ]
    texts = [Benign("f", 1, "red red"), Benign("f", 3, "blue"), Benign("f", 5, "white")]
    found = list(alarms(sets, texts))
    assert [(each.rule, each.benign.line, each.start) for each in found] == [
        ("x", 1, 0),
        ("y", 1, 0),
        ("z", 3, 0),
    ]
    assert counted(found) == {"a": 2}


def test_a_rule_about_the_shape_of_the_whole_text_is_not_counted() -> None:
    assert not list(alarms([GuardrailSet("a", (rule("long", "", "length"),))], [Benign("f", 1, "long text")]))


def test_counts_are_recorded_beside_the_texts_and_compared(tmp_path: Path) -> None:
    (tmp_path / "benign").mkdir()
    tree = FolderTree(tmp_path)
    assert recorded(tree, "benign") == {}
    (tmp_path / "benign/alarms.json").write_text(record({"b": 1, "a": 2}))
    before = recorded(tree, "benign")
    assert before == {"a": 2, "b": 1}
    assert risen({"a": 3, "b": 1, "c": 1}, before) == {"a": (2, 3), "c": (0, 1)}
    assert not risen({"a": 1}, before)


@pytest.mark.parametrize("text", ["[]", '{"a": "1"}', '{"a": true}', "{"])
def test_a_record_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "benign").mkdir()
    (tmp_path / "benign/alarms.json").write_text(text)
    with pytest.raises(ValueError, match=r"counts|Expecting"):
        recorded(FolderTree(tmp_path), "benign")


def test_an_alarm_says_where_and_by_which_rule() -> None:
    text = Benign("f", 1, "a red car")
    (alarm,) = alarms([GuardrailSet("s", (rule("x", "red"),))], [text])
    assert alarm == Alarm("s", "x", text, 2, 5)
