"""What a guard says about one text: hits, and the one action that follows from them.

The verdict is a pure function of text and findings, whatever the order of files or rules.
It must never hold matched text: a hit is a rule's name and a span of the caller's own text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from serve.core.guard.units import Unit, places_in
from serve.core.model import ActionKind, Json, Rule, Severity

Outcome = Literal["pass", "flag", "drop", "redact", "replace", "retry", "block"]

_STRENGTH: Mapping[str, int] = {
    name: place for place, name in enumerate(("pass", "flag", "drop", "redact", "replace", "retry", "block"))
}
_SEVERITY: Mapping[str, int] = {
    name: place for place, name in enumerate(("low", "medium", "high", "critical"))
}
_EDITS = frozenset({"drop", "redact", "replace"})
_REFUSALS = frozenset({"retry", "block"})


class Hit(NamedTuple):
    """One rule that applies. ``start`` and ``end`` count code points of the caller's text, end exclusive.

    ``failed`` says that the rule could not be evaluated and counts as a hit because its ``onError`` is
    closed; ``detail`` says what is wrong in the rule's own words, never in the text's.
    """

    rule: str
    set: str
    severity: Severity
    action: ActionKind
    start: int
    end: int
    mode: Literal["enforce", "shadow"] = "enforce"
    detail: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a text.

    Attributes:
        action: the strongest action of all enforced hits, or ``pass``.
        text: what may be shown or sent on: the text with every edit made, or the fallback of a refusal.
        hits: all hits, shadow ones too, by place, rule and set.
        rule: id of the rule that decided; empty when none did.
        options: that rule's own action options (``max``, ``hint``, ``then``, ``fallback``).
        errors: ids of the rules that could not be evaluated.
    """

    action: Outcome
    text: str
    hits: tuple[Hit, ...] = ()
    rule: str = ""
    options: Mapping[str, Json] = field(default_factory=dict)
    errors: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """True when the text may go on as it came."""
        return self.action in ("pass", "flag")

    @property
    def refused(self) -> bool:
        """True when nothing of the text may go on: it is blocked, or the model is to answer again."""
        return self.action in _REFUSALS

    def counted(self, text: str, unit: Unit) -> Verdict:
        """The verdict with the places of its hits counted in bytes of UTF-8 or units of UTF-16.

        ``text`` is the text that was checked.
        """
        places = places_in(text, (place for hit in self.hits for place in (hit.start, hit.end)), unit)
        hits = (hit._replace(start=places[hit.start], end=places[hit.end]) for hit in self.hits)
        return replace(self, hits=tuple(hits))


class Finding(NamedTuple):
    """A hit together with its rule, before anything is decided."""

    hit: Hit
    rule: Rule

    @property
    def enforced(self) -> bool:
        """False for a shadow rule, which may be counted and nothing else."""
        return self.hit.mode == "enforce"

    @property
    def edits(self) -> bool:
        """True when the finding changes the text in its own place."""
        return self.enforced and self.hit.action in _EDITS

    @property
    def refuses(self) -> bool:
        """True when the finding keeps the whole text back."""
        return self.enforced and self.hit.action in _REFUSALS

    @property
    def alters(self) -> bool:
        """True when the finding can have any effect on what is shown."""
        return self.edits or self.refuses


def settle(text: str, findings: Iterable[Finding], errors: Iterable[str] = ()) -> Verdict:
    """The verdict on a text: block > retry > replace > redact > drop > flag > pass.

    Ties go to the higher severity, then to the smaller rule id.
    """
    found = sorted(set_of(findings), key=_by_place)
    hits = tuple(finding.hit for finding in found)
    failed = tuple(sorted(set(errors)))
    enforced = [finding for finding in found if finding.enforced]
    if not enforced:
        return Verdict("pass", text, hits, errors=failed)
    leader = min(enforced, key=_by_strength)
    options = _with_details(leader, enforced)
    shown = str(options.get("fallback", "")) if leader.refuses else edited(text, enforced)
    return Verdict(leader.hit.action, shown, hits, leader.hit.rule, options, failed)


def set_of(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without doubles (one rule, one span, one reason)."""
    return list({finding.hit: finding for finding in findings}.values())


def edited(text: str, findings: Iterable[Finding], start: int = 0, end: int | None = None) -> str:
    """``text[start:end]`` with each span replaced by its label; overlapping spans are united first.

    The label of a union is that of its most severe finding, then the longest, then the smallest id.
    Every span must lie within ``start`` and ``end``.
    """
    stop = len(text) if end is None else end
    pieces: list[str] = []
    place = start
    for low, high, label in _unions(text, findings):
        pieces += (text[place:low], label)
        place = high
    pieces.append(text[place:stop])
    return "".join(pieces)


def _unions(text: str, findings: Iterable[Finding]) -> Iterable[tuple[int, int, str]]:
    spans = sorted((finding for finding in findings if finding.edits), key=_by_span)
    group: list[Finding] = []
    reach = -1
    for finding in spans:
        if group and finding.hit.start >= reach:
            yield group[0].hit.start, reach, _label_of(group, text)
            group = []
        group.append(finding)
        reach = max(reach, finding.hit.end)
    if group:
        yield group[0].hit.start, reach, _label_of(group, text)


def _label_of(group: Sequence[Finding], text: str) -> str:
    return _label(group[0] if len(group) == 1 else min(group, key=_by_weight), text)


def _label(finding: Finding, text: str) -> str:
    if finding.hit.action == "drop":
        return ""
    template = str(finding.rule.action.options.get("with", "[REDACTED]"))
    if finding.hit.action == "replace" or "{last4}" not in template:
        return template
    seen = [c for c in text[finding.hit.start : finding.hit.end] if c.isalnum()]
    return template.replace("{last4}", "".join(seen[-4:]))


def _with_details(leader: Finding, findings: Iterable[Finding]) -> Mapping[str, Json]:
    options = leader.rule.action.options
    hint = options.get("hint")
    if not isinstance(hint, str) or "{{errors}}" not in hint:
        return options
    details = dict.fromkeys(f.hit.detail for f in findings if f.hit.rule == leader.hit.rule and f.hit.detail)
    return {**options, "hint": hint.replace("{{errors}}", "; ".join(details))}


def _by_place(finding: Finding) -> tuple[int, int, str, str, str]:
    hit = finding.hit
    return (hit.start, hit.end, hit.rule, hit.set, hit.detail)


def _by_span(finding: Finding) -> tuple[int, int]:
    hit = finding.hit
    return hit.start, hit.end


def _by_strength(finding: Finding) -> tuple[int, int, str, str, int]:
    hit = finding.hit
    return (-_STRENGTH[hit.action], -_SEVERITY[hit.severity], hit.rule, hit.set, hit.start)


def _by_weight(finding: Finding) -> tuple[int, int, str, str]:
    hit = finding.hit
    return (-_SEVERITY[hit.severity], hit.start - hit.end, hit.rule, hit.set)
