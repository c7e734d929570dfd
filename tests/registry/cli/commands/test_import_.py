from __future__ import annotations

import json
from pathlib import Path

import pytest

GITHUB = """\
name: Summary
model: openai/gpt-4o-mini
modelParameters: {temperature: 0.5, max_tokens: 100}
messages:
  - role: system
    content: You summarise.
  - role: user
    content: "{{text}}"
testData:
  - {text: A long text., expected: A text.}
evaluators:
  - {name: short, string: {contains: text}}
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    for path, text in {
        "summary.prompt.yml": GITHUB, "sub/helper.agent.md": "---\ndescription: d\ntools: [a]\n---\nYou help.\n",
        "README.md": "# Prompts", "notes.txt": "notes",
    }.items():  # fmt: skip
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def test_a_folder_becomes_prompts_that_lint_and_render(run, told, yard, library: Path) -> None:
    result = run("import", str(library))
    assert "changed" in result.stdout
    assert (
        f"{library}/summary.prompt.yml (github) → prompts/summary.prompt.yaml, prompts/models/"
        in result.stdout
    )
    assert "max_tokens is maxTokens here" in result.stdout
    assert "2 files: 1 changed, 1 lost; 4 written" in result.stderr
    assert "Next: promptyard lint, then promptyard render summary" in result.stderr
    assert told("lint")["clean"]
    assert "A long text." in run("render", "summary", "-i", "text=A long text.").stdout
    assert "You help." in run("render", "sub/helper", "-i", "conversation=[]").stdout


def test_a_dry_run_tells_the_same_and_writes_nothing(told, yard, library: Path) -> None:
    dry = told("import", str(library), "--dry-run")
    assert yard.git("status", "--porcelain") == ""
    real = told("import", str(library))
    assert dry["dryRun"]
    assert not real["dryRun"]
    assert {**dry, "dryRun": False} == real
    assert set(real["new"]) == {line[3:] for line in yard.git("status", "--porcelain", "-uall").splitlines()}


def test_json_has_every_file_with_its_notes_and_all_that_was_passed_over(told, yard, library: Path) -> None:
    out = told("import", str(library), "--into", "team/old")
    first = next(file for file in out["files"] if file["path"].endswith("summary.prompt.yml"))
    assert first["outcome"] == "changed"
    assert first["written"][0] == "prompts/team/old/summary.prompt.yaml"
    assert {
        "level": "changed",
        "what": "parameter",
        "why": "max_tokens is maxTokens here",
        "line": 3,
    } in first["notes"]
    assert {Path(item["path"]).name: item["why"].split(";")[0] for item in out["skipped"]} == {
        "README.md": "is documentation", "notes.txt": "is text beside prompts of another format",
    }  # fmt: skip


def test_the_report_is_markdown_with_the_same_notes(run, yard, library: Path, tmp_path: Path) -> None:
    run("import", str(library), "--dry-run", "--report", str(tmp_path / "report.md"))
    text = (tmp_path / "report.md").read_text()
    assert text.startswith("# Import\n\n2 files: 1 changed, 1 lost; 4 would be written.\n")
    assert "- **changed** `parameter` (line 3): `max_tokens is maxTokens here`" in text
    assert "- `" in text.split("## Passed over")[1].split("##")[0]


def test_the_same_import_again_changes_nothing(run, yard, library: Path) -> None:
    run("import", str(library))
    yard.commit("imported")
    assert "0 written, 2 there already" in run("import", str(library)).stderr.replace("; ", ", ")
    assert yard.git("status", "--porcelain") == ""


def test_a_file_that_was_edited_since_is_never_replaced_unless_asked(
    run, error_of, yard, library: Path
) -> None:
    run("import", str(library))
    path = yard.root / "prompts/summary.prompt.yaml"
    path.write_text(path.read_text() + "owner: us\n")
    edited = path.read_bytes()
    assert "IMP004 nothing was written: prompts/summary.prompt.yaml is there and different" in error_of(
        2, ["import", str(library)]
    )
    assert path.read_bytes() == edited
    assert "IMP004" in error_of(2, ["import", str(library), "--dry-run"])
    assert "1 replaced" in run("import", str(library), "--force").stderr
    assert path.read_bytes() != edited


def test_a_file_that_cannot_be_read_is_told_and_the_others_come_in(run, yard, library: Path) -> None:
    (library / "broken.prompt.yml").write_text("messages: [\n")
    result = run("import", str(library), code=1)
    assert "refused  " in result.stdout
    assert "broken.prompt.yml (line 2): is not YAML" in result.stdout
    assert (yard.root / "prompts/summary.prompt.yaml").is_file()


def test_an_error_of_lint_against_what_came_in_is_shown_and_counts(run, yard, tmp_path: Path) -> None:
    (tmp_path / "late.prompt.yml").write_text(
        "model: m\nmessages: [{role: user, content: a}, {role: system, content: b}]\n"
    )
    result = run("import", str(tmp_path / "late.prompt.yml"), code=1)
    assert "lint    ROL001 prompts/late.prompt.yaml" in result.stdout


def test_a_format_can_be_named(told, yard, library: Path) -> None:
    out = told("import", str(library / "README.md"), "--from", "plain")
    assert out["new"][0] == "prompts/readme.prompt.yaml"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nowhere"], "IMP001"), (["library/README.md"], "IMP006"), (["library", "--into", "../out"], "IMP002"),
        (["library", "--into", "Upper"], "IMP002"), (["library", "--into", "prompts/x"], "IMP002"),
        (["library", "--report", "no/such/report.md"], "IMP007"),
        (["library", "--from", "wordperfect"], "USE001"), ([], "USE001"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_to_do(
    error_of, yard, library: Path, words: list[str], code: str
) -> None:
    words = [str(library.parent / word) if word.startswith("library") else word for word in words]
    assert code in error_of(2, ["import", *words])
    assert yard.git("status", "--porcelain") == ""


def test_no_secret_reaches_a_file_the_terminal_or_the_report(
    run, yard, library: Path, tmp_path: Path
) -> None:
    key = "sk-0123456789abcdefghijklmnopqrstuv"
    (library / "leaky.prompt.yml").write_text(f"{GITHUB}apiKey: {key}\n# {key}\ndescription: uses {key}\n")
    result = run("import", str(library), "--report", str(tmp_path / "report.md"))
    written = "".join(place.read_text() for place in yard.root.rglob("*.yaml"))
    assert key not in result.output + written + (tmp_path / "report.md").read_text()
    assert "an API key stood in it" in result.stdout


def test_a_link_is_not_followed(run, yard, library: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.prompt.yml").write_text(GITHUB)
    (library / "link.prompt.yml").symlink_to(tmp_path / "outside.prompt.yml")
    assert "link.prompt.yml  is a link; links are not followed" in run("import", str(library)).stdout
    assert not (yard.root / "prompts/link.prompt.yaml").exists()


def test_paths_from_several_places_come_in_together(told, yard, library: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "summary.prompt.yml").write_text(GITHUB.replace("You summarise.", "You shorten."))
    out = told("import", str(library), str(other))
    assert {"prompts/summary.prompt.yaml", "prompts/summary-2.prompt.yaml"} <= set(out["new"])
    assert json.dumps(out).count("prompts/models/openai-gpt-4o-mini.model.yaml") >= 2
    assert out["new"].count("prompts/models/openai-gpt-4o-mini.model.yaml") == 1


def test_outside_of_a_registry_nothing_is_written(
    error_of, library: Path, tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert "CFG004" in error_of(2, ["import", str(library)])
    assert list((tmp_path / "empty").iterdir()) == []
