"""Parts of a run and their merge through the real command, with the demo model, against a base."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.commanding import WORD, Commanded, Outcome, commit, with_demo

from registry.cli.main import main

PROMPT = WORD.replace("owner: words", "owner: words\nguardrails: [guardrails/teams]").replace(
    '- {role: user, content: "Word: ',
    '- {role: system, content: "You route support tickets to a team. Teams: cards, transfers. Answer with one."}\n'
    '  - {role: user, content: "I lost my card at the ',
)
NAME = "prompts/words/shout.prompt.yaml"
SUITE = "prompts/words/shout.suite.yaml"
TEAMS = """\
promptyard: 1
owner: words
rules:
  - {id: teams.any, kind: pattern, severity: high, detect: {any: [card, transfer]}, action: redact, stages: [output],
     tests: [{text: cards, expect: hit}, {text: none, expect: pass}]}
  - {id: words.gym, kind: literals, severity: high, detect: {any: [gym, bank]}, action: redact, stages: [input],
     tests: [{text: a gym, expect: hit}, {text: none, expect: pass}]}
"""
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


def verdicts(outcome: Outcome) -> Any:
    """The verdicts without what time and cache have to do with."""
    found = outcome.json["verdicts"]
    for verdict in found:
        verdict.pop("cached", None)
        verdict.pop("spending", None)
        for case in verdict["cases"]:
            for time in [name for name in case if name == "seconds" or name.lower().endswith("took")]:
                del case[time]
    return found


class Yard(Commanded):
    def parts(self, of: int, *words: str) -> list[str]:
        names = [str(self.root / f"part-{n}.jsonl") for n in range(1, of + 1)]
        for n, name in enumerate(names, 1):
            assert self.test("--shard", f"{n}/{of}", "--record", name, *words).code == 0
        return names


def suite(answers: dict[str, str]) -> str:
    cases = [
        {"id": word, "inputs": {"word": word}, "expect": [{"equals": answers.get(word, "?")}]}
        for word in WORDS
    ]
    return json.dumps({"promptyard": 1, "prompt": "words/shout", "cases": cases})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry whose suite asks for what its model says, committed, and then a changed prompt."""
    root = with_demo(
        tmp_path_factory.mktemp("parts") / "yard",
        {
            NAME: PROMPT,
            SUITE: suite({}),
            "prompts/guardrails/teams.guardrail.yaml": TEAMS,
            "prompts/words/shown.suite.yaml": "",
        },
    )
    first = root / "first.jsonl"
    CliRunner().invoke(main, ["-C", str(root), "test", "--device", "cpu", "--record", str(first)])
    lines = [json.loads(line) for line in first.read_text("utf-8").splitlines()]
    said = {line["case"]: line["completion"]["text"] for line in lines if "completion" in line}
    (root / SUITE).write_text(suite(said))
    commit(root, "*.jsonl")
    (root / NAME).write_text(
        PROMPT.replace("I lost my card at the", "Which exchange rate for dollars at the")
    )
    return root


@pytest.fixture
def yard(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Yard:
    return Yard(Path(shutil.copytree(made, tmp_path / "yard")), capsys, "--device", "cpu")


def test_parts_on_their_own_and_one_run_come_to_one_verdict(yard: Yard) -> None:
    names = yard.parts(3, "--base", "main", "--no-cache")
    merged = yard.test("--merge", *names, "--json")
    whole = yard.test("--base", "main", "--no-cache", "--json")
    assert verdicts(merged) == verdicts(whole)
    (verdict,) = verdicts(merged)
    assert {(it["arm"], it["side"]): it["looked"] for it in verdict["guarded"]} == {
        (arm, side): len(WORDS) for arm in ("head", "base") for side in ("output", "input")
    }
    assert verdict["guarded"][1]["stopped"] == {"words.gym": 2}
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
    told = yard.test("--shard", "2/2", "--json").json
    assert told["part"]["shard"] == {"index": 2, "of": 2}


def test_what_was_chosen_for_the_parts_is_chosen_for_the_merge(yard: Yard) -> None:
    names = yard.parts(2, "--case", "bank", "--case", "gym")
    (verdict,) = verdicts(yard.test("--merge", *names, "--json"))
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
    one = yard.test("--no-cache", "--json")
    three = yard.test("--no-cache", "--engine-cluster", "local:3", "--json")
    assert verdicts(three) == verdicts(one)
    assert "local:3" in " ".join(three.json["notes"])
