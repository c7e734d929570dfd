from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from support.content import FILES, TRIAGE, catalog, write

from registry.rendering.estimate import estimate
from registry.rendering.preview import live_of
from registry.validation.bounds import bounds_of
from registry.validation.subject import subject_of

WEIGHTS = Path(__file__).parents[3] / "prompts/models/demo-triage"
PROMPT = "prompts/support/triage.prompt.yaml"
MODEL = "prompts/models/chat.model.yaml"


def bounds(root, text=TRIAGE, **files):
    held = catalog(write(root, FILES, **{PROMPT: text, **files}))
    return {found.arm: found for found in bounds_of(subject_of(held, date(2026, 11, 21)), "support/triage")}


def test_a_prompt_lies_between_its_bounds(tmp_path):
    found = bounds(tmp_path)[""]
    live = live_of(catalog(tmp_path))
    least = estimate(live.render("support/triage", {"teams": [], "ticket": ""})).prompt_tokens
    prose = "We have asked the shop for the receipt, and we will answer you in writing within eight weeks. "
    greatest = {"teams": ["transfers between your own accounts"] * 20, "ticket": (prose * 90)[:8000]}
    most = estimate(live.render("support/triage", greatest)).prompt_tokens
    assert abs(found.least - least) <= 5
    assert found.most is not None
    assert 0.75 * found.most <= most <= found.most
    assert found.answer == 50


def test_a_variant_has_its_own_messages_in_place_of_those_it_replaces(tmp_path):
    found = bounds(tmp_path)
    assert found.keys() == {"", "short"}
    assert found["short"].least < found[""].least
    assert found["short"].most is not None


def test_text_in_a_condition_is_not_always_there(tmp_path):
    long = "word " * 200
    plain, conditional = (
        TRIAGE.replace("You route tickets.", text) for text in (long, f"{{% if ticket %}}{long}{{% endif %}}")
    )
    assert bounds(tmp_path / "plain", plain)[""].least > 200
    maybe = bounds(tmp_path / "maybe", conditional)[""]
    assert maybe.least < 50
    assert maybe.most is not None
    assert maybe.most > 2000 + 200


def test_an_input_without_a_bound_leaves_the_most_open(tmp_path):
    assert bounds(tmp_path, TRIAGE.replace("maxLength: 8000, ", ""))[""].most is None


def test_tools_and_the_schema_of_the_answer_are_always_there(tmp_path):
    tool = "promptyard: 1\nname: lookup\ndescription: Looks an account up.\nparameters: {type: object}\n"
    more = (
        TRIAGE
        + "tools: [tools/lookup]\noutput: {schema: {type: object, properties: {team: {type: string}}}}\n"
    )
    with_both = bounds(tmp_path / "more", more, **{"prompts/tools/lookup.tool.yaml": tool})[""]
    assert with_both.least >= bounds(tmp_path / "plain")[""].least + 25


def test_a_model_that_is_not_there_has_no_bounds(tmp_path):
    assert bounds(tmp_path, TRIAGE.replace("models/chat", "models/none")) == {}


def test_a_local_models_own_tokenizer_counts(tmp_path):
    shutil.copytree(WEIGHTS, tmp_path / "prompts/models/tiny")
    local = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\n"
    chinese = TRIAGE.replace("You route tickets.", "请把工单分给一个团队。" * 20)
    hosted = bounds(tmp_path, chinese)[""].least
    assert bounds(tmp_path, chinese, **{MODEL: local})[""].least > 2 * hosted
