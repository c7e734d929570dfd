from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.yard_of_cases import catalog, write

from registry.cli.testing.asked import Asked
from registry.cli.testing.choice import chosen_suites, narrowed
from registry.errors import Usage
from registry.evaluation.arms import EngineOptions

SUITE = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: a, tags: [fruit], inputs: {word: apple}, expect: [{equals: APPLE}]}
  - {id: b, tags: [fruit, long], inputs: {word: berry}, expect: [{equals: BERRY}]}
  - {id: c, inputs: {word: cherry}, expect: [{equals: CHERRY}]}
"""
PLAIN: Mapping[str, Any] = {
    "names": (), "base": None, "case": (), "samples": None, "aa": False, "options": EngineOptions(),
    "no_cache": False, "record": None, "dry_run": False, "explain": False,
}  # fmt: skip


def asked(**changes: Any) -> Asked:
    return Asked(**{**PLAIN, **changes})


def chosen(root: Path, **changes: Any) -> dict[str, list[str]]:
    held = catalog(write(root, {"prompts/words/shout.suite.yaml": SUITE}))
    suites, _ = chosen_suites(held, asked(**changes))
    return {suite.id: [case.id for case in suite.cases] for suite in suites}


def test_cases_are_chosen_by_any_of_some_tags_and_by_id(tmp_path: Path) -> None:
    assert chosen(tmp_path, tag=("long",)) == {"words/shout": ["b"]}
    assert chosen(tmp_path, tag=("long", "fruit")) == {"words/shout": ["a", "b"]}
    assert chosen(tmp_path, tag=("fruit",), case=("a", "c")) == {"words/shout": ["a"]}
    assert chosen(tmp_path) == {"words/shout": ["a", "b", "c"], "words/shown": ["seen"]}


def test_a_tag_that_no_case_has_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"EVL005 no case has the tag friut. Tags are: fruit, long\."):
        chosen(tmp_path, tag=("friut",))
    with pytest.raises(Usage, match=r"no case is called c and has the tag fruit"):
        chosen(tmp_path, tag=("fruit",), case=("c",))


def test_a_part_chosen_by_tag_is_no_evidence_and_is_run_again_by_its_tag() -> None:
    part = asked(tag=("fruit",))
    assert not part.whole
    assert asked().whole
    assert part.again(["words/shout"]) == "promptyard test words/shout --tag fruit"


def test_base_is_asked_the_same_cases_where_only_head_has_the_tag(tmp_path: Path) -> None:
    held = catalog(write(tmp_path, {"prompts/words/shout.suite.yaml": SUITE}))
    suites, _ = chosen_suites(held, asked())
    whole = suites[0]
    untagged = replace(whole, cases=tuple(replace(case, tags=()) for case in whole.cases))
    wanted = asked(tag=("fruit",))
    head = narrowed(whole, wanted)
    assert [case.id for case in narrowed(untagged, wanted, head).cases] == ["a", "b"]
    assert narrowed(untagged, wanted).cases == ()


def test_one_name_that_is_nowhere_is_refused_though_others_are_known(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"EVL005 no case appel\. Cases are in"):
        chosen(tmp_path, case=("a", "appel"))
    with pytest.raises(Usage, match=r"EVL005 no case sen\. Did you mean seen\?"):
        chosen(tmp_path, case=("a", "sen"))
    with pytest.raises(Usage, match=r"EVL005 no case has the tag friut\. Tags are: fruit, long\."):
        chosen(tmp_path, tag=("long", "friut"))
