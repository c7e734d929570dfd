"""A judge on loopback that speaks OpenAI's wire format and decides by a function of what it is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from support.providers import Answer, Seen, last_words, openai_answer

_TEXT = re.compile(r"<<<([A-Z]+) ([0-9a-f]{12})\n(.*?)\n\1 \2>>>", re.DOTALL)
JUDGE = "judge-test"


def texts_of(body: Any) -> Mapping[str, str]:
    """The texts between the marks of a judging prompt, by their names in small letters."""
    told = "\n".join(str(message["content"]) for message in body["messages"])
    return {name.lower(): text for name, _, text in _TEXT.findall(told)}


def task_of(body: Any) -> str:
    """The first words of the last wording of the task."""
    return str(next(m["content"] for m in body["messages"] if m["role"] == "user"))


def deciding(
    decide: Callable[[Mapping[str, str], Any], str], *, word: bool = False
) -> Callable[[Seen], Answer]:
    """A server that answers as the judge where its model is asked, and in capitals otherwise.

    The verdict comes as the object that structured output gives, or as a bare word.
    """

    def say(seen: Seen) -> Answer:
        if seen.body["model"] != JUDGE:
            return Answer(openai_answer(last_words("openai", seen.body).upper()))
        verdict = decide(texts_of(seen.body), seen.body)
        return Answer(openai_answer(verdict if word else json.dumps({"verdict": verdict}), model=JUDGE))

    return say
