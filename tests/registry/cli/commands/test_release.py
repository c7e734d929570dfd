from __future__ import annotations

import hashlib
from pathlib import Path

from serve.core.bundle import unpack

PROMPT = "prompts/support/triage.prompt.yaml"


def _files(root: Path) -> list[str]:
    return sorted(path.name for path in (root / ".promptyard").rglob("*") if path.is_file())


def test_a_release_is_a_file_named_by_number_and_digest(told, yard) -> None:
    said = told("release")
    path = yard.root / said["file"]
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == said["sha256"]
    assert path.name == f"1-{said['sha256'][:12]}.tar.gz"
    manifest = unpack(data).manifest
    assert (manifest.release, manifest.commit) == (1, yard.git("rev-parse", "HEAD"))
    assert said["entries"]["prompts"] == ["support/triage"]
    assert _files(yard.root) == [path.name]


def test_the_same_commit_and_number_give_the_same_bytes(told, yard) -> None:
    first = told("release", "--number", "7", "--out", "a.tar.gz")
    second = told("release", "--number", "7", "--out", "b.tar.gz")
    assert first["sha256"] == second["sha256"]
    assert (yard.root / "a.tar.gz").read_bytes() == (yard.root / "b.tar.gz").read_bytes()


def test_a_person_is_told_number_digest_and_entries(run, yard) -> None:
    lines = run("release").stdout.splitlines()
    assert lines[0].startswith("release 1  ")
    assert "prompts    support/triage" in lines


def test_what_is_not_committed_is_not_released_and_that_is_said(run, told, yard) -> None:
    first = told("release", "--number", "1")
    yard.edit(PROMPT, "You route", "You sort")
    result = run("release", "--number", "1")
    assert first["sha256"] in result.stdout
    assert "one uncommitted file is not in this release" in result.stderr


def test_a_commit_with_findings_is_refused_and_nothing_is_written(error_of, yard) -> None:
    yard.edit(PROMPT, "models/chat", "models/chats")
    yard.commit()
    line = error_of(1, ["release"])
    assert f"REL001 {PROMPT}:4:1 REF001" in line
    assert _files(yard.root) == []


def test_a_policy_that_asks_for_proof_is_kept(error_of, yard) -> None:
    yard.write("promptyard.yaml", "promptyard: 1\npolicy: {requireEvidence: true}\n")
    yard.commit()
    assert "EVD002" in error_of(1, ["release"])


def test_outside_git_it_is_a_usage_error(error_of, plain: Path) -> None:
    assert "GIT001" in error_of(2, ["release"])
    assert _files(plain) == []


def test_a_folder_that_cannot_be_written_is_told(error_of, yard) -> None:
    (yard.root / ".promptyard").write_text("a file, where a folder should be")
    assert "ENV002" in error_of(4, ["release"])


def test_a_store_that_cannot_be_reached_is_told_and_a_number_does_without_it(error_of, run, yard) -> None:
    run("init")
    yard.edit(
        "promptyard.yaml", "channels:", "store: 's3://b/p?endpoint=http://127.0.0.1:9&region=r'\nchannels:"
    )
    assert "STO001" in error_of(4, ["release"])
    assert not (yard.root / ".promptyard/releases").exists()
    run("release", "--number", "3")
