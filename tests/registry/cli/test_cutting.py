from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support import content

from registry.cli.context import Context
from registry.cli.cutting import cut_revision
from registry.errors import NotClean
from registry.release.cut import suites_of
from registry.release.evidence import EVIDENCE, Evidence, suites_digest


def begun(root: Path, settings: str) -> Context:
    content.write(root, **{"promptyard.yaml": settings})
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=root, check=True, timeout=30)
    return Context(root, root)


def test_a_revision_and_a_number_give_the_same_bytes_every_time(tmp_path: Path) -> None:
    context = begun(tmp_path, "promptyard: 1\n")
    first = cut_revision(context, "HEAD", 3)
    assert first.number == 3
    assert cut_revision(context, "main", 3).data == first.data


def test_the_last_run_of_this_very_content_has_a_word_without_a_policy_too(tmp_path: Path) -> None:
    context = begun(tmp_path, "promptyard: 1\n")
    content = cut_revision(context, "HEAD", 1).bundle.manifest.content_sha256
    suites = suites_digest(suites_of(context.catalog("HEAD")))
    place = tmp_path / EVIDENCE
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(Evidence(content, suites, passed=False, verdicts={"x": "FAIL"}).to_bytes())
    with pytest.raises(NotClean, match="EVD004"):
        cut_revision(context, "HEAD", 2)
    place.write_bytes(b"half a fi")
    assert cut_revision(context, "HEAD", 2).number == 2


def test_without_the_evidence_that_the_policy_asks_for_nothing_is_cut(tmp_path: Path) -> None:
    context = begun(tmp_path, "promptyard: 1\npolicy: {requireEvidence: true}\n")
    with pytest.raises(NotClean, match="EVD"):
        cut_revision(context, "HEAD", 1)
