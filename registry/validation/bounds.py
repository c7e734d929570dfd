"""How many tokens a prompt has at least and at most, before anybody has rendered it.

At least: the text that is there whatever the inputs are. At most: that and the greatest inputs the schemas allow.
It must never count the turns of a history: how long a conversation gets is not written in any file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from registry.authoring.sources.model import ModelSource
from registry.authoring.sources.prompt import MessageSource, PromptSource
from registry.validation.subject import Subject, Template
from registry.validation.syntax_tree import parsed
from registry.validation.tokens import Count, estimated_tokens, tokenizer_count

_CHARACTERS = 4.0  # for a token: what prose has with the vocabularies of hosted models
_SAMPLE = 200  # characters of a prompt's own text from which its model's density is read
_EACH_MESSAGE = 4


@dataclass(frozen=True, slots=True)
class Bounds:
    """The size of a prompt, or of a variant of it (``arm``), in tokens of its model.

    Attributes:
        least: tokens of what is always there: fixed text, tools, the schema of the answer.
        most: with the greatest inputs allowed, about; None where an input has no bound.
        answer: the longest answer, 0 where nobody set one.
    """

    arm: str
    model: str
    least: int
    most: int | None
    answer: int


def bounds_of(subject: Subject, prompt_id: str, estimate: Count = estimated_tokens) -> Iterator[Bounds]:
    """The bounds of a prompt and of each variant whose model is there.

    Args:
        subject: what holds the prompt.
        prompt_id: its id.
        estimate: how tokens are counted where the model's tokenizer is not at hand; a greater count gives greater
            bounds.
    """
    prompt = subject.catalog.prompts[prompt_id]
    for arm in ("", *prompt.variants):
        variant = prompt.variants.get(arm)
        name = (variant.model if variant else None) or prompt.model
        model = subject.catalog.models.get(name)
        if model is None:
            continue
        own = variant.model_parameters if variant else {}
        longest = {**model.parameters, **prompt.model_parameters, **own}.get("maxTokens")
        answer = longest if isinstance(longest, int) else 0
        exact = _exact_count(subject, name, model)
        count = exact or estimate
        templates = list(_templates(subject, prompt_id, prompt, arm))
        declared = sum(map(count, _declared(subject, prompt))) + _EACH_MESSAGE * len(prompt.messages)
        fixed = "\n".join(_fixed_text(template) for template in templates)
        least = count(fixed) + declared
        yield Bounds(arm, name, least, _most(templates, fixed, least, exact), answer)


def _exact_count(subject: Subject, name: str, model: ModelSource) -> Count | None:
    path = subject.document("model", name).path
    return tokenizer_count(subject.catalog.tree, path, model.weights)


def _most(templates: list[Template], fixed: str, least: int, exact: Count | None) -> int | None:
    sizes = [template.examination.bound for template in templates]
    if any(size is None for size in sizes):
        return None
    characters = sum(size for size in sizes if size is not None) - len(fixed)
    density = _CHARACTERS
    if exact is not None and len(fixed) >= _SAMPLE:
        density = len(fixed) / exact(fixed)
    return least + max(0, round(characters / density))


def _templates(subject: Subject, prompt_id: str, prompt: PromptSource, arm: str) -> Iterator[Template]:
    """What an arm renders: the prompt's own messages, those that it writes itself in their place."""
    variant = prompt.variants.get(arm)
    replaced = variant.messages.keys() if variant else set()
    indexes = {
        index
        for index, item in enumerate(prompt.messages)
        if isinstance(item, MessageSource) and item.id in replaced
    }
    for template in subject.of(prompt_id):
        site = template.site
        if site.arm == arm if site.arm or arm == "" else site.steps[1] not in indexes:
            yield template


def _declared(subject: Subject, prompt: PromptSource) -> Iterator[str]:
    for name in prompt.tools:
        tool = subject.catalog.tools.get(name)
        if tool is not None:
            yield f"{tool.name} {tool.description} {json.dumps(tool.parameters, ensure_ascii=False)}"
    if prompt.output is not None:
        yield json.dumps(prompt.output.schema, ensure_ascii=False)


def _fixed_text(template: Template) -> str:
    """The text outside of every condition and loop."""
    try:
        body = parsed(template.expanded.text).body
    except (TemplateSyntaxError, RecursionError, ValueError):
        return ""
    printed = (node for output in body if isinstance(output, nodes.Output) for node in output.nodes)
    return "".join(node.data for node in printed if isinstance(node, nodes.TemplateData))
