from __future__ import annotations

from pathlib import Path

import pytest
from support.content import catalog, write

from registry.authoring.drafts import DRAFTS, draft, write_new
from registry.authoring.format import format_file
from registry.authoring.parse import read_yaml
from registry.errors import Usage
from registry.evaluation.suite import read_suites


@pytest.mark.parametrize("kind", list(DRAFTS))
def test_every_draft_is_plain_yaml_and_points_at_its_schema(kind: str) -> None:
    path, data = draft(kind, "a/b/c", content="content", model="models/m")
    document, findings = read_yaml(path, data)
    assert findings == ()
    assert document is not None
    assert path == f"content/a/b/c.{kind}.yaml"
    assert not format_file(path, data).changed
    assert data.startswith(f"# yaml-language-server: $schema=../../../schemas/{kind}.schema.json\n".encode())


@pytest.mark.parametrize("name", ["", "../a", "/a", "A", "a/../b", "a b", "a.b", "a\n"])
def test_an_id_that_is_no_plain_path_is_refused(name: str) -> None:
    with pytest.raises(Usage, match="NEW001"):
        draft("prompt", name, content="prompts", model="models/m")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("prompts/Support/Refund.prompt.yaml", ": support/refund."),
        ("./card limits.yml", ": card-limits."),
        ("../x", ": support/refund."),
    ],
)
def test_a_refusal_says_which_id_was_meant(name: str, advice: str) -> None:
    with pytest.raises(Usage) as refused:
        draft("prompt", name, content="prompts", model="models/m")
    assert refused.value.next_step.endswith(advice)


def test_two_new_prompts_do_not_say_the_same(tmp_path: Path) -> None:
    one, other = (
        draft("prompt", name, content="prompts", model="m")[1] for name in ("a/refund", "a/card-limit")
    )
    assert b"about refund." in one
    assert b"about card limit." in other


def test_a_suite_that_asks_no_model_only_renders() -> None:
    assert b"\nmode: render\n" in draft("suite", "a/b", content="prompts", model="m", offline=True)[1]


def test_what_exists_is_kept(tmp_path: Path) -> None:
    assert write_new(tmp_path / "a/b.txt", b"one")
    assert not write_new(tmp_path / "a/b.txt", b"two")
    assert (tmp_path / "a/b.txt").read_bytes() == b"one"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


def test_a_suite_begins_with_inputs_of_the_prompts_own_types(tmp_path: Path) -> None:
    prompt = catalog(write(tmp_path)).prompts["support/triage"]
    path, data = draft("suite", "support/triage", content="prompts", model="m", prompt=prompt)
    made = catalog(write(tmp_path, {}, **{path: data.decode()}))
    suites, findings = read_suites(made)
    assert findings == ()
    assert suites[0].cases[0].inputs == {"teams": ["a teams"], "ticket": "How do I block a lost card?"}
