"""What a judge is asked, and what it said: values that checks, prompts and the run share.

It must never know a model: a question is the same for every judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from serve.core.digest import digest

Task = Literal["meets", "facts", "grade", "answers", "supported", "needed", "better", "choose"]


@dataclass(frozen=True)
class Question:
    """One thing that a judge is asked: the task, and the texts that it is about by their names.

    ``words`` are those to choose from where the task itself has none.
    """

    task: Task
    texts: Mapping[str, str]
    words: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        """Its content address."""
        return digest([self.task, dict(self.texts), *([self.words] if self.words else ())])


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a judge said to one question: for each vote the share of each word, which sum to 1.

    A judge that writes its word gives that one the whole share. With an ``error`` there is no vote that counts.
    """

    votes: tuple[Mapping[str, float], ...]
    error: str | None = None

    def share(self, *words: str) -> float:
        """The mean share of some words together, over all votes."""
        return sum(vote.get(word, 0.0) for vote in self.votes for word in words) / len(self.votes)

    def mean(self, worth: Mapping[str, float]) -> float:
        """The mean worth of the words, weighted by their shares."""
        return sum(share * worth[word] for vote in self.votes for word, share in vote.items()) / len(
            self.votes
        )

    def count(self, *words: str) -> int:
        """How many votes went to one of some words; of equal shares the first word has it."""
        return sum(max(vote, key=lambda word: vote[word]) in words for vote in self.votes)

    @property
    def word(self) -> str:
        """The word with the greatest share over all votes."""
        words = dict.fromkeys(word for vote in self.votes for word in vote)
        return max(words, key=self.share)
