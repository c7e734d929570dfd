from __future__ import annotations

from dataclasses import replace

from support.samples import ARMS, case, many, marks, suite

from registry.evaluation import gate
from registry.evaluation.noise import SAMPLES, measure, noisy, powers
from registry.evaluation.records import Policy, Suite
from registry.evaluation.verdict import Verdict


def against_itself(of: Suite, *, base: str, head: str, deterministic: bool = False) -> Verdict:
    found = gate.decide(
        of, of, marks(of, base=base, head=head), comparability=ARMS, deterministic=deterministic
    )
    return noisy(gate.settle([found])[0])


def test_a_model_that_repeats_itself_has_no_noise() -> None:
    verdict = against_itself(many(200), base="1" * 200, head="1" * 200)
    assert (verdict.word, verdict.exit_code) == ("PASS", 0)
    assert verdict.reasons == ("none of 200 cases differed between two rounds, and the gate blamed nobody",)
    assert verdict.noise is not None
    assert (verdict.noise.flipped, verdict.noise.share) == ((), 0)
    assert "one sample per case is enough" in verdict.notes[0]
    assert powers(verdict.noise).count("drop") == 1


def test_noise_is_counted_and_more_samples_let_a_smaller_drop_be_seen() -> None:
    of = many(400, policy=Policy(margin=0.05))
    verdict = against_itself(of, base="0" * 20 + "1" * 380, head="1" * 380 + "0" * 20)
    assert verdict.noise is not None
    assert len(verdict.noise.flipped) == 40
    assert verdict.noise.share == 0.1
    drops = [verdict.noise.detectable[k] or 1 for k in SAMPLES]
    assert drops == sorted(drops, reverse=True)
    assert drops[-1] < drops[0]
    assert verdict.word == "PASS"


def test_a_gate_that_would_have_blamed_noise_says_so() -> None:
    of = suite(case("must", required=True), *many(30).cases)
    verdict = against_itself(of, base="1" * 31, head="0" + "1" * 30)
    assert (verdict.word, verdict.exit_code) == ("FAIL", 1)
    assert "noise alone did this" in verdict.reasons[0]


def test_without_an_answer_there_is_no_word_on_noise_either() -> None:
    verdict = against_itself(many(3), base="11e", head="111")
    assert (verdict.word, verdict.exit_code, verdict.noise) == ("NO-VERDICT", 3, None)


def test_the_advice_names_the_samples_that_reach_the_margin_or_says_that_none_do() -> None:
    of = many(600, policy=Policy(margin=0.02))
    enough = against_itself(of, base="0" * 20 + "1" * 580, head="1" * 580 + "0" * 20)
    assert any(note.startswith("samples: ") for note in enough.notes)
    few = against_itself(many(20), base="0" + "1" * 19, head="1" * 19 + "0")
    assert any("add cases" in note for note in few.notes)


def test_groups_that_move_together_count_for_fewer_cases() -> None:
    of = many(100, groups=10)
    row = "".join("0" if n % 10 == 3 else "1" for n in range(100))
    verdict = gate.decide(of, of, marks(of, base=row, head="1" * 100), comparability=ARMS)
    assert verdict.comparison is not None
    apart = measure(replace(verdict.comparison, design_effect=1.0), 1)
    together = measure(verdict.comparison, 1)
    assert (together.detectable[1] or 1) > (apart.detectable[1] or 1)
