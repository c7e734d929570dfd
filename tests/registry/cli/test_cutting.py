from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support import content

from registry.cli.context import Context
from registry.cli.cutting import cut_revision
from registry.errors import NotClean


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


def test_without_the_evidence_that_the_policy_asks_for_nothing_is_cut(tmp_path: Path) -> None:
    context = begun(tmp_path, "promptyard: 1\npolicy: {requireEvidence: true}\n")
    with pytest.raises(NotClean, match="EVD"):
        cut_revision(context, "HEAD", 1)
