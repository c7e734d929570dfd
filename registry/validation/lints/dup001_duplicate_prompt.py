"""Two prompts of one text drift apart with the first edit, and only one of them is ever mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry.authoring.catalog import Catalog
from registry.authoring.sources.prompt import MessageSource, PlaceholderSource
from registry.diagnostics import Diagnostic, Place
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from serve.core.codec import to_json
from serve.core.digest import canonical, sha256
from serve.core.model import Json

CODE = "DUP001"
TITLE = "Duplicate prompt"
_QUESTION = """\
messages:
  - {role: system, content: You answer questions.}
  - {role: user, content: "{{ question }}"}
"""
_HEAD = """\
# reply.prompt.yaml
promptyard: 1
owner: support
model: models/chat
inputs:
  question: {type: string, maxLength: 500, trust: user}
"""
LESSON = Lesson(
    "warning",
    f"# answer.prompt.yaml\n{_QUESTION}{_HEAD}{_QUESTION}",
    f"# answer.prompt.yaml\n{_QUESTION}{_HEAD}{_QUESTION.replace('You answer questions', 'You write replies')}",
)


@dataclass(frozen=True, slots=True)
class Text:
    """The messages of one prompt, by their digest, and where they stand."""

    prompt: str
    sha256: str
    place: Place


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt whose messages are those of an earlier id."""
    yield from doubled(texts_of(subject.catalog))


def texts_of(catalog: Catalog) -> Iterator[Text]:
    """What each prompt of a catalog says."""
    for prompt_id, prompt in catalog.prompts.items():
        place = catalog.documents["prompt"][prompt_id].place("messages")
        yield Text(prompt_id, sha256(canonical([_message(item) for item in prompt.messages])), place)


def doubled(texts: Iterable[Text]) -> Iterator[Diagnostic]:
    """The findings for some prompts, by what each of them says."""
    alike: dict[str, list[Text]] = {}
    for text in texts:
        alike.setdefault(text.sha256, []).append(text)
    several = [text for same in alike.values() if len(same) > 1 for text in same]
    first: dict[str, str] = {}
    for text in sorted(several, key=lambda text: text.prompt):
        earlier = first.setdefault(text.sha256, text.prompt)
        if earlier != text.prompt:
            message = f"These are the messages of the prompt {earlier}."
            hint = f"Use {earlier} with a variant for what differs, or put the common text into a partial."
            yield Diagnostic(CODE, "warning", text.place, message, hint)


def _message(item: MessageSource | PlaceholderSource) -> Json:
    if isinstance(item, PlaceholderSource):
        return item.history
    content = item.content
    return [item.role, content.strip() if isinstance(content, str) else to_json(content)]
