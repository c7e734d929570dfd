from __future__ import annotations

from pathlib import Path

import pytest
from support.content import MODEL, TRIAGE, catalog, write

from registry.authoring.catalog import Catalog
from registry.devloop import assembly as module
from registry.devloop.assembly import Assembly
from registry.errors import NotClean
from registry.evaluation.suite import read_suites
from registry.release.cut import with_probes
from registry.rendering.resolve import resolve
from serve.core import archive
from serve.core.bundle import pack

WHEN = "2026-01-01T00:00:00Z"
TONE = "prompts/partials/tone.md"
OTHER = "prompts/other/one.prompt.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, **{OTHER: TRIAGE.replace('      {% include "partials/tone.md" %}\n', "")})


def _same(assembly: Assembly, read: Catalog) -> None:
    """What was brought up to date is what resolving and packing everything gives, file by file."""
    whole = with_probes(resolve(read, release=7, created=WHEN), read_suites(read)[0])
    bundle = assembly.bundle(7, WHEN, whole.manifest.probes)
    assert bundle == whole
    assert archive.unpack(assembly.packed(bundle)) == archive.unpack(pack(whole))


def test_the_first_time_everything_is_made(root: Path) -> None:
    assembly, read = Assembly(), catalog(root)
    assert assembly.renew(read, ()) == {"support/triage", "other/one"}
    _same(assembly, read)


@pytest.mark.parametrize(
    ("path", "text", "different"),
    [
        (TONE, "Be kind.\n", {"support/triage"}),
        (OTHER, TRIAGE.replace("route", "sort"), {"other/one"}),
        (OTHER, TRIAGE.replace('      {% include "partials/tone.md" %}\n', "") + "# note\n", set()),
        ("prompts/models/chat.model.yaml", MODEL.replace("50", "60"), {"other/one", "support/triage"}),
        ("prompts/models/new.model.yaml", MODEL, set()),
        ("prompts/new.prompt.yaml", TRIAGE, {"new"}),
    ],
)
def test_only_what_a_change_reaches_is_made_again(
    root: Path, path: str, text: str, different: set[str]
) -> None:
    assembly = Assembly()
    assembly.renew(catalog(root), ())
    write(root, {}, **{path: text})
    read = catalog(root)
    assert assembly.renew(read, {path}) == different
    _same(assembly, read)


def test_what_is_gone_is_gone(root: Path) -> None:
    assembly = Assembly()
    assembly.renew(catalog(root), ())
    (root / OTHER).unlink()
    read = catalog(root)
    assert assembly.renew(read, {OTHER}) == frozenset()
    _same(assembly, read)


def test_one_and_true_are_not_the_same(root: Path) -> None:
    write(root, {}, **{OTHER: TRIAGE.replace("inputs:\n", "inputs:\n  n: {default: 1}\n")})
    assembly = Assembly()
    assembly.renew(catalog(root), ())
    write(root, {}, **{OTHER: TRIAGE.replace("inputs:\n", "inputs:\n  n: {default: true}\n")})
    assert assembly.renew(catalog(root), {OTHER}) == {"other/one"}


def test_a_prompt_that_did_not_change_is_not_resolved_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    read = catalog(root)

    def counting(part: Catalog, **settings: object) -> object:
        asked.append(sorted(part.prompts))
        return resolve(part)

    monkeypatch.setattr(module, "resolve", counting)
    assembly = Assembly()
    assembly.renew(read, ())
    assembly.renew(read, ())
    assert asked == [[], ["other/one", "support/triage"], []]


def test_what_does_not_resolve_is_refused_and_made_once_it_does(root: Path) -> None:
    assembly = Assembly()
    assembly.renew(catalog(root), ())
    (root / TONE).unlink()
    with pytest.raises(NotClean):
        assembly.renew(catalog(root), {TONE})
    write(root, {}, **{TONE: "Be brief.\n"})
    read = catalog(root)
    assert assembly.renew(read, {TONE}) == {"support/triage"}
    _same(assembly, read)
