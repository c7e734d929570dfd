from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.evaluation.cache import ResponseCache
from registry.evaluation.record import Record, read_record
from registry.evaluation.records import Sample
from registry.evaluation.shelf import Shelf, Shelved
from registry.evaluation.trial import Keeping, ask, conclude, examine, noise
from registry.evaluation.verdict import Verdict

PROMPT = "prompts/words/shout.prompt.yaml"


def test_head_alone_is_judged_by_itself(tmp_path: Path) -> None:
    head = arm(write(tmp_path / "yard"))
    engine = SpokenEngine(lambda text: "" if text == "berry" else text.upper())
    verdicts = examine(tuple(head.suites.values()), head, None, engines(tmp_path, engine))
    assert [(v.suite, v.word) for v in verdicts] == [("words/shout", "FAIL"), ("words/shown", "PASS")]
    assert verdicts[0].required_failed == ("b",)
    assert verdicts[0].comparability is not None


def test_a_required_case_that_head_breaks_is_a_regression(tmp_path: Path) -> None:
    base = arm(write(tmp_path / "base"), "base")
    head = arm(write(tmp_path / "head", {PROMPT: FILES[PROMPT].replace("Shout.", "Whisper.")}))
    engine = SpokenEngine()
    plain = engine.prepare

    def remembering(requests):  # type: ignore[no-untyped-def]
        prepared = plain(requests)
        for item in prepared:
            engine._texts[item.key] = "|".join(item.tokens)
        return prepared

    engine.prepare = remembering  # type: ignore[method-assign]
    engine.say = lambda text: text.split("|")[1].upper() if text.startswith("Shout") else text.split("|")[1]
    told: list[Sample] = []
    totals: list[int] = []

    def begin(total: int):  # type: ignore[no-untyped-def]
        totals.append(total)
        return told.append

    with Record(tmp_path / "run.jsonl") as record:
        keeping = Keeping(ResponseCache(tmp_path / "cache"), record, begin)
        suites = [head.suites["words/shout"]]
        (verdict,) = examine(suites, head, base, engines(tmp_path, engine), keeping)
    assert (verdict.word, verdict.exit_code) == ("REGRESSION", 1)
    assert verdict.required_failed == ("b",)
    assert totals == [6]
    assert len(told) == len(list(read_record(tmp_path / "run.jsonl"))) == 6


def test_nothing_changed_is_non_inferior(tmp_path: Path) -> None:
    base, head = arm(write(tmp_path), "base"), arm(tmp_path)
    (verdict,) = examine([head.suites["words/shout"]], head, base, engines(tmp_path, SpokenEngine()))
    assert verdict.word == "NON-INFERIOR"


def test_head_against_itself_is_asked_twice_and_shows_an_uneven_machine(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    suites = [head.suites["words/shout"]]
    engine = SpokenEngine()
    (even,) = noise(suites, head, engines(tmp_path, engine))
    assert sorted(engine.asked) == ["apple", "apple", "berry", "berry", "cherry", "cherry"]
    assert even.comparison is not None
    assert (even.comparison.delta, even.comparison.lost) == (0, ())
    said: list[str] = []

    def uneven(text: str) -> str:
        said.append(text)
        return text.upper() if said.count(text) == 1 else "?"

    (odd,) = noise(suites, head, engines(tmp_path, SpokenEngine(uneven, deterministic=False)))
    assert odd.comparison is not None
    assert set(odd.comparison.gained) == {"a", "b", "c"}


def test_a_run_that_does_not_fit_into_memory_comes_to_the_same_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "".join(
        f"  - {{id: n{n}, group: g{n % 5}, inputs: {{word: word{n % 7}}}, expect: [{{equals: WORD{n}}}]}}\n"
        for n in range(20)
    )
    suite = FILES["prompts/words/shout.suite.yaml"] + words
    changes = {"prompts/words/shout.suite.yaml": suite}

    def trial() -> tuple[tuple[Verdict, ...], list[str], list[int]]:
        base = arm(write(tmp_path / "base", changes), "base")
        head = arm(write(tmp_path / "head", {**changes, PROMPT: FILES[PROMPT].replace("Shout.", "Cry.")}))
        engine, seen = SpokenEngine(), []
        keeping = Keeping(planned=lambda items: seen.append(len(items)))
        made = engines(tmp_path, engine)
        return examine(tuple(head.suites.values()), head, base, made, keeping), sorted(engine.asked), seen

    small, asked_once, (all_at_once,) = trial()
    monkeypatch.setattr(Shelf.__init__, "__defaults__", (3,))
    for module in ("plan", "runner"):
        monkeypatch.setattr(f"registry.evaluation.{module}.CHUNK", 4)
    large, asked, seen = trial()
    assert [replace(v, cases=tuple(v.cases)) for v in large] == [
        replace(v, cases=tuple(v.cases)) for v in small
    ]
    assert isinstance(large[0].cases, Shelved)
    assert asked == asked_once
    assert (sum(seen), max(seen)) == (all_at_once, 4)


def test_what_may_be_asked_again_is_said_by_who_concludes(tmp_path: Path) -> None:
    base = arm(write(tmp_path / "base"), "base")
    head = arm(write(tmp_path / "head", {PROMPT: FILES[PROMPT].replace("Shout.", "Whisper.")}))
    suites = [head.suites["words/shout"]]
    made = engines(tmp_path, SpokenEngine())
    asked = ask(suites, head, base, made)
    for sample in tuple(asked.samples["words/shout"].values()):
        if sample.arm == "head" and sample.case == "a":
            asked.add(replace(sample, status="fail", score=0.0), whole=True)
    (alone,) = conclude(suites, head, base, made, asked, reachable=())
    assert "flips were not asked again" in alone.notes
    (with_engine,) = conclude(suites, head, base, made, asked)
    assert "flips were not asked again" not in with_engine.notes
