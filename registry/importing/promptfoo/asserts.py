"""The assertions of promptfoo as expectations of ours: the same names where we have them, told where we have not.

It must never weaken an assertion, and never drop one untold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import re2

from registry.authoring.resources import schema_text
from registry.importing.port import Note
from registry.importing.promptfoo.files import CODE, Files
from registry.importing.promptfoo.graders import GRADED_BY_MODEL, Graders
from serve.core.model import Json

_NOT = "not-"
_METRIC = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ._/-]{0,78}[A-Za-z0-9._/-])?")
_SHOWN = 3
Level = Literal["changed", "lost", "fault"]
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_TAG = re.compile(r"\{\{|\{%")
_LISTS = ("contains-all", "contains-any", "icontains-all", "icontains-any")
_JSON = ("is-json", "contains-json")
_TEXTS = ("contains", "icontains", "starts-with", "ends-with", "levenshtein")
_LEVENSHTEIN = 5  # promptfoo's own where an assertion names none
_JUDGED = re.compile(
    r"(llm-rubric|agent-rubric|search-rubric|model-graded-.*|factuality|g-eval|answer-relevance|context-.*|"
    r"conversation-relevance|select-best|max-score|pi|similar.*|classifier|moderation|trajectory:goal-success)$"
)
_CODE_TYPES = ("javascript", "python", "ruby", "webhook")
_QUOTED = r"(?P<{0}>\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*')"
_EQUALS = re.compile(rf"output\s*===?\s*{_QUOTED.format('text')}\s*\Z")
_INCLUDES = re.compile(
    rf"(?P<no>!)?\s*output(?P<low>\.toLowerCase\(\))?\.(?P<how>includes|startsWith|endsWith)\(\s*{_QUOTED.format('text')}\s*\)\s*\Z"
)
_FIELD = re.compile(
    r"(?P<root>JSON\.parse\(output\)|output)(?P<path>(?:\.[A-Za-z_]\w*|\[\d+\])+)\s*===?\s*(?P<value>\"[^\"\\]*\"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false|null)\s*\Z"
)
_WAYS = {"includes": "contains", "startsWith": "starts-with", "endsWith": "ends-with"}
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
        if kind not in known() or bare not in _READ:
            why = (
                "needs a model or a service as its judge" if _JUDGED.match(bare) else "is no expectation here"
            )
            self._lost(what, kind, why)
            return []
        value = self._value(item.get("value"), values, what, kind)
        if value is _MISSING:
            return []
        made, why = _READ[bare](value, item)
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
            return {"threshold": _whole(share, _LEVENSHTEIN)}
        if bare in _GRADED:
            return {"threshold": share} if given else {}
        if given and bare not in _AMOUNTS:
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
                _of_javascript(_filled(part, values), self.parsed)
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
_NOTHING = ("is-html", "contains-html", "is-refusal", "is-valid-tool-call")
_GRADED = (
    "rouge-n", "bleu", "gleu", "meteor", "similar", "similar:cosine", "similar:dot", "similar:euclidean",
    "tool-call-f1",
)  # fmt: skip
_FINISHES = ("stop", "length", "content_filter", "tool_calls")
_AMOUNTS = ("cost", "latency", "perplexity", "perplexity-score")
_MISSING: Json = object()
_Read = Callable[[Json, Mapping[str, Json]], tuple[Json, str]]


def _text(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, bool | int | float):
        value = json.dumps(value)
    if not isinstance(value, str) or not value:
        return None, "has no text to look for"
    return value, ""


def _equals(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if value is None:
        return None, "has no value to compare with"
    return (json.dumps(value), "") if isinstance(value, bool | int | float) else (value, "")


def _texts(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, str):
        value = [part.strip().strip('"') for part in re.findall(r'"(?:[^"\\]|\\.)*"|[^,]+', value)]
    if not isinstance(value, list):
        return None, "has no list to look for"
    texts = [json.dumps(item) if isinstance(item, bool | int | float) else item for item in value]
    texts = [item for item in texts if item not in ("", None)]
    if not texts or not all(isinstance(item, str) for item in texts):
        return None, "has no list of texts to look for"
    return texts, ""


def _regex(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if not isinstance(value, str) or not value:
        return None, "has no pattern"
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(value, options)
    except re2.error:
        return None, "has a pattern that RE2 does not have, such as a look-ahead"
    return value, ""


def _schema(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if value in (None, "", {}):
        return None, ""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None, "has a value that is no JSON Schema"
    if not isinstance(value, Mapping):
        return None, "has a value that is no JSON Schema"
    return dict(value), ""


def _count(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value, ""
    if isinstance(value, Mapping):
        bounds = {key: _whole(value[key], -1) for key in ("min", "max") if key in value}
        if bounds and all(bound >= 0 for bound in bounds.values()):
            return bounds, ""
    return None, "has no whole number of words"


def _nothing(_: Json, __: Mapping[str, Json]) -> tuple[Json, str]:
    return None, ""


def _elements(value: Json, item: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, Mapping):
        value = value.get("requiredElements")
    return (None, "") if value in (None, "", []) else _texts(value, item)


def _sql(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if value in (None, "", {}):
        return None, ""
    if not isinstance(value, Mapping) or value.keys() - {"databaseType", "allowedTables", "allowedColumns"}:
        return None, "names no database, tables or columns in the way that is read here"
    return dict(value), ""


def _references(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(each, str) and each for each in listed):
        return None, "has no text to compare with"
    return value, ""


def _finish(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    return (value, "") if value in _FINISHES else (None, f"is none of {', '.join(_FINISHES)}")


def _amount(_: Json, item: Mapping[str, Json]) -> tuple[Json, str]:
    bound = item.get("threshold")
    if not isinstance(bound, int | float) or isinstance(bound, bool) or bound <= 0:
        return None, "has no threshold above 0"
    return bound, ""


_READ: Mapping[str, _Read] = {
    **dict.fromkeys(_NOTHING, _nothing),
    **dict.fromkeys(_GRADED, _references),
    **dict.fromkeys(_AMOUNTS, _amount),
    **dict.fromkeys(("is-xml", "contains-xml"), _elements),
    **dict.fromkeys(("is-sql", "contains-sql"), _sql),
    "finish-reason": _finish,
    "equals": _equals,
    "regex": _regex,
    "word-count": _count,
    **dict.fromkeys(_LISTS, _texts),
    **dict.fromkeys(_JSON, _schema),
    **dict.fromkeys(_TEXTS, _text),
}


def _whole(value: Json, otherwise: int) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and value >= 0 else otherwise


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


def _of_javascript(source: str, parsed: bool) -> dict[str, Json] | None:
    """The expectation that one comparison in JavaScript is, where it is exactly that."""
    code = re.sub(r"\A\s*return\s+", "", source).strip()
    if found := _EQUALS.match(code):
        return {"equals": _unquoted(found["text"])}
    found = _FIELD.match(code)
    if found and (parsed or found["root"] != "output"):
        written = found["value"]
        value = written[1:-1] if written[:1] in "\"'" else json.loads(written)
        return {"json": {"path": f"${found['path']}", "equals": value}}
    found = _INCLUDES.match(code)
    text = _unquoted(found["text"]) if found else ""
    if found is None or not text:
        return None
    way = _WAYS[found["how"]]
    if found["low"]:
        if way != "contains" or text != text.lower():
            return None
        way = "icontains"
    return {f"{_NOT if found['no'] else ''}{way}": text}


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text[1:-1])
