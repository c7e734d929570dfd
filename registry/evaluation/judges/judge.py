"""One configured judge as a run asks it: a model of the registry behind the same port as every other.

A local model answers by the probabilities of the words it may choose from; a hosted one writes a word, held to that by
structured output where its provider has it.
It must never answer a question itself, nor keep an answer longer than the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from registry.evaluation.engines.port import Engine, Request
from registry.evaluation.judges.answers import output_of
from registry.evaluation.judges.prompts import PROMPTS_SHA256, again, messages, told_to, words_of
from registry.evaluation.judges.question import Question
from registry.evaluation.judges.standing import JudgeStanding
from registry.evaluation.records import Decode, JudgeConfig
from serve.core.codec import to_json
from serve.core.digest import digest
from serve.core.model import ChatMessage, Json, ModelConfig
from serve.core.payloads import Call

STRUCTURED = frozenset({"openai", "anthropic", "gemini", "bedrock"})
_LOCAL = "ctranslate2"
_MAX_TOKENS = 64
Render = Callable[[Mapping[str, str]], tuple[ChatMessage, ...]]


@dataclass(slots=True, eq=False)
class Judge:
    """A judge of one run.

    Attributes:
        config: how it is asked and what it is held against.
        model: the model entry that answers.
        engine: what asks that model.
        weights_sha256: of local weights; empty for a hosted model.
        prompt_sha256: of the prompt of the registry that is asked instead of the built-in ones; empty without.
        render: renders that prompt; None for the built-in ones.
        standing: once it was held against the labels.
    """

    config: JudgeConfig
    model: ModelConfig
    engine: Engine
    weights_sha256: str = ""
    prompt_sha256: str = ""
    render: Render | None = None
    standing: JudgeStanding | None = field(default=None)

    @property
    def digest(self) -> str:
        """What people agree to when they pin it: weights or model, parameters, judging prompt, votes."""
        model = [self.model.engine, self.model.model, to_json(self.model.parameters)]
        return digest([model, self.weights_sha256, self.prompt_sha256 or PROMPTS_SHA256, self.config.votes])

    def requests(self, question: Question, sample: int = 0) -> list[Request]:
        """One request for each vote on one sample; of each sample a judge that is not deterministic thinks anew.

        Raises:
            PromptyardError: where a prompt of the registry cannot be rendered for this question.
        """
        return [
            self._request(question, self._messages(question, vote), self._number(sample, vote))
            for vote in range(self.config.votes)
        ]

    def once_more(self, question: Question, sample: int, vote: int, said: str) -> Request:
        """The request after an answer that was no verdict."""
        asked = (*self._messages(question, vote), *again(question, said))
        return self._request(question, asked, self._number(sample, vote))

    def call(self, request: Request) -> Call:
        """The same as a request body is made of, for estimates."""
        return Call(request.messages, self.model, request.parameters, request.output)

    def _number(self, sample: int, vote: int) -> int:
        return sample * self.config.votes + vote

    def _messages(self, question: Question, vote: int) -> tuple[ChatMessage, ...]:
        if self.render is None:
            return messages(question, vote)
        return self.render({**question.texts, **told_to(question, vote)})

    def _request(self, question: Question, asked: tuple[ChatMessage, ...], number: int) -> Request:
        words = words_of(question)
        given: dict[str, Json] = dict(self.model.parameters)
        if self.model.engine == _LOCAL:
            given.pop("temperature", None)  # the likeliest word is wanted, with the shares of all
            return Request(asked, given, sample=number, decode=Decode("choice", words))
        output = output_of(words) if self.model.engine in STRUCTURED else None
        return Request(asked, {"maxTokens": _MAX_TOKENS, **given}, sample=number, output=output)
