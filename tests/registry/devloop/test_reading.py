from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from support.content import MODEL, TRIAGE, write

from registry.authoring.catalog import Catalog, load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.devloop.moment import Moment
from registry.devloop.reading import Reading

GITHUB = "name: n\nmodel: openai/gpt-4.1\nmessages:\n  - role: user\n    content: Hello {{name}}\n"


class Followed:
    """A folder whose catalog is brought up to date, beside one that is read anew each time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.reading, self.moment = Reading(), None
        self.check()

    def check(self, **files: str | None) -> Catalog:
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink() if text is None else place.write_text(text)
        folder = FolderTree(self.root)
        settings = load_settings(folder)
        moment = Moment(folder, settings.content, self.moment)
        got = self.reading.renewed(moment, settings, moment.changed(self.moment))
        self.moment = moment
        wanted = load(folder, settings)
        assert got.settings == wanted.settings
        assert {kind: dict(each) for kind, each in got.documents.items()} == wanted.documents
        assert {kind: dict(each) for kind, each in got.sources.items()} == wanted.sources
        assert sorted(map(str, got.problems)) == sorted(map(str, wanted.problems))
        assert dict(got.drifts) == dict(wanted.drifts)
        return got


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    return Followed(write(tmp_path))


def test_this_test_compares_every_field_of_a_catalog() -> None:
    assert {field.name for field in dataclasses.fields(Catalog)} == {
        "tree", "settings", "documents", "sources", "problems", "drifts",
    }  # fmt: skip


def test_files_that_come_change_and_go(followed: Followed) -> None:
    path = "prompts/support/two.prompt.yaml"
    followed.check(**{path: TRIAGE})
    followed.check(**{path: TRIAGE.replace("calm", "kind")})
    followed.check(**{path: "a: [\n"})
    followed.check(**{path: "promptyard: 1\nmodel: 3\n"})
    followed.check(**{path: TRIAGE, "prompts/odd.promt.yaml": "a: 1\n"})
    followed.check(**{path: None, "prompts/odd.promt.yaml": None})


def test_what_did_not_change_is_the_same_object(followed: Followed) -> None:
    before = followed.check()
    after = followed.check(**{"prompts/models/other.model.yaml": MODEL})
    assert after.prompts["support/triage"] is before.prompts["support/triage"]


def test_models_that_files_of_other_tools_imply_come_and_go_with_the_real_ones(followed: Followed) -> None:
    implied = followed.check(**{"prompts/a/one.prompt.yml": GITHUB, "prompts/a/two.prompt.yml": GITHUB})
    (name,) = set(implied.models) - {"models/chat"}
    real = f"prompts/{name}.model.yaml"
    held = followed.check(**{real: MODEL})
    assert held.models[name].model == "gpt-test"
    followed.check(**{"prompts/a/one.prompt.yml": GITHUB.replace("Hello", "Bye")})
    again = followed.check(**{real: None})
    assert again.models[name] == implied.models[name]
    followed.check(**{"prompts/a/one.prompt.yml": None})
    gone = followed.check(**{"prompts/a/two.prompt.yml": None})
    assert name not in gone.models


def test_other_settings_are_taken_over(followed: Followed, tmp_path: Path) -> None:
    followed.check(**{"promptyard.yaml": "promptyard: 1\npolicy: {warningsAsErrors: true}\n"})
    write(tmp_path / "else", {"content/x.prompt.yaml": TRIAGE})
    followed.moment = None
    followed.check(**{"promptyard.yaml": "promptyard: 1\ncontent: else/content\n"})
