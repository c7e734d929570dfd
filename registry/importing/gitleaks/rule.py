"""One rule of gitleaks as one of ours, with tests of its own, proved on the engine that serves.

It must never carry a rule over that does not find what it is made for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import re2

from registry.importing.gitleaks.bounds import bounded
from registry.importing.gitleaks.grammar import Choice, Line, Part, Times, taken_apart
from registry.importing.gitleaks.samples import samples
from registry.importing.port import Level, Note
from registry.validation.secret import secrets_in
from serve.core.errors import BundleRefused
from serve.core.guard.checks.table import streaming_of
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import Action, GuardrailSet, Json, Rule

_WIDE = 0xFEE0  # from ASCII to full width: a made-up key must not look like a key to those who search files for keys
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_END = r"""(?:[\x60'"\s;]|\\[nr]|$)"""  # as gitleaks writes it, for source code
_PROSE_END = r"""(?:[\x60'"\s;,!?)\]}<>|&]|\.(?:\s|$)|\\[nr]|$)"""
_NAMED = r"[\w.-]{0,50}?"  # what stands before a secret that only its name gives away
_NAMED_END = _END.replace(";]", ";<&]")
_PLACEHOLDER = (
    r"(?i)^[\"']?(?:change.?(?:me|it|this)|your[_-][\w-]*|(?:placeholder|example|dummy|redacted)\w{0,12}"
    r"|todo|x+|\*+|\.+)[\"']?$"
)
_PROBES = ("$1", "${1}", "{{ a }}", "${{ env.A }}", "%s", "{0}", "/Users/ab/cd", "/etc/abc")
_WRAPPED = (
    ("$", ""),
    ("${", "}"),
    ("%", "%"),
    ("@", "@"),
    ("", ""),
    ("true", ""),
    ("", "null"),
    ("a", "false"),
)
_SIZES = range(1, 101)


@dataclass(frozen=True, slots=True)
class Shared:
    """What holds for every rule of a file: its allow-list, and where it came from."""

    allow: tuple[str, ...] = ()
    stopwords: tuple[str, ...] = ()
    source: Mapping[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Taken:
    """A rule of ours as plain data, None where it could not be taken over, and what is to be said of it."""

    data: dict[str, Json] | None = None
    notes: list[Note] = field(default_factory=list)

    def say(self, level: Level, name: str, why: str) -> None:
        """Note one thing."""
        self.notes.append(Note(level, f"rule {name}", why))


def take(raw: Mapping[str, Json], shared: Shared) -> Taken:
    """One entry of ``[[rules]]``."""
    taken, name = Taken(), str(raw.get("id", "without an id"))
    regex = raw.get("regex")
    if not isinstance(regex, str):
        taken.say("lost", name, "looks at names of files alone; a text has none")
        return taken
    if "path" in raw:
        taken.say("changed", name, "looked into some files only; here it looks at every text")
    detect = _detect(raw, regex, taken, name)
    if "path" in raw:  # a file of that kind holds no placeholders, any text may
        detect["allow"] = [*detect.get("allow", []), _PLACEHOLDER]
    rule_id = "secret." + (_NOT_A_NAME.sub("-", name.lower()).strip("-") or "unnamed")
    try:
        made = _sampled(rule_id, regex, detect)
        if made is None and (words := detect.pop("keywords", None)):
            taken.say("changed", name, f"asked for {words[0]} anywhere in a file; here it is not asked for")
            made = _sampled(rule_id, regex, detect)
    except BundleRefused as refused:
        taken.say("lost", name, f"cannot be used: {refused.what.partition(': ')[2]}")
        return taken
    if made is None:
        taken.say("lost", name, "no text could be made up that it finds, so nothing would prove it")
        return taken
    hit, span = made
    _share(detect, shared, hit, span)
    title = str(raw.get("description", "")).strip().rstrip(".") or name
    taken.data = {
        "id": rule_id,
        "title": title,
        "kind": "pattern",
        "severity": "high",
        "tags": ["owasp-llm02"],
    }
    if shared.source:
        taken.data["source"] = dict(shared.source)
    taken.data |= {"detect": detect, "action": {"redact": {"with": "[SECRET]"}}}
    taken.data["tests"] = [
        {"text": _masked(hit, span), "expect": "hit"},
        _passing(rule_id, detect, hit, span),
    ]
    return taken


def _detect(raw: Mapping[str, Json], regex: str, taken: Taken, name: str) -> dict[str, Json]:
    ended = _ended(regex)
    if ended != regex:
        taken.say("changed", name, "what it finds may also end before the punctuation of prose")
    whole = ended if raw.get("secretGroup") else _without_rounds(ended)
    if whole != ended:
        taken.say(
            "changed", name, "the secret is the whole match, not the last round of a group that repeats"
        )
    pattern = bounded(whole)
    if pattern != whole:
        taken.say("changed", name, "its repetitions have a bound now, so that a stream can be guarded")
    detect: dict[str, Json] = {"any": [_disarmed(pattern)]}
    if raw.get("keywords"):
        detect["keywords"] = [str(word).lower() for word in raw["keywords"]]
    if raw.get("secretGroup"):
        detect["group"] = raw["secretGroup"]
    if raw.get("entropy"):
        detect["entropy"] = raw["entropy"]
    for listed in [*raw.get("allowlists", []), *([raw["allowlist"]] if "allowlist" in raw else [])]:
        _allow(detect, listed, taken, name)
    return detect


def _ended(regex: str) -> str:
    """The pattern with more ends.

    A token that its own head gives away may stand in a sentence, in brackets or in a tag; one that its name
    gives away in an element or in a query.
    """
    if regex.startswith(("\\b(", "(?i)\\b(")) and regex.endswith(_END):
        return regex.removesuffix(_END) + _PROSE_END
    return regex.replace(_END, _NAMED_END) if _NAMED in regex else regex


def _without_rounds(regex: str) -> str:
    """The pattern whose repeated groups capture nothing: such a group holds its last round, which is no secret."""
    for times in sorted(_repeated(taken_apart(regex)), key=lambda times: -times.start):
        if regex[times.start] == "(" and regex[times.start + 1] != "?":
            regex = f"{regex[: times.start]}(?:{regex[times.start + 1 :]}"
    return regex


def _repeated(part: Part) -> Iterator[Times]:
    if isinstance(part, Times):
        if part.most != 1:
            yield part
        yield from _repeated(part.part)
    elif isinstance(part, Line | Choice):
        for inner in part.parts:
            yield from _repeated(inner)


def _allow(detect: dict[str, Json], listed: Mapping[str, Json], taken: Taken, name: str) -> None:
    """Any of an allow-list's conditions lets a match through; with ``AND`` all must hold, the path too."""
    kinds = [key for key in ("regexes", "stopwords", "paths", "commits") if listed.get(key)]
    if str(listed.get("condition", "OR")).upper() in ("AND", "&&") and len(kinds) > 1:
        taken.say("lost", name, "an allow-list that asks for several things at once, such as a path")
        return
    if any(key in kinds for key in ("paths", "commits")):
        taken.say("lost", name, "an allow-list of paths or commits; a text has neither")
    target = {"match": "allowMatch", "line": "allowLine"}.get(str(listed.get("regexTarget", "")), "allow")
    for pattern in listed.get("regexes", []):
        detect.setdefault(target, []).append(_disarmed(pattern))
    for word in listed.get("stopwords", []):
        detect.setdefault("stopwords", []).append(word)


def _disarmed(pattern: str) -> str:
    """The same pattern, written so that a search for keys does not take it for a key."""
    for found in reversed(secrets_in(pattern)):
        place = next((at for at in range(found.start + 2, found.end) if pattern[at].isalpha()), None)
        if place is not None:
            pattern = f"{pattern[:place]}[{pattern[place]}]{pattern[place + 1 :]}"
    return pattern


def _guard(rule_id: str, detect: Mapping[str, Json]) -> Guard:
    rule = Rule(rule_id, "pattern", "high", Action("redact"), detect, ("input",))
    return compile_guard([GuardrailSet("import", (streaming_of(rule, None),))])


def _sampled(rule_id: str, regex: str, detect: Mapping[str, Json]) -> tuple[str, tuple[int, int]] | None:
    guard = _guard(rule_id, detect)
    for text in samples(regex, rule_id):
        hits = guard.check(text, "input").hits
        if len(hits) == 1 and guard.check(_masked(text, (hits[0].start, hits[0].end)), "input").hits:
            return text, (hits[0].start, hits[0].end)
    return None


def _masked(text: str, span: tuple[int, int]) -> str:
    middle = span[0] + min(6, (span[1] - span[0]) // 2)
    for place in (*range(middle, span[1]), *range(len(text))):
        masked = f"{text[:place]}{_wide(text[place])}{text[place + 1 :]}"
        if text[place].isalnum() and not secrets_in(masked):
            return masked
    return "".join(map(_wide, text))


def _wide(sign: str) -> str:
    return chr(ord(sign) + _WIDE) if "!" <= sign <= "~" else sign


def _passing(rule_id: str, detect: Mapping[str, Json], hit: str, span: tuple[int, int]) -> dict[str, Json]:
    guard = _guard(rule_id, detect)
    word = detect.get("keywords", ["key"])[0]
    head = hit[: span[0]]
    for text in (
        f"{head}{'x' * (span[1] - span[0])}{hit[span[1] :]}",
        f"{head}...",
        f"See the manual on {word}.",
    ):
        if not guard.check(text, "input").hits:
            return {"text": text, "expect": "pass"}
    return {"text": "nothing to see here", "expect": "pass"}


def _share(detect: dict[str, Json], shared: Shared, hit: str, span: tuple[int, int]) -> None:
    """Give the rule what of the file's own allow-list can ever let through what the rule finds."""
    patterns = [re2.compile(pattern) for pattern in detect["any"]]

    def is_found(secret: str) -> bool:
        text = f"{hit[: span[0]]}{secret}{hit[span[1] :]}"
        wanted = (span[0], span[0] + len(secret))
        matches = filter(None, (pattern.search(text) for pattern in patterns))
        return any(wanted == one.span(group) for one in matches for group in range(one.re.groups + 1))

    found = [secret for secret in _secrets(hit[span[0] : span[1]]) if is_found(secret)]
    allow = [pattern for pattern in shared.allow if any(map(re2.compile(pattern).search, found))]
    if allow:
        detect["allow"] = [*detect.get("allow", []), *allow]
    words = [word for word in shared.stopwords if any(map(is_found, _padded(word)))]
    if words:
        detect["stopwords"] = [*detect.get("stopwords", []), *words]


def _secrets(secret: str) -> Iterator[str]:
    yield from _PROBES
    for size in (*_SIZES, len(secret)):
        for head, tail in _WRAPPED:
            for sign in ("a", "A", "1"):
                yield f"{head}{sign * size}{tail}"


def _padded(word: str) -> Sequence[str]:
    return [f"{word}{'a1' * 50}"[:size] for size in range(len(word), 101)]
