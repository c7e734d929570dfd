from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import git
import pytest
from support.commanding import WORD, Commanded, with_demo

from registry.release.evidence import read_evidence

SUITE = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: short, inputs: {word: apple}, expect: [{word-count: {max: 40}}]}
"""
SHOWN = """\
promptyard: 1
prompt: words/shout
mode: render
cases:
  - {id: seen, inputs: {word: apple}, required: true, expect: [{contains: "Word: apple"}]}
"""
FILES = {
    "prompts/words/shout.prompt.yaml": WORD,
    "prompts/words/shout.suite.yaml": SUITE,
    "prompts/words/shown.suite.yaml": SHOWN,
}


@pytest.fixture
def yard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commanded:
    return Commanded(with_demo(tmp_path, FILES), capsys, "--device", "cpu")


def test_a_good_run_is_zero_and_leaves_evidence_record_and_reports(yard: Commanded, tmp_path: Path) -> None:
    junit, comment = tmp_path / "junit.xml", tmp_path / "comment.md"
    outcome = yard.test("--junit", str(junit), "--markdown", str(comment))
    assert outcome.code == 0
    assert outcome.out.count("PASS: every case passes") == 2
    assert re.search(r"models/tiny [0-9a-f]{12}: cpu, profile cpu-f32 \(asked for\)", outcome.err)
    evidence = read_evidence((yard.root / ".promptyard/evidence.json").read_bytes())
    assert evidence.passed
    assert evidence.verdicts == {"words/shout": "PASS", "words/shown": "PASS"}
    (record,) = (yard.root / ".promptyard/runs").iterdir()
    lines = [json.loads(line) for line in record.read_bytes().splitlines()]
    assert {line["case"] for line in lines if "completion" in line} == {"short", "seen"}
    assert len([line for line in lines if line.get("kind") == "verdict"]) == 2
    assert {case.get("name") for case in ET.parse(junit).iter("testcase")} >= {"short", "seen"}
    assert "words/shout" in comment.read_text()


def test_a_required_case_that_fails_is_one_and_its_evidence_does_not_pass(yard: Commanded) -> None:
    yard.change("prompts/words/shout.prompt.yaml", "Word:", "Say:")
    outcome = yard.test()
    assert outcome.code == 1
    assert "failed: seen" in outcome.out
    assert not read_evidence((yard.root / ".promptyard/evidence.json").read_bytes()).passed


def test_a_second_run_asks_nothing(yard: Commanded) -> None:
    first = json.loads(yard.test("--json").out)
    again = json.loads(yard.test("--replay", "--json").out)
    assert (
        [v["word"] for v in again["verdicts"]] == [v["word"] for v in first["verdicts"]] == ["PASS", "PASS"]
    )
    assert yard.test("--replay", "--no-cache").code == 3


def test_a_part_of_the_suites_is_no_evidence(yard: Commanded) -> None:
    outcome = yard.test("words/shown", "--case", "seen")
    assert outcome.code == 0
    assert "words/shout" not in outcome.out
    assert not (yard.root / ".promptyard/evidence.json").exists()


def test_a_failed_run_does_not_become_evidence_by_comparing_it_with_itself(yard: Commanded) -> None:
    yard.change("prompts/words/shout.prompt.yaml", "Word:", "Say:")
    yard.commit()
    assert yard.test().code == 1
    assert yard.test("--base", "HEAD").code == 0
    assert not read_evidence((yard.root / ".promptyard/evidence.json").read_bytes()).passed


def test_head_is_compared_with_where_the_branch_left_its_base(yard: Commanded) -> None:
    yard.commit()
    same = yard.test("--base", "main")
    assert same.code == 0
    assert same.out.count("NON-INFERIOR") == 2
    yard.change("prompts/words/shout.prompt.yaml", "Word:", "Say:")
    worse = yard.test("--base", "main", "words/shown")
    assert worse.code == 1
    assert "REGRESSION" in worse.out


def test_a_suite_that_was_removed_is_told(yard: Commanded, tmp_path: Path) -> None:
    yard.commit()
    (yard.root / "prompts/words/shown.suite.yaml").unlink()
    comment = tmp_path / "comment.md"
    told = yard.test("--base", "HEAD", "--markdown", str(comment))
    assert "words/shown  was removed" in told.out
    assert "| `words/shown` | ⚠️ removed |" in comment.read_text()


def test_the_weights_of_the_base_come_from_git(yard: Commanded) -> None:
    yard.commit()
    shutil.rmtree(yard.root / ".promptyard", ignore_errors=True)
    (yard.root / "prompts/models/tiny/extra.txt").write_text("other weights")
    assert yard.test("--base", "HEAD", "words/shout").code == 0
    assert len(list((yard.root / ".promptyard/cache/weights").iterdir())) == 2


def test_noise_is_measured_without_a_base(yard: Commanded) -> None:
    outcome = yard.test("--aa")
    assert outcome.code == 0
    assert "+0.0 pp" in outcome.out
    assert yard.test("--aa", "--base", "main").code == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["words/shuot"], 2, "EVL005 no suite tests words/shuot. Did you mean words/sh"),
        (["--case", "gone"], 2, "EVL005 no case gone"),
        (["--base", "main"], 2, "GIT001"),
        (["--require", "--device", "auto"], 2, "ENG001"),
    ],
)
def test_what_cannot_run_says_why_and_what_to_do(
    yard: Commanded, words: list[str], code: int, told: str
) -> None:
    outcome = yard.test(*words)
    assert outcome.code == code
    assert told in re.sub(r"\s+", " ", outcome.err)


def test_a_broken_suite_stops_the_run_with_its_place(yard: Commanded) -> None:
    yard.change("prompts/words/shown.suite.yaml", "contains", "contians")
    outcome = yard.test()
    assert outcome.code == 2
    assert "prompts/words/shown.suite.yaml:5:" in outcome.err
    assert not (yard.root / ".promptyard").exists()


def test_missing_weights_name_the_folder(yard: Commanded) -> None:
    shutil.rmtree(yard.root / "prompts/models/tiny")
    outcome = yard.test()
    assert outcome.code == 2
    assert "WGT002 model models/tiny: the weights folder prompts/models/tiny is missing" in outcome.err


def test_a_hosted_model_without_its_key_has_no_verdict_and_the_way_out(
    yard: Commanded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (yard.root / "prompts/models/tiny.model.yaml").write_text(
        "promptyard: 1\nengine: openai\nmodel: gpt-test\n"
    )
    outcome = yard.test()
    assert outcome.code == 3
    assert "ENG024 engine openai needs a key. Set OPENAI_API_KEY in the environment." in outcome.out
    assert yard.test("words/shown").code == 0


def test_a_failure_says_how_to_run_it_again(yard: Commanded) -> None:
    yard.commit()
    yard.change("prompts/words/shout.prompt.yaml", "Word:", "Say:")
    outcome = yard.test("--base", "main", "--case", "seen")
    assert "reproduce   promptyard test words/shown --base main --case seen" in outcome.out


def test_a_reference_to_nothing_cannot_run_and_is_shown_with_its_place(yard: Commanded) -> None:
    yard.change("prompts/words/shout.prompt.yaml", "models/tiny", "models/tinny")
    outcome = yard.test()
    assert outcome.code == 2
    assert "prompts/words/shout.prompt.yaml:4:1: error REF001" in outcome.err


def test_the_folders_of_reports_are_made(yard: Commanded, tmp_path: Path) -> None:
    assert yard.test("words/shown", "--markdown", str(tmp_path / "out/here/comment.md")).code == 0
    assert (tmp_path / "out/here/comment.md").is_file()


def test_what_of_the_test_data_cannot_be_asked_is_told(yard) -> None:
    asked = WORD + (
        "testData: [{word: apple, expected: Yes}]\n"
        "evaluators: [{name: fluent, uses: github/fluency}, {name: word, string: {contains: x}}]\n"
    )
    (yard.root / "prompts/words/shout.prompt.yaml").write_text(asked)
    assert "warning SUI012 " in yard.test("words/shout").err
    assert "SUI012" not in yard.test("words/shown").err


def test_in_a_bare_repository_it_says_that_there_is_no_working_copy(yard, tmp_path_factory) -> None:
    bare = tmp_path_factory.mktemp("clone") / "bare.git"
    yard.commit()
    git.Repo(yard.root).clone(bare, bare=True).close()
    outcome = yard.test("-C", str(bare))
    assert (outcome.code, "GIT005" in outcome.err) == (2, True)
