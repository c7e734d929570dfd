from __future__ import annotations


def test_what_is_not_committed_is_not_published_and_that_is_said(run, yard) -> None:
    run("init")
    yard.commit("keys and roots")
    yard.edit("prompts/support/triage.prompt.yaml", "You route", "You sort")
    result = run("publish", "--dry-run")
    assert "one uncommitted file is not in this release" in result.stderr
