from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import MODEL, engines, write

from registry.errors import EngineError, PromptyardError
from registry.evaluation import session
from registry.evaluation.arms import EngineOptions, Engines
from registry.evaluation.engines.port import Prepared
from registry.evaluation.records import Completion
from registry.evaluation.session import Session, Wishes

SUITE = """\
promptyard: 1
prompt: words/shout
policy: {minPassRate: 0.1}
cases:
  - {id: a, inputs: {word: apple}, expect: [{equals: APPLE}]}
  - {id: b, inputs: {word: berry}, expect: [{equals: never}]}
  - {id: c, inputs: {word: cherry}, expect: [{equals: CHERRY}], required: true}
"""
PLACE = "prompts/words/shout.suite.yaml"
CASES = [("words/shout", name) for name in "abc"]


class Failing(SpokenEngine):
    def complete(self, prepared: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        yield from list(super().complete(prepared))[:1]
        raise EngineError("ENG099", "the engine fell over", "Try again.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "yard", {PLACE: SUITE, "prompts/models/tiny.model.yaml": MODEL})


def begun(
    root: Path, shared: Path | None, engine: SpokenEngine, patch: pytest.MonkeyPatch, *, cached: bool = False
) -> Session:
    def opened(place: Path, options: EngineOptions, **_: Any) -> Engines:
        return engines(place, engine)

    patch.setattr(session, "Engines", opened)
    found = Session(root, Wishes(EngineOptions(), cached=cached, shared=shared))
    assert found.suite_at(root / PLACE) is not None
    found.wanted.update(CASES)
    return found


def statuses(found: Session) -> list[str]:
    return [sample.status for place in CASES for sample in found.samples(place)]


def test_one_process_asks_for_the_whole_selection_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SpokenEngine()
    found = begun(root, None, engine, monkeypatch)
    assert statuses(found) == ["pass", "fail", "pass"]
    assert (len(engine.asked), engine.closed) == (3, 1)


def test_a_second_process_reads_what_the_first_was_told(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SpokenEngine(), SpokenEngine()
    one = begun(root, tmp_path / "shared", first, monkeypatch)
    assert statuses(one) == ["pass", "fail", "pass"]
    other = begun(root, tmp_path / "shared", second, monkeypatch)
    assert statuses(other) == ["pass", "fail", "pass"]
    assert second.asked == []
    assert [it.completion.text for it in other.samples(CASES[0])] == ["APPLE"]
    assert other.tolerates(CASES[1]) == one.tolerates(CASES[1])


def test_trouble_is_met_once_and_told_to_all(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Failing()
    one = begun(root, tmp_path / "shared", engine, monkeypatch)
    for _ in range(2):
        with pytest.raises(PromptyardError, match="ENG099 the engine fell over"):
            one.samples(CASES[0])
    assert len(engine.asked) == 3
    idle = SpokenEngine()
    with pytest.raises(PromptyardError, match=r"ENG099 the engine fell over\. Try again\."):
        begun(root, tmp_path / "shared", idle, monkeypatch).samples(CASES[1])
    assert idle.asked == []


def test_what_a_process_wrote_before_it_died_is_not_asked_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    whole = begun(root, shared, SpokenEngine(), monkeypatch)
    assert statuses(whole) == ["pass", "fail", "pass"]
    (place,) = shared.glob("*.jsonl")
    lines = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join(lines[:1]) + lines[1][:40])  # died in the middle of its second line
    heir = SpokenEngine()
    assert statuses(begun(root, shared, heir, monkeypatch)) == ["pass", "fail", "pass"]
    assert len(heir.asked) == 2


def test_a_failure_is_tolerated_only_where_the_whole_suite_was_asked(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = begun(root, None, SpokenEngine(), monkeypatch)
    assert whole.tolerates(CASES[1])
    part = begun(root, None, SpokenEngine(), monkeypatch)
    part.wanted.discard(CASES[0])
    assert not part.tolerates(CASES[1])


def test_findings_of_a_file_are_told_with_their_places(root: Path) -> None:
    (root / PLACE).write_text(SUITE.replace("equals: never", "eqals: never"))
    found = Session(root, Wishes(EngineOptions()))
    assert found.suite_at(root / PLACE) is None
    told = found.findings(root / PLACE)
    assert told is not None
    assert told.startswith(f"{PLACE}:6:")
    assert found.findings(root / "prompts/words/shown.suite.yaml") is None


def test_settings_that_cannot_be_read_hide_no_file(root: Path) -> None:
    (root / "promptyard.yaml").write_text("content: 5\n")
    found = Session(root, Wishes(EngineOptions()))
    assert found.holds(root / PLACE)
    with pytest.raises(PromptyardError, match="CFG001"):
        found.suite_at(root / PLACE)
