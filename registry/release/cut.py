"""From a commit to a release, the whole journey in one function.

It must never release what lint refuses, nor what was not proven when the policy asks for proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from registry.authoring.catalog import Catalog, load
from registry.authoring.tree import Tree
from registry.diagnostics import Diagnostic
from registry.errors import NotClean
from registry.evaluation.records import Suite
from registry.evaluation.suite import read_suites
from registry.release.evidence import Evidence, require_passed, suites_digest
from registry.release.findings import findings_of
from registry.rendering.resolve import resolve
from registry.settings import Settings
from serve.core.bundle import pack
from serve.core.compile import compile_bundle, messages_digest
from serve.core.digest import sha256
from serve.core.guard.checks.asked import LATER
from serve.core.model import Bundle, Probe


@dataclass(frozen=True, slots=True)
class Release:
    """A bundle, packed. ``sha256`` is the digest of ``data``, ``lint`` how many findings of each level stand."""

    bundle: Bundle
    data: bytes
    sha256: str
    lint: Mapping[str, int] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The release number in its manifest."""
        return self.bundle.manifest.release


def cut(
    tree: Tree,
    settings: Settings,
    *,
    number: int,
    evidence: Evidence | None = None,
    last: Evidence | None = None,
    today: date | None = None,
    weights: Path | None = None,
) -> Release:
    """The release of a tree. One tree and number give the same bytes every time.

    Args:
        tree: what to release, most often a commit.
        settings: the tree's own settings.
        number: the release number that goes into the manifest.
        evidence: of a test run; demanded only where the policy says so.
        last: of whatever was tested last; refuses where that was exactly this and did not pass, whatever the policy.
        today: the date that dated rules are measured by; rules without it are not dated.
        weights: the folder of weights with which guardrail rules are tried that ask a model.

    Raises:
        NotClean: REL001 findings of lint, EVD00x missing or failing evidence.
    """
    catalog = load(tree, settings)
    findings = findings_of(catalog, today=today, weights=weights)
    require_clean(findings, warnings_too=settings.policy.warnings_as_errors)
    suites = suites_of(catalog)
    bundle = with_probes(resolve(catalog, release=number), suites)
    content, asked = bundle.manifest.content_sha256, suites_digest(suites)
    if settings.policy.require_evidence or evidence is not None:
        require_passed(evidence, content, asked)
    elif last is not None and (last.content_sha256, last.suites_sha256) == (content, asked):
        require_passed(last, content, asked)
    lint = Counter[str](finding.level for finding in findings)
    return replace(packed(with_evidence(bundle, evidence)), lint=dict(lint))


def packed(bundle: Bundle) -> Release:
    """A bundle as a release."""
    data = pack(bundle)
    return Release(bundle, data, sha256(data))


def renumbered(release: Release, number: int) -> Release:
    """The same content under another number, for a publisher that lost a race."""
    return packed(replace(release.bundle, manifest=replace(release.bundle.manifest, release=number)))


def require_clean(findings: tuple[Diagnostic, ...], *, warnings_too: bool = False) -> None:
    """Lets pass only a tree without errors; raises NotClean (REL001) that names the first."""
    bad = [
        finding
        for finding in findings
        if finding.level == "error" or (warnings_too and finding.level == "warning")
    ]
    if not bad:
        return
    more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    what = f"{bad[0].place} {bad[0].code} {bad[0].message.rstrip('.')}{more}"
    raise NotClean("REL001", what, "promptyard lint shows all of it.")


def with_evidence(bundle: Bundle, evidence: Evidence | None) -> Bundle:
    """The bundle with the digest of its evidence in the manifest."""
    digest = None if evidence is None else evidence.sha256
    return replace(bundle, manifest=replace(bundle.manifest, evidence_sha256=digest))


def suites_of(catalog: Catalog) -> tuple[Suite, ...]:
    """The suites of a catalog; raises NotClean (REL001) where one cannot be read."""
    suites, findings = read_suites(catalog)
    require_clean(findings)
    return suites


def with_probes(bundle: Bundle, suites: Iterable[Suite]) -> Bundle:
    """The bundle with one probe per suite: the first case's inputs and what they render to here."""
    return replace(bundle, manifest=replace(bundle.manifest, probes=tuple(_probes(bundle, suites))))


def _probes(bundle: Bundle, suites: Iterable[Suite]) -> Iterator[Probe]:
    live = compile_bundle(bundle, sha256="", warm=False, models=LATER)
    for suite in suites:
        for case in suite.cases[:1]:
            messages = live.render(suite.prompt, case.inputs, variant=case.variant).messages
            yield Probe(suite.prompt, case.inputs, messages_digest(messages), case.variant)
