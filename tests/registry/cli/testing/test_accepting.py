from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from support.commanding import DEMO, Commanded, Outcome, with_demo
from support.yard_of_cases import write

from registry.cli.testing import accepting

SUITE = """\
promptyard: 1
prompt: words/shout
mode: render  # what is asked is what is approved here
cases:
  # the first
  - {id: one, inputs: {word: apple}, expect: [{snapshot: old text}]}
  - id: two
    inputs: {word: berry}
    expect:
      - snapshot:  # nothing approved yet
      - {snapshot: {sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}
  - {id: good, inputs: {word: cherry}, expect: [{snapshot: "system: Shout.\\nuser: cherry"}]}
"""
FILES = {
    "prompts/models/tiny.model.yaml": DEMO,
    "prompts/words/shout.suite.yaml": SUITE,
    "prompts/words/shown.suite.yaml": "",
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Yard(Commanded):
    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        super().__init__(write(root, FILES), capsys)
        self.suite = self.root / "prompts/words/shout.suite.yaml"
        self._patch = patch

    def typing(self, typed: str | None, *words: str) -> Outcome:
        """``promptyard test`` with somebody at the terminal; None: there is no terminal."""
        self._patch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))
        return self.test(*words)


@pytest.fixture
def yard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Yard:
    monkeypatch.delenv("CI", raising=False)
    return Yard(tmp_path, capsys, monkeypatch)


def test_what_changed_is_shown_and_only_what_is_accepted_is_written(yard: Yard) -> None:
    outcome = yard.typing("y\nn\nn\n", "--accept")
    assert outcome.code == 3  # two of the snapshots were never approved: no verdict
    assert "  - old text\n  + system: Shout.\n  + user: apple\n" in outcome.err
    assert "1 of 3 snapshots accepted; run promptyard test again" in outcome.err
    text = yard.suite.read_text()
    assert text.count("user: apple") == 1
    assert "user: berry" not in text
    for comment in ("# what is asked", "# the first", "# nothing approved yet"):
        assert comment in text


def test_all_accepted_is_all_good_in_the_next_run_and_a_digest_stays_one(yard: Yard) -> None:
    assert yard.typing(None, "--accept", "--yes").code == 3
    again = yard.typing(None, "--accept", "--yes")
    assert (again.code, "no snapshot changed" in again.err) == (0, True)
    text = yard.suite.read_text()
    assert "aaaa" not in text
    assert text.count("sha256") == 1
    assert text.count("user: berry") == 1


def test_nobody_accepts_in_ci_without_a_terminal_or_in_json(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = yard.suite.read_bytes()
    for words, typed in ((("--accept",), None), (("--accept", "--json"), "y\n")):
        outcome = yard.typing(typed, *words)
        assert (outcome.code, "EVL031" in outcome.err) == (2, True)
    monkeypatch.setenv("CI", "true")
    assert "EVL031 snapshots are not accepted in CI" in yard.typing("y\ny\ny\n", "--accept").err
    assert "EVL032" in yard.typing("", "--yes").err
    assert yard.suite.read_bytes() == before


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm = accepting.click.confirm

    def edits(*words: object, **more: object) -> bool:
        yard.suite.write_text(SUITE.replace("the first", "another hand"))
        return bool(confirm(*words, **more))  # type: ignore[arg-type]  # click's own words

    monkeypatch.setattr(accepting.click, "confirm", edits)
    outcome = yard.typing("y\nn\nn\n", "--accept")
    assert "another hand" in yard.suite.read_text()
    assert outcome.code in (2, 3)


def test_samples_that_differ_and_shared_snapshots_cannot_be_accepted(yard: Yard) -> None:
    with_demo(yard.root, FILES)
    text = SUITE.replace("mode: render  # what is asked is what is approved here\n", "samples: 2\n")
    yard.suite.write_text(text.replace("cases:", "defaults: {expect: [{snapshot: shared}]}\ncases:"))
    model = DEMO.replace("maxTokens: 4", "maxTokens: 4, temperature: 2.0")
    (yard.root / "prompts/models/tiny.model.yaml").write_text(model)
    outcome = yard.typing("", "--accept", "--yes", "--device", "cpu")
    assert "it stands in the defaults" in outcome.err
    assert "its 2 samples differ" in outcome.err


def test_what_a_file_cannot_hold_is_told_and_the_others_are_written_all_the_same(yard: Yard) -> None:
    yard.suite.write_text(SUITE.replace("{word: apple}", '{word: "a\\u009b1m"}'))
    outcome = yard.typing(None, "--accept", "--yes")
    assert outcome.code == 3
    assert (
        "one: EDT001 prompts/words/shout.suite.yaml: cases.0.expect.0.snapshot cannot be written"
        in outcome.err
    )
    assert "2 of 3 snapshots accepted; run promptyard test again" in outcome.err
    text = yard.suite.read_text()
    assert "user: berry" in text
    assert "snapshot: old text" in text
    assert "\x9b" not in outcome.err
