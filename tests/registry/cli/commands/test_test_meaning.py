"""``promptyard test`` with local models that read: a judge that chooses among words, an encoder, labels by examples."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.models import WEIGHTS
from support.tiny import tiny
from support.yard_of_cases import write

from registry.cli.main import main

ENCODER = "promptyard: 1\nengine: ctranslate2\nmodel: bert\nkind: encoder\ncontextTokens: 64\nweights: {path: bert}\n"
MEANING = """\
promptyard: 1
prompt: words/shout
mode: render
classifier: {labels: {greeting: [good morning to you, hello there friend], money: [the card was charged, a refund of money]}}
cases:
  - id: same
    inputs: {word: apple}
    expect:
      - {similar: "system: Shout.\\nuser: apple", threshold: 0.999}
      - {not-similar: Completely different words about money, threshold: 0.999}
      - {not-classifier: greeting, threshold: 0.999}
"""
JUDGED = """\
promptyard: 1
prompt: words/shout
mode: render
judge: {model: models/tiny, votes: 3}
cases:
  - {id: a, inputs: {word: apple}, expect: [{llm-rubric: Names a fruit.}, {g-eval: [Is short., Is loud.]}]}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with the demo model and a tiny encoder; rendered messages stand for answers."""
    folder = tmp_path_factory.mktemp("meaning")
    made = write(
        folder / "yard",
        {
            "prompts/words/shout.suite.yaml": "",
            "prompts/words/shown.suite.yaml": "",
            "prompts/models/encoder.model.yaml": ENCODER,
            "prompts/words/meaning.suite.yaml": MEANING,
            "prompts/words/judged.suite.yaml": JUDGED,
        },
    )
    for name in ("shout", "shown"):
        (made / f"prompts/words/{name}.suite.yaml").unlink(missing_ok=True)
    shutil.rmtree(made / "prompts/models/tiny")
    shutil.copytree(WEIGHTS, made / "prompts/models/tiny")
    shutil.copytree(tiny("bert", folder), made / "prompts/models/bert")
    return made


def run(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    with pytest.raises(SystemExit) as left:
        main.main(["-C", str(root), "test", *words, "--json", "--device", "cpu"])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), json.loads(out) if out.startswith("{") else None, err


def test_meanings_and_labels_are_computed_by_the_registrys_encoder(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report, _ = run(root, capsys, "words/meaning")
    assert (code, report["verdicts"][0]["word"]) == (0, "PASS")
    assert any("models/encoder" in note for note in report["notes"])


def test_a_label_that_has_no_examples_is_found_before_anything_runs(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = Path(shutil.copytree(root, tmp_path / "yard"))
    place = other / "prompts/words/meaning.suite.yaml"
    place.write_text(MEANING.replace("not-classifier: greeting", "classifier: greting"))
    code, _, err = run(other, capsys, "words/meaning")
    assert code == 2
    assert "The classifier has no label greting. Did you mean greeting?" in " ".join(err.split())
    place.write_text(
        MEANING.replace("classifier: {labels", "description: x  # {labels").replace("]}}\n", "]}}\n")
    )
    code, _, err = run(other, capsys, "words/meaning")
    assert "classifier needs labels, and the suite gives none." in " ".join(err.split())


def test_a_local_judge_answers_by_the_probabilities_of_its_words(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record = tmp_path / "run.jsonl"
    code, report, _ = run(root, capsys, "words/judged", "--record", str(record))
    (verdict,) = report["verdicts"]
    assert code == 0
    assert verdict["judges"][0]["why"] == "judge not calibrated; 0 of 30 labels"
    assert verdict["advice"]["asked"] == 2
    said = [json.loads(line) for line in record.read_text().splitlines() if '"judged"' in line]
    shares = [entry["completion"]["shares"] for entry in said]
    assert sorted(map(len, shares)) == [2, 2, 2, 5, 5, 5, 5, 5, 5]
    assert all(sum(each.values()) == pytest.approx(1) for each in shares)
    assert all(0 < share < 1 for each in shares for share in each.values())
    scores = [
        c["score"] for line in record.read_text().splitlines() for c in json.loads(line).get("checks", ())
    ]
    yes = [each["yes"] for each in shares if "yes" in each]
    grades = [
        sum((int(word) - 1) / 4 * share for word, share in each.items()) for each in shares if "1" in each
    ]
    assert scores == [pytest.approx(sum(yes) / 3), pytest.approx(sum(grades) / 6)]


def test_what_a_local_judge_said_is_not_computed_twice(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, before, _ = run(root, capsys, "words/judged")
    code, after, _ = run(root, capsys, "words/judged", "--replay")
    assert code == 0
    assert after["verdicts"][0]["advice"] == before["verdicts"][0]["advice"]
