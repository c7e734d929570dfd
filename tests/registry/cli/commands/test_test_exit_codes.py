"""Every cause and its exit code, through the command: 0 good, 1 worse, 2 cannot run, 3 no verdict, 4 environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.commanding import DEMO, WORD, commit, with_demo

from registry.cli.main import main

PROMPT = WORD.replace("maxLength: 40", "maxLength: 400")
SHOWN = """\
promptyard: 1
prompt: words/shout
mode: render
cases:
  - {id: seen, inputs: {word: apple}, expect: [{contains: "Word: apple"}]}
"""
SAID = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: short, inputs: {word: apple}, expect: [{word-count: {max: 40}}]}
"""
FILES = {
    "prompts/words/shout.prompt.yaml": PROMPT,
    "prompts/words/shout.suite.yaml": "",
    "prompts/words/shown.suite.yaml": SHOWN,
}
PLACE, ASKED, WORDS = (
    "prompts/words/shown.suite.yaml",
    "prompts/words/shout.suite.yaml",
    "prompts/words/shout.prompt.yaml",
)
LONG = "word " * 79  # more than the model's context when it is allowed a long answer
CUT = '{"kind":"baseline"}\n{"kind":"end","sha256":"0"}\n'
Changes = dict[str, str]


def policy(text: str) -> str:
    return SHOWN.replace("mode:", f"policy: {{{text}}}\nmode:")


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    root = with_demo(tmp_path, FILES)
    commit(root, "*.jsonl")
    return root


def left(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main.main(["-C", str(root), "test", "--device", "cpu", *words])
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return int(end.value.code or 0), re.sub(r"\s+", " ", told.out + told.err)


CAUSES: list[tuple[str, Changes, list[str], int, str]] = [
    ("every case passes", {}, [], 0, "PASS"),
    ("nothing changed", {}, ["--base", "main"], 0, "NON-INFERIOR"),
    ("few cases prove no rate", {PLACE: policy("minPassRate: 0.9")}, [], 0, "INCONCLUSIVE"),
    ("a model answers", {ASKED: SAID}, [], 0, "PASS"),
    ("no noise", {ASKED: SAID}, ["--aa"], 0, "none of 1 case differed"),
    ("a case fails", {PLACE: SHOWN.replace("apple\"}", "pear\"}")}, [], 1, "FAIL"),
    ("a rendering was lost", {WORDS: PROMPT.replace("Word:", "Say:")}, ["--base", "main"], 1, "REGRESSION"),
    (
        "what is inconclusive blocks",
        {PLACE: policy("minPassRate: 0.9, onInconclusive: block")},
        [], 1, "INCONCLUSIVE",
    ),
    ("an unknown suite", {}, ["words/none"], 2, "EVL005"),
    ("a broken suite", {PLACE: SHOWN.replace("contains", "contians")}, [], 2, "contians"),
    ("an unknown commit", {}, ["--base", "nowhere"], 2, "GIT"),
    ("options that clash", {}, ["--aa", "--base", "main"], 2, "EVL006"),
    ("no such baseline", {}, ["--baseline", "none.jsonl"], 2, "BAS001"),
    ("a limit that is no number", {PLACE: policy("maxTokenIncrease: -1")}, [], 2, "maxTokenIncrease"),
    ("a case without an answer", {ASKED: SAID.replace("apple", LONG)}, [], 3, "NO-VERDICT"),
    ("no recorded answer", {ASKED: SAID}, ["--replay"], 3, "ENG011"),
    ("a damaged baseline", {"cut.jsonl": CUT}, ["--baseline", "cut.jsonl"], 3, "BAS002"),
    ("no such device", {ASKED: SAID}, ["--device", "cuda", "--require"], 4, "ENG002"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words", "code", "told"), [row[1:] for row in CAUSES], ids=[row[0] for row in CAUSES]
)
def test_each_cause_has_its_exit_code(
    yard: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changes: Changes,
    words: list[str],
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(yard)
    if code == 4:
        pytest.importorskip("ctranslate2")
        monkeypatch.setattr("registry.evaluation.engines.device.cuda_missing", lambda: "there is no driver")
    for name, text in changes.items():
        if name == ASKED and LONG in text:
            config = yard / "prompts/models/tiny.model.yaml"
            config.write_text(DEMO.replace("tiny}", "tiny}\ncontextTokens: 60"))
        (yard / name).write_text(text)
    found, said = left(yard, capsys, *words)
    assert (found, told in said) == (code, True), said


def test_an_increase_above_its_limit_exits_with_one_and_names_the_limit(
    yard: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(yard)
    rows = "\n".join(
        f'  - {{id: w{n}, inputs: {{word: "w{n}"}}, expect: [{{word-count: {{max: 400}}}}]}}'
        for n in range(12)
    )
    (yard / ASKED).write_text(
        f"promptyard: 1\nprompt: words/shout\npolicy: {{maxTokenIncrease: 0.1}}\ncases:\n{rows}\n"
    )
    code, said = left(yard, capsys, "words/shout", "--save-baseline", "b.jsonl")
    assert (code, "baseline written: b.jsonl" in said) == (0, True), said
    longer = PROMPT.replace("Word:", "Please look at this word and think of it for a good while:")
    (yard / "prompts/words/shout.prompt.yaml").write_text(longer)
    code, said = left(yard, capsys, "words/shout", "--baseline", "b.jsonl")
    assert code == 1, said
    assert "of +10.0% allowed" in said
    assert "VERDICT INCONCLUSIVE" in said


def test_a_baseline_by_content_is_used_where_it_fits_and_else_base_is_asked(
    yard: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(yard)
    _, first = left(yard, capsys, "--base", "main", "--baseline", "auto")
    assert "base is asked" in first
    code, kept = left(yard, capsys, "--save-baseline", "auto")
    assert (code, "1 by content address" in kept) == (0, True), kept
    (yard / "prompts/words/shout.prompt.yaml").write_text(PROMPT.replace("Word:", "Say:"))
    code, said = left(yard, capsys, "--base", "main", "--baseline", "auto")
    assert "base is not asked" in said
    assert (code, "REGRESSION" in said) == (1, True), said
