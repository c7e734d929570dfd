from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.evaluation.against import examine_stored, keep
from registry.evaluation.arms import Arm
from registry.evaluation.baseline import Baseline
from registry.evaluation.cache import ResponseCache
from registry.evaluation.flips import FRESH
from registry.evaluation.trial import Keeping
from registry.evaluation.verdict import Verdict

PROMPT, MODEL, SUITE = (
    "prompts/words/shout.prompt.yaml",
    "prompts/models/tiny.model.yaml",
    "prompts/words/shout.suite.yaml",
)
SAMPLED = {
    MODEL: FILES[MODEL].replace("{maxTokens: 8}", "{maxTokens: 8, temperature: 1}"),
    SUITE: FILES[SUITE].replace(", required: true", "").replace("cases:", "samples: 3\ncases:"),
}
AT = "2026-01-01T00:00:00Z"


def whisper(root: Path, changes: Mapping[str, str] | None = None) -> Arm:
    more = {PROMPT: FILES[PROMPT].replace("Shout.", "Whisper."), **(changes or {})}
    return arm(write(root, more))


def made(head: Arm, place: Path, engine: SpokenEngine) -> dict[str, Sequence[Baseline]]:
    found = keep([head.suites["words/shout"]], head, engines(place, engine), Keeping(), at=AT)
    return {each.suite: (each,) for each in found}


def judged(head: Arm, place: Path, stored: Mapping[str, Sequence[Baseline]], engine: SpokenEngine) -> Verdict:
    (verdict,) = examine_stored([head.suites["words/shout"]], head, stored, engines(place, engine))
    return verdict


def test_head_is_compared_with_what_was_kept_and_base_is_never_asked(tmp_path: Path) -> None:
    stored = made(arm(write(tmp_path / "base")), tmp_path, SpokenEngine())
    quiet = SpokenEngine(str.lower)
    verdict = judged(whisper(tmp_path / "head"), tmp_path, stored, quiet)
    assert (verdict.word, verdict.exit_code) == ("REGRESSION", 1)
    assert verdict.required_failed == ("b",)
    assert verdict.comparison is not None
    assert verdict.comparison.lost == ("a", "b", "c")
    assert all(flip.confirmed for flip in verdict.comparison.flips)
    assert sorted(quiet.asked) == sorted(
        ["apple", "berry", "cherry"] * 2
    )  # once, and once more for the flips
    assert f"baseline of {AT}" in verdict.notes[0]


def test_a_deterministic_baseline_keeps_no_spare_answers_and_a_sampled_one_keeps_eight(
    tmp_path: Path,
) -> None:
    even = made(arm(write(tmp_path / "even")), tmp_path, SpokenEngine())["words/shout"][0]
    odd = made(arm(write(tmp_path / "odd", SAMPLED)), tmp_path, SpokenEngine(deterministic=False))
    assert (even.deterministic, even.spare, len(even.answers)) == (True, 0, 3)
    kept = odd["words/shout"][0]
    assert (kept.deterministic, kept.spare, len(kept.answers)) == (False, FRESH, 3 * (3 + FRESH))


def test_flips_of_a_sampled_model_are_held_against_the_spare_answers(tmp_path: Path) -> None:
    stored = made(arm(write(tmp_path / "base", SAMPLED)), tmp_path, SpokenEngine(deterministic=False))
    broken = SpokenEngine(lambda text: "?" if text == "berry" else text.upper(), deterministic=False)
    verdict = judged(whisper(tmp_path / "head", SAMPLED), tmp_path, stored, broken)
    assert verdict.comparison is not None
    (flip,) = verdict.comparison.flips
    assert (flip.case, flip.confirmed, verdict.word) == ("b", True, "REGRESSION")
    assert flip.p == pytest.approx(1 / 12870)  # 8 of 8 against 0 of 8
    assert broken.asked.count("berry") == 3 + FRESH


def test_without_spare_answers_a_flip_is_not_confirmed(tmp_path: Path) -> None:
    base = made(arm(write(tmp_path / "base", SAMPLED)), tmp_path, SpokenEngine(deterministic=False))
    poor = {name: (replace(held[0], spare=0),) for name, held in base.items()}
    broken = SpokenEngine(lambda text: "?" if text == "berry" else text.upper(), deterministic=False)
    verdict = judged(whisper(tmp_path / "head", SAMPLED), tmp_path, poor, broken)
    assert verdict.word == "INCONCLUSIVE"
    assert "flips were not asked again" in verdict.notes


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"samples": 3}, "samples differs: base 3, head 1"),
        ({"tool": "0.0"}, "promptyard differs: base 0.0, head"),
        ({"prompt": "words/other"}, "prompt differs: base words/other, head words/shout"),
    ],
)
def test_what_was_made_otherwise_is_no_base(tmp_path: Path, change: dict[str, object], told: str) -> None:
    head = arm(write(tmp_path / "base"))
    stored = made(head, tmp_path, SpokenEngine())
    other = {name: (replace(held[0], **change),) for name, held in stored.items()}  # type: ignore[arg-type]
    verdict = judged(head, tmp_path, other, SpokenEngine())
    assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)
    assert told in "; ".join(verdict.reasons)


def test_another_engine_is_no_base_and_the_one_that_fits_is_chosen(tmp_path: Path) -> None:
    head = arm(write(tmp_path / "base"))
    here = made(head, tmp_path, SpokenEngine())["words/shout"][0]
    there = made(head, tmp_path / "2", SpokenEngine(name="elsewhere"))["words/shout"][0]
    verdict = judged(head, tmp_path / "3", {"words/shout": (there,)}, SpokenEngine())
    assert "engine differs: base elsewhere, head spoken" in verdict.reasons
    both = judged(head, tmp_path / "4", {"words/shout": (there, here)}, SpokenEngine())
    assert both.word == "NON-INFERIOR"


def test_a_machine_that_answers_the_same_request_otherwise_gives_no_verdict(tmp_path: Path) -> None:
    head = arm(write(tmp_path / "base"))
    stored = made(head, tmp_path, SpokenEngine())
    verdict = judged(head, tmp_path, stored, SpokenEngine(lambda text: text.upper() + "!"))
    assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)
    assert "answers cases a, b, c otherwise than the baseline" in verdict.reasons[0]


def test_a_suite_without_a_baseline_is_judged_alone(tmp_path: Path) -> None:
    head = arm(write(tmp_path / "base"))
    verdict = judged(head, tmp_path, {}, SpokenEngine())
    assert verdict.word == "PASS"
    assert "base does not have this suite" in verdict.notes[0]


def test_a_baseline_is_made_from_the_cache_where_it_holds_the_answers(tmp_path: Path) -> None:
    head, engine = arm(write(tmp_path / "base")), SpokenEngine()
    keeping = Keeping(ResponseCache(tmp_path / "cache"))
    for _ in range(2):
        keep([head.suites["words/shout"]], head, engines(tmp_path, engine), keeping, at=AT)
    assert len(engine.asked) == 3
