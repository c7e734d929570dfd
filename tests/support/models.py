"""The shipped demo model for tests, and an engine that answers without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from registry.evaluation.engines.port import Prepared, Request
from registry.evaluation.engines.weights import digest_of
from registry.evaluation.records import Comparability, Completion
from serve.core.digest import digest
from serve.core.model import ChatMessage, ModelConfig, Weights

WEIGHTS = Path(__file__).parents[2] / "prompts" / "models" / "demo-triage"


def demo_config(**changes: object) -> ModelConfig:
    settings: dict[str, object] = {
        "id": "models/demo",
        "engine": "ctranslate2",
        "model": "demo",
        "context_tokens": 512,
        "weights": Weights(path="demo", sha256=digest_of(WEIGHTS)),
    }
    return ModelConfig(**(settings | changes))  # type: ignore[arg-type]


def ask(*texts: str, **parameters: object) -> list[Request]:
    system = ChatMessage(
        "system", "You route support tickets to a team. Teams: cards, transfers. Answer with one."
    )
    return [Request((system, ChatMessage("user", text)), {"maxTokens": 12, **parameters}) for text in texts]


@dataclass
class SpokenEngine:
    """Answers with a function of the last message; notes what it was asked."""

    say: Callable[[str], str | Completion] = str.upper
    name: str = "spoken"
    deterministic: bool = True
    note: str = "spoken: in this process"
    asked: list[str] = field(default_factory=list)
    closed: int = 0
    _texts: dict[str, str] = field(default_factory=dict)

    def comparability(self) -> Comparability:
        return Comparability(self.name, "exact", "none")

    def prepare(self, requests: Sequence[Request]) -> list[Prepared]:
        prepared = []
        for request in requests:
            sampled = request.parameters.get("temperature", 0) > 0
            texts = [message.text for message in request.messages]
            key = digest([self.name, texts, request.sample if sampled else 0])
            self._texts[key] = texts[-1]
            prepared.append(Prepared(key, tuple(texts), {"seed": request.sample} if sampled else {}))
        return prepared

    def complete(self, prepared: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        for index, item in reversed(list(enumerate(prepared))):
            self.asked.append(self._texts[item.key])
            said = self.say(self._texts[item.key])
            yield index, said if isinstance(said, Completion) else Completion(said, 3, 1, seconds=0.1)

    def close(self) -> None:
        self.closed += 1
