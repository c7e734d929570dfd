"""Parts of a run and their merge through the real command, with the demo model, against a base."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import git
import pytest
from support.models import WEIGHTS
from support.yard_of_cases import write

from registry.cli.main import main

MODEL = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\nparameters: {maxTokens: 4}\n"
PROMPT = """\
promptyard: 1
description: Says a word.
owner: words
model: models/tiny
inputs: {word: {type: string, maxLength: 40}}
messages:
  - {role: system, content: "You route support tickets to a team. Teams: cards, transfers. Answer with one."}
  - {role: user, content: "I lost my card at the {{ word }}"}
"""
NAME = "prompts/words/shout.prompt.yaml"
SUITE = "prompts/words/shout.suite.yaml"
WORDS = (
    "station",
    "bank",
    "shop",
    "office",
    "school",
    "beach",
    "park",
    "hotel",
    "airport",
    "bar",
    "gym",
    "bus",
)


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def verdicts(self) -> Any:
        """The verdicts without what time and cache have to do with."""
        found = json.loads(self.out)["verdicts"]
        for verdict in found:
            verdict.pop("cached", None)
            verdict.pop("spending", None)
            for case in verdict["cases"]:
                for time in [name for name in case if name == "seconds" or name.lower().endswith("took")]:
                    del case[time]
        return found


class Yard:
    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._capsys = root, capsys

    def test(self, *words: str, json: bool = False) -> Outcome:
        with pytest.raises(SystemExit) as left:
            main.main(
                [*(["--json"] if json else []), "-C", str(self.root), "test", "--device", "cpu", *words]
            )
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err, err
        return Outcome(int(left.value.code or 0), out, err)

    def parts(self, of: int, *words: str) -> list[str]:
        names = [str(self.root / f"part-{n}.jsonl") for n in range(1, of + 1)]
        for n, name in enumerate(names, 1):
            assert self.test("--shard", f"{n}/{of}", "--record", name, *words).code == 0
        return names

    def suite(self, answers: dict[str, str]) -> None:
        cases = [
            {"id": word, "inputs": {"word": word}, "expect": [{"equals": answers.get(word, "?")}]}
            for word in WORDS
        ]
        (self.root / SUITE).write_text(json.dumps({"promptyard": 1, "prompt": "words/shout", "cases": cases}))


@pytest.fixture
def yard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Yard:
    """A registry whose suite asks for what its model says, committed, and then a changed prompt."""
    files = {"prompts/models/tiny.model.yaml": MODEL, NAME: PROMPT, "prompts/words/shown.suite.yaml": ""}
    root = write(tmp_path / "yard", files | {SUITE: ""})
    for stray in (SUITE, "prompts/words/shown.suite.yaml"):
        (root / stray).unlink(missing_ok=True)
    shutil.rmtree(root / "prompts/models/tiny")
    shutil.copytree(WEIGHTS, root / "prompts/models/tiny")
    made = Yard(root, capsys)
    made.suite({})
    first = root / "first.jsonl"
    made.test("--record", str(first))
    lines = [json.loads(line) for line in first.read_text("utf-8").splitlines()]
    made.suite({line["case"]: line["completion"]["text"] for line in lines if "completion" in line})
    (root / ".gitignore").write_text(".promptyard/\n*.jsonl\n")
    with git.Repo.init(root, initial_branch="main") as repo:
        with repo.config_writer() as writer:
            writer.set_value("user", "name", "A").set_value("user", "email", "a@example.org")
        repo.git.add("--all")
        repo.index.commit("all")
    (root / NAME).write_text(
        PROMPT.replace("I lost my card at the", "Which exchange rate for dollars at the")
    )
    return made


def test_parts_on_their_own_and_one_run_come_to_one_verdict(yard: Yard) -> None:
    names = yard.parts(3, "--base", "main", "--no-cache")
    merged = yard.test("--merge", *names, json=True)
    whole = yard.test("--base", "main", "--no-cache", json=True)
    assert merged.verdicts == whole.verdicts
    (verdict,) = merged.verdicts
    assert verdict["comparison"]["lost"], "the changed prompt should lose some cases"
    assert all(flip["confirmed"] for flip in verdict["comparison"]["flips"]), "asked again by the merge"
    assert merged.code == whole.code
    evidence = json.loads((yard.root / ".promptyard/evidence.json").read_bytes())
    assert evidence["verdicts"] == {"words/shout": verdict["word"]}


def test_a_part_gives_no_verdict_and_no_evidence(yard: Yard) -> None:
    outcome = yard.test("--shard", "1/2", "--record", str(yard.root / "one.jsonl"))
    assert outcome.code == 0
    assert "part 1/2:" in outcome.out
    assert "VERDICT" not in outcome.out
    assert "promptyard test --merge" in outcome.out
    told = json.loads(yard.test("--shard", "2/2", json=True).out)
    assert told["part"]["shard"] == {"index": 2, "of": 2}


def test_what_was_chosen_for_the_parts_is_chosen_for_the_merge(yard: Yard) -> None:
    names = yard.parts(2, "--case", "bank", "--case", "gym")
    (verdict,) = yard.test("--merge", *names, json=True).verdicts
    assert [case["id"] for case in verdict["cases"]] == ["bank", "gym"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--shard", "3/2"], 2, "SHD001"),
        (["--shard", "1/2", "--aa"], 2, "SHD009"),
        (["--shard", "1/2", "--junit", "x.xml"], 2, "SHD009"),
        (["--shard", "1/2", "--accept", "--yes"], 2, "SHD009"),
        (["--merge"], 2, "SHD002"),
        (["--merge", "gone.jsonl"], 2, "SHD002 gone.jsonl is not the record of a finished part"),
        (["--merge", "gone.jsonl", "--case", "bank"], 2, "SHD009"),
        (["--merge", "gone.jsonl", "--shard", "1/2"], 2, "SHD009"),
        (["--engine-cluster", "lokal:2"], 2, "CLU001"),
    ],
)
def test_slips_are_told_with_what_to_write(yard: Yard, words: list[str], code: int, told: str) -> None:
    outcome = yard.test(*words)
    assert outcome.code == code
    assert told in outcome.err


def test_a_missing_part_and_a_changed_checkout_give_no_verdict(yard: Yard) -> None:
    names = yard.parts(2)
    missing = yard.test("--merge", names[0])
    assert missing.code == 3
    assert "SHD004 part 2/2 is missing" in missing.err
    other = yard.test("--merge", *names, "--base", "main")
    assert other.code == 2
    assert "SHD009 the parts were compared with nothing, not with main" in other.err
    (yard.root / NAME).write_text(PROMPT.replace("lost", "found"))
    changed = yard.test("--merge", *names)
    assert changed.code == 3
    assert "SHD005 the parts are of other content than what lies here" in changed.err


def test_several_workers_here_answer_as_one(yard: Yard) -> None:
    one = yard.test("--no-cache", json=True)
    three = yard.test("--no-cache", "--engine-cluster", "local:3", json=True)
    assert three.verdicts == one.verdicts
    assert "local:3" in " ".join(json.loads(three.out)["notes"])
