"""Only what a change can reach is read, and it is always enough: held against reading everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.content import FILES, MODEL, TRIAGE, write

from registry.authoring import catalog as catalogs
from registry.authoring.affected import affected, merged, references, single, with_suites
from registry.authoring.catalog import load
from registry.authoring.github.models import implied_id
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.errors import NotClean
from registry.rendering.changes import compare
from registry.rendering.resolve import resolve
from registry.settings import Settings

OTHER = TRIAGE.replace("partials/tone.md", "partials/outer.md").replace("models/chat", "models/big")
ESCAPED = TRIAGE.replace("model: models/chat", 'model: "models\\/\\x63hat"').replace(
    "partials/tone.md", "partials/my tone.md"
)
FOREIGN = "messages:\n  - {role: user, content: Hello}\nmodel: openai/gpt-4o\n"
ODD = "messages:\n  - {role: user, content: Hello}\nmodel: GPT 4o\n"
UNNAMED = "messages:\n  - {role: user, content: Hello}\n"
RULES = """promptyard: 1
owner: risk
rules:
  - id: {name}
    kind: literals
    severity: low
    action: flag
    detect: {{any: [{name}]}}
    tests: [{{text: {name}, expect: hit}}, {{text: b, expect: pass}}]
"""
EXTENDING = "promptyard: 1\nextends: [guardrails/{base}]\n"
GUARDED = TRIAGE.replace("variants:", "guardrails: [guardrails/ours]\nvariants:")
YARD = {
    **FILES,
    "prompts/support/guarded.prompt.yaml": GUARDED,
    "prompts/guardrails/ours.guardrail.yaml": EXTENDING.format(base="mid"),
    "prompts/guardrails/mid.guardrail.yaml": EXTENDING.format(base="base"),
    "prompts/guardrails/base.guardrail.yaml": RULES.format(name="base"),
    "prompts/guardrails/other.guardrail.yaml": RULES.format(name="other"),
    "prompts/github/one.prompt.yml": FOREIGN.replace("gpt-4o", "gpt-5"),
    "prompts/github/two.prompt.yml": FOREIGN.replace("gpt-4o", "gpt-5"),
    "prompts/github/odd.prompt.yml": ODD,
    "prompts/github/unnamed.prompt.yml": UNNAMED,
    "prompts/github/twin.prompt.yaml": TRIAGE,
    "prompts/github/twin.prompt.yml": FOREIGN,
    "promptyard.yaml": "promptyard: 1\n",
    "prompts/models/big.model.yaml": MODEL.replace("gpt-test", "gpt-big"),
    "prompts/partials/outer.md": 'Before.\n{% include "partials/tone.md" %}\n',
    "prompts/partials/my tone.md": "Mine.\n",
    "prompts/support/other.prompt.yaml": OTHER,
    "prompts/support/escaped.prompt.yaml": ESCAPED,
    "prompts/support/plain.prompt.yaml": TRIAGE.replace('{% include "partials/tone.md" %}', "No partial."),
}
EDITS = [
    ("prompts/guardrails/base.guardrail.yaml", RULES.format(name="based")),
    ("prompts/guardrails/mid.guardrail.yaml", EXTENDING.format(base="other")),
    ("prompts/guardrails/ours.guardrail.yaml", EXTENDING.format(base="other")),
    ("prompts/support/guarded.prompt.yaml", GUARDED.replace("guardrails/ours", "guardrails/mid")),
    ("prompts/partials/tone.md", "Be brisk.\n"),
    ("prompts/partials/outer.md", "Outer alone.\n"),
    ("prompts/partials/my tone.md", "Yours.\n"),
    ("prompts/models/chat.model.yaml", MODEL.replace("50", "60")),
    ("prompts/models/chat.model.yaml", None),
    ("prompts/models/big.model.yaml", MODEL),
    ("prompts/support/triage.prompt.yaml", TRIAGE.replace("You route", "You sort")),
    ("prompts/support/triage.prompt.yaml", None),
    ("prompts/support/plain.prompt.yaml", OTHER),
    ("prompts/support/new.prompt.yaml", ESCAPED),
    ("prompts/support/plain.prompt.yaml", "messages: ["),
    ("prompts/support/foreign.prompt.yml", FOREIGN),
    ("prompts/openai/gpt-4o.model.yaml", MODEL),
    ("prompts/github/one.prompt.yml", None),
    ("prompts/github/one.prompt.yml", FOREIGN),
    ("prompts/github/unnamed.prompt.yml", None),
    ("prompts/github/more.prompt.yml", UNNAMED),
    ("prompts/github/more.prompt.yml", ODD),
    (f"prompts/{implied_id('GPT 4o')}.model.yaml", MODEL),
    ("prompts/github/twin.prompt.yml", None),
    ("prompts/github/twin.prompt.yaml", None),
    ("prompts/support/triage.prompt.yml", FOREIGN),
    ("promptyard.yaml", "promptyard: 1\ncontent: prompts/support\n"),
]


class Folders:
    """Two folders, and a search through the second as Git would do it."""

    def __init__(self, before: Path, after: Path) -> None:
        self.before, self.after = FolderTree(before), FolderTree(after)
        paths = {*self.before.paths(), *self.after.paths()}
        self.changed = {
            path for path in paths if self._bytes(self.before, path) != self._bytes(self.after, path)
        }
        self.searched: list[tuple[str, ...]] = []

    def search(self, words, folder, pattern="**"):
        self.searched.append(tuple(sorted(words)))
        fits = pattern.removeprefix("**/").strip("*")
        return {
            path
            for path in self.after.paths(folder)
            if fits in path
            and path not in self.changed
            and any(word.encode() in self.after.read(path) for word in words)
        }

    def narrow(self):
        return affected(self.before, self.after, self.changed, self.search)

    def whole(self):
        return tuple(load(tree, load_settings(tree)) for tree in (self.before, self.after))

    @staticmethod
    def _bytes(tree, path):
        try:
            return tree.read(path)
        except FileNotFoundError:
            return None


def told(pair):
    try:
        return [(change.what, change.kind, change.id) for change in compare(*map(resolve, pair))]
    except NotClean as error:
        return error.code


def folders(tmp_path, edits) -> Folders:
    write(tmp_path / "before", YARD)
    write(tmp_path / "after", YARD)
    for path, text in edits:
        place = tmp_path / "after" / path
        if text is None:
            place.unlink(missing_ok=True)
        else:
            write(tmp_path / "after", {path: text})
    return Folders(tmp_path / "before", tmp_path / "after")


@settings(max_examples=60)
@given(edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=4), backwards=st.booleans())
def test_the_same_changes_are_found_as_by_reading_everything(tmp_path_factory, edits, backwards) -> None:
    both = folders(tmp_path_factory.mktemp("yard"), edits)
    if backwards:
        both = Folders(both.after._root, both.before._root)
    assert told(both.narrow()) == told(both.whole())


@pytest.mark.parametrize(
    "edit", EDITS[:-1], ids=lambda edit: f"{edit[0]}-{'gone' if edit[1] is None else 'edited'}"
)
def test_each_edit_alone_is_found(tmp_path, edit) -> None:
    both = folders(tmp_path, [edit])
    assert told(both.narrow()) == told(both.whole())


def test_one_prompt_among_hundreds_is_read_alone(tmp_path, monkeypatch) -> None:
    many = {f"prompts/many/p{number}.prompt.yaml": TRIAGE for number in range(300)}
    write(tmp_path / "before", {**YARD, **many})
    write(
        tmp_path / "after",
        {**YARD, **many, "prompts/many/p7.prompt.yaml": TRIAGE.replace("You route", "You sort")},
    )
    both = Folders(tmp_path / "before", tmp_path / "after")
    parsed: list[str] = []
    real = catalogs.read_yaml
    monkeypatch.setattr(catalogs, "read_yaml", lambda path, data: parsed.append(path) or real(path, data))
    assert told(both.narrow()) == [("changed", "prompt", "many/p7")]
    assert sorted(parsed) == ["prompts/many/p7.prompt.yaml"] * 2 + ["prompts/models/chat.model.yaml"]
    assert both.searched == []


def test_what_is_equal_on_both_sides_is_parsed_once(tmp_path, monkeypatch) -> None:
    both = folders(tmp_path, [("prompts/partials/tone.md", "Be brisk.\n")])
    parsed: list[str] = []
    real = catalogs.read_yaml
    monkeypatch.setattr(catalogs, "read_yaml", lambda path, data: parsed.append(path) or real(path, data))
    both.narrow()
    assert len(parsed) == len(set(parsed))
    assert "prompts/support/plain.prompt.yaml" not in parsed


def test_nothing_changed_reads_nothing(tmp_path) -> None:
    both = folders(tmp_path, [])
    old, new = both.narrow()
    assert not old.prompts
    assert not new.prompts
    assert both.searched == []


def test_more_names_than_a_search_takes_are_found_by_reading_everything(tmp_path) -> None:
    many = {f"prompts/partials/p{number}.md": "x" for number in range(500)}
    both = folders(tmp_path, [*many.items(), ("prompts/partials/tone.md", "Be brisk.\n")])
    assert told(both.narrow()) == told(both.whole())


def test_the_suites_of_a_prompt_come_on_demand(tmp_path) -> None:
    both = folders(
        tmp_path, [("prompts/support/triage.prompt.yaml", TRIAGE.replace("You route", "You sort"))]
    )
    new = both.narrow()[1]
    assert not new.documents["suite"]
    assert list(with_suites(new, ["support/triage"], both.changed, both.search).documents["suite"]) == [
        "support/triage"
    ]
    assert not with_suites(new, [], both.changed, both.search).documents["suite"]
    many = ["support/triage", *(f"support/p{number}" for number in range(900))]
    assert list(with_suites(new, many, both.changed, both.search).documents["suite"]) == ["support/triage"]
    assert not with_suites(new, ["triage"], both.changed, both.search).documents["suite"]


def test_a_prompt_alone_comes_with_what_it_refers_to(tmp_path) -> None:
    tree = FolderTree(write(tmp_path, YARD))
    found = single(tree, Settings(), "support/other")
    assert (list(found.prompts), list(found.models)) == (["support/other"], ["models/big"])
    assert resolve(found).prompts["support/other"].includes.keys() == {
        "partials/outer.md",
        "partials/tone.md",
    }
    assert list(references(found)) == ["prompts/models/big.model.yaml"]
    assert not single(tree, Settings(), "support/nowhere").prompts


def test_a_written_model_wins_over_one_that_is_implied(tmp_path) -> None:
    tree = FolderTree(write(tmp_path, {**YARD, "prompts/f.prompt.yml": FOREIGN}))
    write(tmp_path, {"prompts/openai/gpt-4o.model.yaml": MODEL})
    written = catalogs.load(
        FolderTree(write(tmp_path / "b", {"prompts/openai/gpt-4o.model.yaml": MODEL})), Settings()
    )
    implied = single(tree, Settings(), "f")
    for both in (merged(implied, written), merged(written, implied)):
        assert both.models["openai/gpt-4o"].model == "gpt-test"
