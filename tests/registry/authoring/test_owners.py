from __future__ import annotations

import re
from pathlib import Path

from support.content import TRIAGE, catalog, write

from registry.authoring.owners import codeowners, owners_of

SET = "promptyard: 1\nowner: privacy\nrules: []\n"


def _owned(owner: str) -> str:
    return re.sub(r"(?m)^owner: .*$", f"owner: {owner}", TRIAGE)


def _content(root: Path) -> Path:
    return write(
        root,
        **{
            "prompts/support/triage.prompt.yaml": _owned("helpers"),
            "prompts/support/deep/other.prompt.yaml": _owned("a-team"),
            "prompts/alone.prompt.yaml": _owned("b-team"),
            "prompts/guardrails/pii.guardrail.yaml": SET,
        },
    )


def test_each_folder_below_the_content_has_the_owners_of_its_files(tmp_path: Path) -> None:
    assert owners_of(catalog(_content(tmp_path))) == {
        "prompts/support": ("a-team", "helpers"),
        "prompts/guardrails": ("privacy",),
    }


def test_every_line_is_a_comment_until_somebody_takes_the_sign_away(tmp_path: Path) -> None:
    rows = codeowners(catalog(_content(tmp_path))).splitlines()
    assert all(row.startswith("# ") for row in rows)
    assert "# /prompts/guardrails/  @YOUR-ORG/privacy" in rows
    assert "# /prompts/support/     @YOUR-ORG/a-team @YOUR-ORG/helpers" in rows
    assert [row.split()[1] for row in rows[-3:]] == ["/promptyard.yaml", "/trust/", "/.github/"]


def test_without_owners_the_settings_still_have_a_line(tmp_path: Path) -> None:
    assert "# /promptyard.yaml  @YOUR-ORG/prompt-reviewers\n" in codeowners(catalog(write(tmp_path, {})))
