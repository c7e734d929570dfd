from __future__ import annotations

from pathlib import Path

from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.evaluation.cache import ResponseCache
from registry.evaluation.record import Record, read_record
from registry.evaluation.records import Sample
from registry.evaluation.trial import Keeping, examine, noise

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
