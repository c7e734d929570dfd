from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.models import SpokenEngine, ask

from registry.errors import Usage
from registry.evaluation.engines.port import Prepared
from registry.evaluation.engines.replay import Recording, ReplayEngine, read_recording
from registry.evaluation.records import Completion


def test_replay_has_the_keys_of_the_engine_and_asks_it_nothing() -> None:
    spoken = SpokenEngine()
    replay = ReplayEngine(spoken)
    prepared = replay.prepare(ask("a", "b"))
    assert [p.key for p in prepared] == [p.key for p in spoken.prepare(ask("a", "b"))]
    found = dict(replay.complete([*prepared, Prepared("k", problem="too long")]))
    assert found[0].error is not None
    assert found[0].error.startswith("ENG011 the cache holds no answer")
    assert found[2].error == "too long"
    assert spoken.asked == []
    assert replay.comparability() == spoken.comparability()
    assert replay.deterministic
    assert "replay" in replay.note
    replay.close()
    assert spoken.closed == 1


KEYS = ["a" * 64, "b" * 64]
GOOD = {"key": KEYS[0], "completion": {"text": "x", "promptTokens": 1, "completionTokens": 2}}


def test_recorded_answers_stand_in_for_the_model() -> None:
    spoken = SpokenEngine()
    prepared = spoken.prepare(ask("a", "b"))
    recording = Recording({prepared[0].key: Completion("from the record", 1, 1, seconds=3.0)})
    found = dict(ReplayEngine(spoken, recording).complete(prepared))
    assert (found[0].text, found[0].cached, found[0].seconds) == ("from the record", True, None)
    assert str(found[1].error).startswith("ENG011")
    assert spoken.asked == []


def test_a_record_is_read_from_files_and_folders_and_bad_lines_are_passed_over(tmp_path: Path) -> None:
    lines = [
        json.dumps(GOOD),
        json.dumps({"kind": "verdict"}),
        json.dumps(
            {
                "key": KEYS[1],
                "completion": {"text": "", "promptTokens": 0, "completionTokens": 0, "error": "E"},
            }
        ),
        json.dumps({**GOOD, "key": 7}),
        json.dumps(GOOD)[:20],
        "[1]",
        "",
        "\u2028",
    ]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "run.jsonl").write_text("\n".join(lines), "utf-8")
    later = {**GOOD, "completion": {**GOOD["completion"], "text": "later"}}  # type: ignore[dict-item]
    (tmp_path / "z.jsonl").write_text(json.dumps(later))
    assert dict(read_recording(tmp_path / "deep" / "run.jsonl").answers) == {KEYS[0]: Completion("x", 1, 2)}
    assert read_recording(tmp_path).answers[KEYS[0]].text == "later"


def test_a_place_without_an_answer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text("{}\n")
    with pytest.raises(Usage, match="ENG012"):
        read_recording(tmp_path)
