"""The assertions of promptfoo as expectations of ours: the same names where we have them, told where we have not.

It must never weaken an assertion, and never drop one untold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from registry.authoring.resources import schema_text
from registry.importing.port import Level, Note
from registry.importing.promptfoo.files import CODE, Files
from registry.importing.promptfoo.graders import GRADED_BY_MODEL, Graders
from registry.importing.promptfoo.javascript import expectation_of
from registry.importing.promptfoo.operands import AMOUNTS, GRADED, READ, whole_number
from serve.core.model import Json

_NOT = "not-"
_METRIC = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ._/-]{0,78}[A-Za-z0-9._/-])?")
_SHOWN = 3
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_TAG = re.compile(r"\{\{|\{%")
_LEVENSHTEIN = 5  # promptfoo's own where an assertion names none
_JUDGED = re.compile(
    r"(llm-rubric|agent-rubric|search-rubric|model-graded-.*|factuality|g-eval|answer-relevance|context-.*|"
    r"conversation-relevance|select-best|max-score|pi|similar.*|classifier|moderation|trajectory:goal-success)$"
)
_CODE_TYPES = ("javascript", "python", "ruby", "webhook")
_IGNORED = frozenset(("type", "value", "weight", "threshold", "assert", "provider", "rubricPrompt", "metric"))


@cache
def known() -> frozenset[str]:
    """The names of all expectations that a suite here can hold."""
    suite = json.loads(schema_text("suite.schema.json"))
    return frozenset(suite["definitions"]["expectation"]["properties"]) - _OPTIONS


@dataclass(slots=True)
class Asserts:
    """Turns assertions into expectations; ``dropped`` counts what could not come along.

    ``parsed`` tells that promptfoo's ``output`` is the JSON value of an answer, not its text.
    """

    files: Files
    parsed: bool = False
    dropped: int = 0
    graders: Graders = field(init=False)
    _told: dict[tuple[Level, str, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graders = Graders(self.files)

    def notes(self) -> Iterator[Note]:
        """One note for each thing that happened to assertions, with the cases that it happened in."""
        for (level, what, why), cases in self._told.items():
            shown = f"{', '.join(cases[:_SHOWN])}{f' and {len(cases) - _SHOWN} more' if len(cases) > _SHOWN else ''}"
            yield Note(level, what, f"{why} (in {shown})")

    def expectations(
        self, items: Json, values: Mapping[str, Json], what: str, grader: Json = None
    ) -> list[dict[str, Json]]:
        """The expectations of a list of assertions, its ``{{variables}}`` replaced by a case's values.

        ``grader`` is the provider that a case is graded by where an assertion names none.
        """
        if items is None:
            return []
        if not isinstance(items, list):
            items = [items]
        graded = [
            {"provider": grader, **item} if grader and isinstance(item, Mapping) else item for item in items
        ]
        return [made for item in graded for made in self._one(item, values, what)]

    def _lost(self, what: str, kind: str, why: str) -> None:
        self.dropped += 1
        self._tell("lost", f"assertion {kind}", why, what)

    def _tell(self, level: Level, what: str, why: str, case: str) -> None:
        cases = self._told.setdefault((level, what, why), [])
        if case not in cases:
            cases.append(case)

    def _one(self, item: Json, values: Mapping[str, Json], what: str) -> Iterator[dict[str, Json]]:
        kind = item.get("type") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(kind, str):
            self.dropped += 1
            self._tell("fault", "assertion", "has no type", what)
            return
        bare = kind.removeprefix(_NOT)
        if bare in _TOOL_CALLS:
            self._tell("changed", f"assertion {kind}", "is is-valid-tool-call here", what)
            kind = kind.replace(bare, "is-valid-tool-call")
        if item.get("transform") is not None or item.get("contextTransform") is not None:
            self._lost(what, kind, "looks at the answer after a transform, which is code")
            return
        if item.get("weight") == 0:
            self._lost(what, kind, "has weight 0, so that it only measures")
            return
        for key in sorted(item.keys() - _IGNORED):
            if item[key] not in (None, "", [], {}):
                self._tell("lost", f"assertion {kind}: {key}", "expectations have no such key", what)
        for made in self._made(kind, item, values, what):
            weight = item.get("weight")
            if isinstance(weight, int | float) and weight not in (1, True):
                made["weight"] = weight
            yield made | self._metric(item, kind, what)

    def _metric(self, item: Mapping[str, Json], kind: str, what: str) -> dict[str, Json]:
        name = item.get("metric")
        if not isinstance(name, str) or not name.strip():
            return {}
        if not _METRIC.fullmatch(name):
            self._tell("lost", f"assertion {kind}: metric", f"{name!r} is no name for a metric here", what)
            return {}
        return {"metric": name}

    def _made(
        self, kind: str, item: Mapping[str, Json], values: Mapping[str, Json], what: str
    ) -> list[dict[str, Json]]:
        bare = kind.removeprefix(_NOT)
        if bare == "assert-set":
            return self._set(item, values, what)
        if bare in _CODE_TYPES:
            return self._code(kind, item, values, what)
        if bare in GRADED_BY_MODEL:
            return self._graded(kind, item, values, what)
        if kind not in known() or bare not in READ:
            why = (
                "needs a model or a service as its judge" if _JUDGED.match(bare) else "is no expectation here"
            )
            self._lost(what, kind, why)
            return []
        value = self._value(item.get("value"), values, what, kind)
        if value is _MISSING:
            return []
        made, why = READ[bare](value, item)
        if isinstance(value, str) and isinstance(made, list):
            self._tell("changed", f"assertion {kind}", f"its text is the list {json.dumps(made)}", what)
        if why:
            self._lost(what, kind, why)
            return []
        return [{kind: made, **self._threshold(bare, item, what)}]

    def _graded(
        self, kind: str, item: Mapping[str, Json], values: Mapping[str, Json], what: str
    ) -> list[dict[str, Json]]:
        """What a model grades, with the judge that the config names for it."""
        value = self._value(item.get("value"), values, what, kind)
        if value is _MISSING:
            return []
        listed = value if isinstance(value, list) and kind.endswith("g-eval") else [value]
        if not listed or not all(isinstance(each, str) and each.strip() for each in listed):
            self._lost(what, kind, "has no text to grade by")
            return []
        judge = self.graders.judge(item["provider"]) if item.get("provider") else None
        if judge is None:
            why = (
                "needs a judge: name the model that grades in defaultTest.options.provider, and import again"
            )
            self._lost(what, kind, why)
            return []
        if item.get("rubricPrompt"):
            self._tell(
                "lost", f"assertion {kind}: rubricPrompt", "judges here have questions of their own", what
            )
        share = item.get("threshold")
        is_share = isinstance(share, int | float) and not isinstance(share, bool) and 0 < share <= 1
        return [{kind: value, "judge": judge, **({"threshold": share} if is_share else {})}]

    def _threshold(self, bare: str, item: Mapping[str, Json], what: str) -> dict[str, Json]:
        share = item.get("threshold")
        given = isinstance(share, int | float)
        if bare == "levenshtein":
            if share is None:
                why = f"its threshold is {_LEVENSHTEIN}, promptfoo's own"
                self._tell("changed", "assertion levenshtein", why, what)
            return {"threshold": whole_number(share, _LEVENSHTEIN)}
        if bare in GRADED:
            return {"threshold": share} if given else {}
        if given and bare not in AMOUNTS:
            why = "it holds or it does not, without a share"
            self._tell("lost", f"assertion {bare}: threshold", why, what)
        return {}

    def _set(self, item: Mapping[str, Json], values: Mapping[str, Json], what: str) -> list[dict[str, Json]]:
        before = self.dropped
        inside = self.expectations(item.get("assert"), values, what, item.get("provider"))
        if not inside:
            return []
        if self.dropped > before and isinstance(item.get("threshold"), int | float):
            self._lost(what, "assert-set", "counts shares of assertions that are not all here")
            return []
        made: dict[str, Json] = {"assert-set": inside}
        share = item.get("threshold")
        if isinstance(share, int | float) and 0 < share <= 1:
            made["threshold"] = share
        return [made]

    def _code(
        self, kind: str, item: Mapping[str, Json], values: Mapping[str, Json], what: str
    ) -> list[dict[str, Json]]:
        """JavaScript that says no more than an expectation does; any other code is told."""
        source = item.get("value")
        if (
            kind == "javascript"
            and isinstance(source, str)
            and not isinstance(item.get("threshold"), int | float)
        ):
            parts = [
                expectation_of(_filled(part, values), self.parsed)
                for part in source.strip().rstrip(";").split("&&")
            ]
            if all(part is not None for part in parts):
                why = f"{source.strip()} is {json.dumps(parts, ensure_ascii=False)}"
                self._tell("changed", "assertion javascript", why, what)
                return [part for part in parts if part is not None]
        self._lost(what, kind, "is code, which is not run")
        return []

    def _value(self, value: Json, values: Mapping[str, Json], what: str, kind: str) -> Json:
        if isinstance(value, str) and value.startswith("file://"):
            if value.removeprefix("file://").split(":")[0].endswith(CODE):
                self._lost(what, kind, "has a value made by code, which is not run")
                return _MISSING
            is_data = value.endswith((".json", ".yaml", ".yml"))
            read = self.files.value(value, what) if is_data else self.files.text(value, what)
            if read is None:
                self.dropped += 1
                return _MISSING
            return read.strip() if isinstance(read, str) else read
        filled = _deep(value, values)
        if _has_tag(filled):
            self._lost(what, kind, "has a value made by a template")
            return _MISSING
        return filled


_OPTIONS = frozenset(("weight", "threshold", "required", "transform", "judge", "metric"))
_TOOL_CALLS = ("is-valid-openai-tools-call", "is-valid-openai-function-call", "is-valid-function-call")
_MISSING: Json = object()


def _filled(text: str, values: Mapping[str, Json]) -> str:
    """A text with each ``{{name}}`` that is a variable of the case in place."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if found[1] not in values or isinstance(value, Mapping | list):
            return found[0]
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    return _VARIABLE.sub(put, text)


def _deep(value: Json, values: Mapping[str, Json]) -> Json:
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value.strip())
        if whole and isinstance(values.get(whole[1]), list | Mapping):
            return values[whole[1]]
        return _filled(value, values)
    if isinstance(value, list):
        return [_deep(item, values) for item in value]
    if isinstance(value, Mapping):
        return {key: _deep(item, values) for key, item in value.items()}
    return value


def _has_tag(value: Json) -> bool:
    if isinstance(value, str):
        return bool(_TAG.search(value))
    inside = value if isinstance(value, list) else value.values() if isinstance(value, Mapping) else ()
    return any(map(_has_tag, inside))
