from __future__ import annotations

from types import SimpleNamespace

import pytest
from support.content import FILES, TRIAGE, catalog, write

from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.rendering.review import Comparison
from registry.settings import Settings

PROMPT = "prompts/support/triage.prompt.yaml"
CASES = {"support/triage": [SimpleNamespace(id="a", inputs={"teams": ["x"], "ticket": "y"}, variant=None)]}


def compared(tmp_path, before=None, after=None) -> Comparison:
    return Comparison(
        *(catalog(write(tmp_path / name, **(files or {}))) for name, files in (("b", before), ("h", after)))
    )


def test_a_changed_prompt_comes_with_how_it_reads_and_what_it_costs(tmp_path) -> None:
    review = compared(tmp_path, None, {PROMPT: TRIAGE.replace("You route", "You sort")}).review(CASES)
    (entry,) = review.entries
    assert entry.change.reasons == ("message rules",)
    assert entry.reading.texts[0].cases == ("a",)
    assert [cost.variant for cost in entry.costs] == [None, "short"]
    assert (review.base, review.head, review.problems) == ("working-copy", "working-copy", ())


def test_an_added_prompt_has_a_cost_and_no_reading_a_removed_one_neither(tmp_path) -> None:
    other = {"prompts/support/other.prompt.yaml": TRIAGE.replace("You route tickets.", "Nothing alike.")}
    (added,) = compared(tmp_path / "1", None, other).review({}).entries
    assert (added.change.what, added.reading, bool(added.costs)) == ("added", None, True)
    (removed,) = compared(tmp_path / "2", other, None).review({}).entries
    assert (removed.change.what, removed.reading, removed.costs) == ("removed", None, ())


def test_a_renamed_prompt_is_read_against_its_former_self(tmp_path) -> None:
    before, after = (
        write(tmp_path / "b"),
        write(tmp_path / "h", {name: text for name, text in FILES.items() if "triage" not in name}),
    )
    write(after, {"prompts/support/sort.prompt.yaml": TRIAGE.replace("You route", "You sort")})
    review = Comparison(catalog(before), catalog(after)).review({"support/sort": CASES["support/triage"]})
    assert review.entries[0].change.was == "support/triage"
    assert review.entries[0].reading.texts[0].cases == ("a",)


def test_a_prompt_that_does_not_resolve_is_told_and_the_rest_reviewed(tmp_path) -> None:
    after = {
        PROMPT: TRIAGE.replace("models/chat", "models/nowhere"),
        "prompts/support/other.prompt.yaml": TRIAGE,
    }
    review = compared(tmp_path, None, after).review({})
    assert [(entry.change.what, entry.change.id) for entry in review.entries] == [("added", "support/other")]
    (problem,) = review.problems
    assert (problem.code, problem.place.path) == ("REF001", PROMPT)


def test_a_prompt_that_cannot_be_read_is_not_taken_for_a_removed_one(tmp_path) -> None:
    review = compared(tmp_path, None, {PROMPT: "messages: [\n"}).review({})
    assert review.entries == ()
    assert [problem.code for problem in review.problems] == ["YML001"]


@pytest.mark.parametrize("turned", [False, True], ids=["broken after", "broken before"])
def test_a_model_that_cannot_be_read_is_not_taken_for_a_removed_one(tmp_path, turned) -> None:
    sides = [None, {"prompts/models/chat.model.yaml": "engine: ["}]
    found = compared(tmp_path, *(reversed(sides) if turned else sides))
    assert found.changes == ()
    assert {problem.code for problem in found.problems} == {"YML001", "REF001"}


def test_a_prompt_broken_before_its_folder_moved_is_told_as_left_out(tmp_path) -> None:
    before, after = write(tmp_path / "b", **{PROMPT: "messages: [\n"}), tmp_path / "h"
    write(after, {name.replace("prompts/", "texts/"): text for name, text in FILES.items()})
    moved = load(FolderTree(after), Settings(content="texts"))
    found = Comparison(catalog(before), moved)
    assert [change for change in found.changes if change.kind == "prompt"] == []
    assert [problem.place.path for problem in found.problems] == [PROMPT]


def test_of_two_files_with_one_id_the_one_that_counts_is_compared(tmp_path) -> None:
    twin = {PROMPT.replace(".yaml", ".yml"): "messages:\n  - {role: user, content: Hello}\n"}
    edited = {**twin, PROMPT: TRIAGE.replace("You route", "You sort")}
    found = compared(tmp_path, twin, edited)
    assert [(change.what, change.id) for change in found.changes] == [("changed", "support/triage")]
    assert [problem.code for problem in found.problems] == ["FIL005"]
