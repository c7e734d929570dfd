"""Checking what changed finds what checking everything finds."""

import random
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from support import content

from registry.authoring.catalog import load
from registry.authoring.git_tree import Repository
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.authoring.weights import digests_of, folder_digest
from registry.release import incremental
from registry.release import kept as kept_module
from registry.release.findings import judged
from registry.release.incremental import judged_anew
from registry.release.kept import Kept

ROOT = Path(__file__).parents[3]
LINTS = ROOT / "tests" / "registry" / "validation" / "lints"
TREES = sorted(place for place in LINTS.glob("*/*") if place.is_dir())
DAY = date(2026, 11, 21)


def whole(tree):
    return judged(load(tree, load_settings(tree)), today=DAY)


def anew(tree, kept):
    return judged_anew(tree, load_settings(tree), kept, today=DAY)


@pytest.fixture
def own(tmp_path):
    return content.own(tmp_path / "own")


@pytest.mark.parametrize("place", TREES, ids=lambda place: f"{place.parent.name}-{place.name}")
def test_every_lint_finds_the_same(place, tmp_path):
    tree = FolderTree(place)
    expected = whole(tree)
    kept = Kept(None)
    assert anew(tree, kept) == expected
    assert anew(tree, kept) == expected


def test_a_run_over_what_did_not_change_checks_nothing(own, tmp_path, monkeypatch):
    kept = Kept(tmp_path / "kept.json")
    first = anew(FolderTree(own), kept)
    monkeypatch.setattr(incremental, "_check", lambda *_: pytest.fail("something was checked"))
    assert anew(FolderTree(own), kept) == first


def test_after_one_edit_only_what_hangs_on_it_is_checked(own, tmp_path, monkeypatch):
    kept = Kept(tmp_path / "kept.json")
    anew(FolderTree(own), kept)
    checked = []
    check = incremental._check
    monkeypatch.setattr(
        incremental,
        "_check",
        lambda *given: checked.extend(unit.files[0] for unit in given[1]) or check(*given),
    )
    place = own / "prompts" / "fraud" / "explain-block.prompt.yaml"
    place.write_text(place.read_text() + "# an edit\n")
    anew(FolderTree(own), kept)
    assert checked == ["prompts/fraud/explain-block.prompt.yaml"]


@pytest.mark.parametrize("seed", range(3))
def test_any_row_of_edits_ends_in_what_checking_everything_finds(own, tmp_path, seed):
    chance = random.Random(seed)
    place = tmp_path / "kept.json"
    kept = Kept(place)
    original = {
        path: path.read_bytes() for path in (own / "prompts").rglob("*") if path.suffix in (".yaml", ".md")
    }
    for _ in range(4):
        path = chance.choice(sorted(original))
        edit(path, original[path], chance)
        assert anew(FolderTree(own), kept) == whole(FolderTree(own))
        if chance.random() < 0.3:
            kept = Kept(place)


def edit(path, original, chance):
    text = original.decode()
    rows = text.split("\n")
    match chance.randrange(6):
        case 0:
            path.unlink(missing_ok=True)
            return
        case 1:
            rows.pop(chance.randrange(len(rows)))
        case 2:
            rows.insert(
                chance.randrange(len(rows)), chance.choice(["{{ nowhere }}", "bogus: 1", "  x", "# note"])
            )
        case 3:
            text = text.replace("support", chance.choice(["suport", "complaints"]), 1)
            rows = text.split("\n")
        case 4:
            rows = [row.replace("partials/tone.md", "partials/gone.md") for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows))


def test_another_day_is_another_check(own, tmp_path):
    kept = Kept(tmp_path / "kept.json")
    tree = FolderTree(own)
    judged_anew(tree, load_settings(tree), kept, today=date(2026, 11, 21))
    later = judged_anew(tree, load_settings(tree), kept, today=date(2036, 11, 21))
    assert later == judged(load(tree, load_settings(tree)), today=date(2036, 11, 21))


def test_a_cache_that_cannot_be_read_or_was_made_by_other_rules_is_none(own, tmp_path):
    place = tmp_path / "kept.json"
    anew(FolderTree(own), Kept(place))
    whole_text = place.read_text()
    for text in (
        "",
        "{",
        "[]",
        '{"tool": 1}',
        "[" * 100_000,
        whole_text.replace('"files":{', '"files":[],"no":{', 1),
        re.sub(r'"files":.*"units"', '"files":{"a":[null,"",[]]},"units"', whole_text),
        whole_text[: len(whole_text) // 2],
        whole_text.replace('"tool":"', '"tool":"0'),
    ):
        place.write_text(text)
        kept = Kept(place)
        assert (kept.files, kept.units) == ({}, {})


def test_a_file_changed_just_before_the_last_run_is_read_again(own, tmp_path, monkeypatch):
    monkeypatch.setattr(kept_module, "_SETTLED_NS", 3600 * 10**9)  # however slow the machine
    place = tmp_path / "kept.json"
    anew(FolderTree(own), Kept(place))
    assert Kept(place).files == {}  # all were copied within that time
    assert Kept(place).units


def test_a_cache_folder_that_cannot_be_written_costs_time_only(own, tmp_path):
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file" / "kept.json")
    assert anew(FolderTree(own), kept) == whole(FolderTree(own))


def test_a_commit_is_checked_like_a_folder(own, tmp_path):
    def git(*words):
        subprocess.run(
            ["git", "-C", own, "-c", "user.name=a", "-c", "user.email=a@b", *words],
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "all")
    tree = Repository(own).tree()
    kept = Kept(tmp_path / "kept.json")
    assert anew(tree, kept) == whole(tree)


@pytest.fixture
def small(tmp_path):
    files = {
        "promptyard.yaml": "promptyard: 1\n",
        "prompts/a.prompt.yml": "model: openai/gpt-x\nmessages:\n  - {role: user, content: Hello.}\n",
        "prompts/weights/deep/one.bin": "one",
        "prompts/weights/two.bin": "two",
        "prompts/local.model.yaml": "promptyard: 1\nengine: ctranslate2\nmodel: weights\n"
        "parameters: {maxTokens: 5}\nweights:\n  path: weights\n  sha256: SHA\n",
        "prompts/b.prompt.yaml": "promptyard: 1\nmodel: local\nmessages:\n  - {role: user, content: Hello you.}\n",
    }
    for path, text in files.items():
        place = tmp_path / "small" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    pinned = folder_digest(digests_of(FolderTree(tmp_path / "small"), "prompts/weights"))
    model = tmp_path / "small" / "prompts" / "local.model.yaml"
    model.write_text(model.read_text().replace("SHA", pinned))
    return tmp_path / "small"


def given_a_model(root):
    place = root / "prompts" / "openai" / "gpt-x.model.yaml"
    place.parent.mkdir()
    place.write_text("promptyard: 1\nengine: openai\nmodel: gpt-x\nparameters: {maxTokens: 5}\n")


def a_link(root):
    (root / "elsewhere.yaml").write_text("promptyard: 1\n")
    (root / "prompts" / "local.model.yaml").unlink()
    (root / "prompts" / "local.model.yaml").symlink_to(root / "elsewhere.yaml")


def a_linked_weight(root):
    (root / "prompts" / "weights" / "two.bin").unlink()
    (root / "prompts" / "weights" / "two.bin").symlink_to(root / "promptyard.yaml")


def rows_that_look_like_a_prompt(root):
    (root / "prompts" / "rows.jsonl").write_text("model: openai/gpt-x\n")


@pytest.mark.parametrize(
    "change",
    [
        given_a_model,
        a_link,
        a_linked_weight,
        rows_that_look_like_a_prompt,
        lambda root: (root / "prompts" / "weights" / "three.bin").write_text("three"),
        lambda root: (root / "prompts" / "weights" / "deep" / "three.bin").write_text("three"),
        lambda root: (root / "prompts" / "weights" / "deep" / "one.bin").write_text("other"),
        lambda root: (root / "prompts" / "weights" / "deep" / "one.bin").unlink(),
        lambda root: (root / "prompts" / "weights" / "x.tool.yaml").write_text("name: x\n"),
        lambda root: (root / "promptyard.yaml").write_text("promptyard: 1\ncontent: prompts/\n"),
    ],
)
def test_files_that_come_go_or_turn_into_links_are_noticed(small, tmp_path, change):
    place = tmp_path / "kept.json"
    kept = Kept(place)
    assert anew(FolderTree(small), kept) == whole(FolderTree(small))
    change(small)
    assert anew(FolderTree(small), kept) == whole(FolderTree(small))
    assert anew(FolderTree(small), Kept(place)) == whole(FolderTree(small))


def test_labels_beside_a_suite_are_noticed_though_nothing_names_them(own, tmp_path):
    place = tmp_path / "kept.json"
    suite = own / "prompts" / "support" / "triage.suite.yaml"
    suite.write_text(suite.read_text().replace("\ncases:", "\njudge: models/chat-openai\ncases:"))
    kept = Kept(place)
    anew(FolderTree(own), kept)
    (own / "prompts" / "support" / "triage.calibration.jsonl").write_text("{}\n")
    found = anew(FolderTree(own), Kept(place))
    assert found == whole(FolderTree(own))
    assert any(finding.place.path.endswith(".calibration.jsonl") for finding in found.standing)
