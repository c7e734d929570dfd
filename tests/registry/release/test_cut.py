from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from support.content import SUITE, TRIAGE, write

from registry.authoring.catalog import load
from registry.authoring.git_tree import Repository
from registry.authoring.tree import FolderTree
from registry.errors import NotClean
from registry.release.cut import cut, renumbered, suites_of
from registry.release.evidence import Evidence, suites_digest
from registry.settings import PolicySettings, Settings
from serve.core.bundle import unpack
from serve.core.compile import compile_bundle

PROMPT = "prompts/support/triage.prompt.yaml"


def commit(root):
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "one"]):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.test", *command], cwd=root, check=True
        )
    return Repository(root).tree()


def test_one_commit_gives_the_same_bytes_twice(tmp_path):
    tree = commit(write(tmp_path))
    one, two = cut(tree, Settings(), number=4), cut(Repository(tmp_path).tree(), Settings(), number=4)
    assert one.data == two.data
    assert unpack(one.data).manifest.commit == tree.commit


def test_a_release_carries_a_probe_per_suite_that_the_client_can_repeat(tmp_path):
    release = cut(FolderTree(write(tmp_path)), Settings(), number=1)
    (probe,) = release.bundle.manifest.probes
    assert (probe.prompt, probe.inputs["ticket"]) == ("support/triage", "I lost my card.")
    assert compile_bundle(unpack(release.data), sha256=release.sha256).release == 1


def test_findings_of_lint_stand_in_the_way(tmp_path):
    broken = write(tmp_path, **{PROMPT: TRIAGE.replace("{{ ticket }}", "{{ tikcet }}")})
    with pytest.raises(NotClean) as caught:
        cut(FolderTree(broken), Settings(), number=1)
    assert caught.value.code == "REL001"
    assert PROMPT in str(caught.value)


def test_the_policy_may_demand_evidence_of_this_very_content(tmp_path):
    tree = FolderTree(write(tmp_path))
    strict = replace(Settings(), policy=PolicySettings(require_evidence=True))
    with pytest.raises(NotClean, match="EVD002"):
        cut(tree, strict, number=1)
    content = cut(tree, Settings(), number=1).bundle.manifest.content_sha256
    proof = Evidence(content, suites_digest(suites_of(load(tree, Settings()))), passed=True)
    assert cut(tree, strict, number=2, evidence=proof).bundle.manifest.evidence_sha256 == proof.sha256

    write(tmp_path, {}, **{"prompts/support/triage.suite.yaml": "# moved down\n" + SUITE})
    assert cut(tree, strict, number=3, evidence=proof).number == 3
    write(tmp_path, {}, **{"prompts/support/triage.suite.yaml": SUITE.replace("- cards", "- loans")})
    with pytest.raises(NotClean, match="EVD005"):
        cut(tree, strict, number=4, evidence=proof)


def test_what_was_tested_just_so_and_failed_is_refused_without_a_policy_too(tmp_path):
    tree = FolderTree(write(tmp_path))
    content, asked = (
        cut(tree, Settings(), number=1).bundle.manifest.content_sha256,
        suites_digest(suites_of(load(tree, Settings()))),
    )
    failed = Evidence(content, asked, passed=False, verdicts={"support/triage": "FAIL"})
    with pytest.raises(NotClean, match=r"EVD004 .*support/triage FAIL"):
        cut(tree, Settings(), number=2, last=failed)
    for other in (replace(failed, passed=True), replace(failed, content_sha256="0" * 64), None):
        release = cut(tree, Settings(), number=2, last=other)
        assert release.bundle.manifest.evidence_sha256 is None
    write(tmp_path, {}, **{"prompts/support/triage.suite.yaml": SUITE.replace("- cards", "- loans")})
    assert cut(tree, Settings(), number=3, last=failed).number == 3, "a suite that was mended was not run yet"


def test_renumbering_keeps_the_content(tmp_path):
    release = cut(FolderTree(write(tmp_path)), Settings(), number=1)
    other = renumbered(release, 9)
    assert other.number == 9
    assert other.bundle.manifest.content_sha256 == release.bundle.manifest.content_sha256
    assert unpack(other.data) == other.bundle
