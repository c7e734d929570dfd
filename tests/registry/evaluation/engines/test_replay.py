from __future__ import annotations

from support.models import SpokenEngine, ask

from registry.evaluation.engines.port import Prepared
from registry.evaluation.engines.replay import ReplayEngine


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
