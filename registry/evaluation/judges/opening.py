"""From how a suite asks for a judge to the judge, with the registry's own judging prompt where it names one.

It must never hand a prompt more than it declares: what a prompt does not ask for is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from registry.errors import Usage
from registry.evaluation.engines.port import Engine
from registry.evaluation.judges.judge import Judge, Render
from registry.evaluation.records import JudgeConfig, Suite
from serve.core.codec import to_json
from serve.core.digest import digest
from serve.core.live import Live
from serve.core.model import ChatMessage, ModelConfig


def judge_config(suite: Suite, name: str | None) -> JudgeConfig | None:
    """How a suite asks its judge, or the model of that name in its place; None where it asks none."""
    if name is None:
        return suite.judge
    if suite.judge is None:
        return JudgeConfig(name)
    pinned = suite.judge.pinned if name == suite.judge.model else None
    return replace(suite.judge, model=name, pinned=pinned)


def opened(live: Live, config: JudgeConfig, model: ModelConfig, engine: Engine, weights_sha256: str) -> Judge:
    """The judge, ready to be asked.

    Raises:
        Usage: EVL042 for a judging prompt that is not there.
    """
    if config.prompt is None:
        return Judge(config, model, engine, weights_sha256)
    if config.prompt not in live.prompts():
        what = f"the judging prompt {config.prompt} is not there"
        raise Usage("EVL042", what, "Correct judge.prompt, or leave it out for the built-in prompts.")
    prompt = live.prompt(config.prompt)
    prompt_sha256 = digest([to_json(prompt.messages), to_json(prompt.inputs)])
    return Judge(config, model, engine, weights_sha256, prompt_sha256, _renders(live, config.prompt))


def _renders(live: Live, name: str) -> Render:
    declared = live.prompt(name).inputs

    def render(texts: Mapping[str, str]) -> tuple[ChatMessage, ...]:
        return live.render(name, {key: text for key, text in texts.items() if key in declared}).messages

    return render
