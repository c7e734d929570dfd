from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.tiny import tiny
from support.yard_of_cases import FILES, HOSTED, arm, catalog, engines, write

from registry.errors import NotClean, Refused, Usage
from registry.evaluation.arms import EngineOptions, Engines, build
from registry.settings import PolicySettings, Settings


def test_equal_weights_share_one_engine_and_other_weights_get_their_own(tmp_path: Path) -> None:
    base = arm(write(tmp_path / "base"), "base")
    same = arm(write(tmp_path / "same"))
    other = arm(write(tmp_path / "other", {"prompts/models/tiny/model.bin": "more"}))
    for head, distinct in ((same, 1), (other, 2)):
        opened = engines(tmp_path, lambda digest: SpokenEngine(name=digest, note=digest[:8]))
        models = [(one, one.live.render("words/shout", {"word": "x"}).model) for one in (base, head)]
        found = [opened.get(one, model) for one, model in models]
        assert len({id(engine) for engine in found}) == len(opened.notes) == distinct
        opened.close()
        assert all(engine.closed == 1 for engine in found if isinstance(engine, SpokenEngine))


def test_a_hosted_model_has_one_engine_and_nothing_is_asked_to_make_it(tmp_path: Path) -> None:
    head = arm(write(tmp_path, {"prompts/models/tiny.model.yaml": HOSTED}))
    model = head.live.render("words/shout", {"word": "x"}).model
    made = Engines(tmp_path / "weights", environment={})
    engine = made.get(head, model)
    assert made.get(head, model) is engine
    assert made.notes == ("models/tiny: openai gpt-test at https://api.openai.com/v1, not deterministic",)
    assert made.get(head, replace(model, model="other")) is not engine
    assert not made.stopped_short


def test_a_server_without_an_endpoint_is_refused_with_the_way_out(tmp_path: Path) -> None:
    hosted = HOSTED.replace("engine: openai", "engine: openai-compatible")
    head = arm(write(tmp_path, {"prompts/models/tiny.model.yaml": hosted}))
    model = head.live.render("words/shout", {"word": "x"}).model
    with pytest.raises(
        Usage, match=r"ENG021 engine openai-compatible has no endpoint\. Write engines: \{openai"
    ):
        Engines(tmp_path / "weights", environment={}).get(head, model)


@pytest.mark.parametrize(
    ("asked", "written", "cap"), [(None, None, None), (None, 2.0, 2.0), (0.5, 2.0, 0.5), (0.0, 2.0, 0.0)]
)
def test_the_cap_is_that_of_the_run_else_that_of_the_settings(
    tmp_path: Path, asked: float | None, written: float | None, cap: float | None
) -> None:
    head = arm(write(tmp_path, {"prompts/models/tiny.model.yaml": HOSTED}))
    settings = Settings(policy=PolicySettings(max_cost_per_run_usd=written))
    made = Engines(tmp_path, EngineOptions(max_cost_usd=asked), settings=settings, environment={})
    made.get(head, head.live.render("words/shout", {"word": "x"}).model)
    assert made.cap == cap


def test_a_broken_base_is_told_apart_from_a_broken_head(tmp_path: Path) -> None:
    prompt = FILES["prompts/words/shout.prompt.yaml"].replace("models/tiny", "models/gone")
    held = catalog(write(tmp_path, {"prompts/words/shout.prompt.yaml": prompt}))
    with pytest.raises(Refused, match=r"EVL003 the base cannot be built .REF001"):
        build("base", held, ())
    with pytest.raises(NotClean, match="REF001"):
        build("head", held, ())


def test_the_base_takes_over_what_did_not_change(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    compiled = head.live.get("words/shout")
    base = build("base", catalog(tmp_path), (), like=head)
    assert base.live.get("words/shout") is compiled


def test_the_one_encoder_of_a_registry_compares_meanings_and_two_are_refused(tmp_path: Path) -> None:
    tiny("bert", tmp_path / "prompts" / "models")
    encoder = "promptyard: 1\nengine: ctranslate2\nmodel: bert\nkind: encoder\nweights: {path: bert}\n"
    without = arm(write(tmp_path))
    made = Engines(tmp_path / "weights", EngineOptions(device="cpu"))
    assert made.encoder(without) is None
    head = arm(write(tmp_path, {"prompts/models/bert.model.yaml": encoder + "contextTokens: 64\n"}))
    held = made.encoder(head)
    assert held is not None
    assert made.encoder(head) is held
    assert len(held.embed(["a card"])[0]) == 16
    assert held.note in made.notes
    made.close()
    assert held._fleet.running == ()
    both = arm(write(tmp_path, {"prompts/models/other.model.yaml": encoder}))
    with pytest.raises(
        Usage, match=r"ENG013 similar needs one encoder, and there are models/bert, models/other"
    ):
        made.encoder(both)
