"""Every source by kind and id; a broken file is a finding and the rest stays usable."""

from __future__ import annotations

import pytest
from support.content import FILES, catalog, write

from registry.authoring.catalog import load
from registry.authoring.sources.prompt import FileText, PlaceholderSource
from registry.authoring.tree import FolderTree
from registry.diagnostics import Place
from registry.rendering.resolve import resolve
from registry.settings import Settings


def test_an_id_is_the_path_below_the_content_folder_without_its_suffix(tmp_path):
    held = catalog(write(tmp_path))
    assert set(held.prompts) == {"support/triage"}
    assert set(held.models) == {"models/chat"}
    assert set(held.documents["suite"]) == {"support/triage"}
    assert held.problems == ()
    assert held.prompts["support/triage"].owner == "support"


def test_the_content_folder_is_a_setting(tmp_path):
    write(tmp_path, {"content/deep/a.model.yaml": "promptyard: 1\nengine: openai\nmodel: m\n"})
    held = load(FolderTree(tmp_path), Settings(content="content/deep"))
    assert set(held.models) == {"a"}
    write(tmp_path, {"content/deep/tone.md": "Be calm."})
    assert held.text("tone.md") == "Be calm."


def test_a_broken_file_is_left_out_and_told(tmp_path):
    held = catalog(
        write(tmp_path, **{"prompts/bad.prompt.yaml": "a: [1\n", "prompts/odd.model.yaml": "promptyard: 1\n"})
    )
    assert set(held.prompts) == {"support/triage"}
    assert set(held.models) == {"models/chat"}
    assert "odd" in held.documents["model"]
    assert {(problem.place.path, problem.code) for problem in held.problems} == {
        ("prompts/bad.prompt.yaml", "YML001"),
        ("prompts/odd.model.yaml", "SCH002"),
    }


def test_a_wrong_shape_is_told_at_its_place(tmp_path):
    text = "promptyard: 1\nengine: openai\nmodel: m\nweights:\n  path: 7\n"
    (problem,) = catalog(write(tmp_path, {"prompts/a.model.yaml": text})).problems
    assert (problem.code, problem.place) == ("SCH002", Place("prompts/a.model.yaml", 5, 3))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.promt.yaml", "Did you mean a.prompt.yaml?"),
        ("a.models.yaml", "Did you mean a.model.yaml?"),
        ("notes.yaml", "Name it"),
        ("a.model.yml", "Did you mean a.model.yaml?"),
    ],
)
def test_a_suffix_with_a_slip_is_told(tmp_path, name, advice):
    (problem,) = catalog(write(tmp_path, {f"prompts/{name}": "a: 1\n"})).problems
    assert problem.code == "FIL001"
    assert problem.hint.startswith(advice)


@pytest.mark.parametrize("name", ["größe", "_hidden", "two words", "a" * 81])
def test_a_path_that_no_release_could_carry_is_told(tmp_path, name):
    held = catalog(write(tmp_path, {f"prompts/{name}.tool.yaml": "promptyard: 1\n"}))
    (problem,) = held.problems
    assert (problem.code, problem.level) == ("FIL002", "error")
    assert not held.tools


def test_line_ends_and_byte_order_mark_of_windows_give_the_same_text(tmp_path):
    held = catalog(write(tmp_path))
    (tmp_path / "prompts/windows.md").write_bytes(b"\xef\xbb\xbfBe calm.\r\nBe brief.\r")
    assert held.text("windows.md") == "Be calm.\nBe brief.\n"


def test_an_entry_is_no_text_to_include(tmp_path):
    held = catalog(write(tmp_path))
    for path in ("support/triage.prompt.yaml", "support/triage.suite.yaml", "models/chat.model.yaml"):
        with pytest.raises(FileNotFoundError):
            held.text(path)


def test_a_text_that_is_missing_or_not_utf_8_is_not_found(tmp_path):
    held = catalog(write(tmp_path))
    (tmp_path / "prompts/binary.md").write_bytes(b"\xff")
    assert held.text("partials/tone.md") == "Be calm.\n"
    for name in ("nothing.md", "binary.md", "../promptyard.yaml"):
        with pytest.raises(FileNotFoundError):
            held.text(name)


def test_content_in_all_its_forms_is_read(tmp_path):
    text = (
        "promptyard: 1\nmodel: m\nmessages:\n"
        "  - {role: system, content: {file: rules.md}}\n  - history: talk\n"
        '  - {role: user, content: [{text: Look.}, {image: "{{ url }}", mediaType: image/png}]}\n'
    )
    rules, talk, look = catalog(write(tmp_path, {"prompts/a.prompt.yaml": text})).prompts["a"].messages
    assert rules.content == FileText("rules.md")
    assert talk == PlaceholderSource("talk")
    assert [(part.kind, part.template) for part in look.content] == [
        ("text", "Look."),
        ("image", "{{ url }}"),
    ]


def test_an_empty_repository_is_an_empty_catalog(tmp_path):
    held = catalog(tmp_path)
    assert not held.prompts
    assert held.problems == ()


@pytest.mark.parametrize(
    "windows",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
    ],
    ids=["CRLF", "byte order mark", "both"],
)
def test_files_written_on_windows_give_the_digests_of_every_other(tmp_path, windows):
    github = "model: m\nmessages:\n  - role: user\n    content: |\n      A {{b}}\n      {% c %}\n"
    files = {**FILES, "prompts/gh.prompt.yml": github}
    for name, text in files.items():
        for root, data in (("lf", text.encode()), ("win", windows(text.encode()))):
            place = tmp_path / root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    one, other = catalog(tmp_path / "lf"), catalog(tmp_path / "win")
    assert other.problems == ()
    assert resolve(one).manifest.content_sha256 == resolve(other).manifest.content_sha256
    assert one.drifts == other.drifts
    for kind, documents in one.documents.items():
        for name, document in documents.items():
            assert other.documents[kind][name].marks == document.marks


def test_prompts_written_for_github_are_named_with_what_is_not_ours(tmp_path):
    held = catalog(write(tmp_path, **{"prompts/gh.prompt.yml": "messages: [{role: user, content: Hi.}]\n"}))
    assert set(held.drifts) == {"gh"}
    assert set(held.models) == {"models/chat", "model-not-named"}
