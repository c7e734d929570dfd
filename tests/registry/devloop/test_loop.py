from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from support.content import TRIAGE, own, write

import serve
from registry.authoring.catalog import load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.devloop import signing
from registry.devloop.loop import FOLDER, DevLoop
from registry.publish.channels import history, read_bundle
from registry.publish.directory import DirectoryTarget
from registry.publish.state import read_state
from registry.release.findings import findings_of
from registry.rendering.resolve import resolve
from serve.core import archive
from serve.core.bundle import pack, unpack

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"
SUITE = """\
promptyard: 1
prompt: other/one
mode: render
cases:
  - {id: a, inputs: {teams: [x], ticket: Hello}, expect: [{contains: Hello}]}
  - {id: b, inputs: {teams: [y], ticket: Bye}, expect: [{contains: Bye}]}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path)


@pytest.fixture
def loop(root: Path) -> DevLoop:
    made = DevLoop(root)
    made.begin()
    return made


def _edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))


def _live(loop: DevLoop, root: Path):
    move = read_state(DirectoryTarget(loop.store), loop.channel, root).move
    assert move is not None
    return read_bundle(DirectoryTarget(loop.store), move)


def test_the_first_step_publishes_everything(loop: DevLoop) -> None:
    turn = loop.step()
    assert (turn.release, turn.clean) == (1, True)
    assert [change.what for change in turn.changes] == ["added", "added"]


def test_a_step_without_a_change_publishes_nothing(loop: DevLoop, root: Path) -> None:
    loop.step()
    turn = loop.step()
    assert (turn.release, turn.changes, turn.idle) == (1, (), True)
    assert len(history(DirectoryTarget(loop.store), loop.channel, root=root)) == 1


def test_a_change_is_the_next_release_with_its_reason(loop: DevLoop, root: Path) -> None:
    loop.step()
    _edit(root, TONE, "calm", "kind")
    turn = loop.step()
    assert turn.release == 2
    assert "partial partials/tone.md" in turn.changes[0].reasons


def test_errors_are_findings_and_what_is_live_stays(loop: DevLoop, root: Path) -> None:
    loop.step()
    _edit(root, PROMPT, "models/chat", "models/none")
    turn = loop.step()
    assert (turn.release, turn.clean, turn.changes) == (1, False, ())
    assert "REF001" in {finding.code for finding in turn.findings}
    _edit(root, PROMPT, "models/none", "models/chat")
    assert loop.step().clean


def test_settings_that_cannot_be_used_are_a_refusal_not_an_end(loop: DevLoop, root: Path) -> None:
    (root / "promptyard.yaml").write_text("promptyard: [\n")
    turn = loop.step()
    assert turn.refusal is not None
    assert turn.refusal.code == "CFG001"


def test_a_loop_that_begins_again_goes_on_where_it_was(loop: DevLoop, root: Path) -> None:
    loop.step()
    again = DevLoop(root)
    again.begin()
    assert again.step().changes == ()
    _edit(root, TONE, "calm", "kind")
    assert again.step().release == 2


def test_the_store_of_the_settings_is_never_touched(loop: DevLoop, root: Path) -> None:
    loop.step()
    assert sorted(path.name for path in (root / ".promptyard").iterdir()) == ["dev"]


def test_a_service_follows_the_saves(loop: DevLoop, root: Path, tmp_path: Path) -> None:
    loop.step()
    trust = root / loop.channel.root
    inputs = {"teams": ["cards"], "ticket": "Hello"}
    with serve.connect(
        f"file:{loop.store}", trust=trust, channel="dev", cache=tmp_path / "cache", start=False
    ) as client:
        client.step()
        assert "Be calm." in client.render("support/triage", inputs).messages[0].text
        _edit(root, TONE, "calm", "kind")
        loop.step()
        client.step()
        assert "Be kind." in client.render("support/triage", inputs).messages[0].text


def test_the_cases_of_changed_prompts_are_rendered_and_only_theirs(loop: DevLoop, root: Path) -> None:
    write(root, {}, **{"prompts/other/one.prompt.yaml": TRIAGE, "prompts/other/one.suite.yaml": SUITE})
    assert loop.step().rendered == 4
    _edit(root, "prompts/other/one.prompt.yaml", "route tickets", "route letters")
    assert loop.step().rendered == 2
    (probe,) = _live(loop, root).manifest.probes
    assert probe.prompt == "other/one"


def test_a_case_that_is_changed_is_rendered(loop: DevLoop, root: Path) -> None:
    loop.step()
    _edit(root, "prompts/support/triage.suite.yaml", "lost", "gone")
    turn = loop.step()
    assert (turn.changes, turn.rendered, turn.idle) == ((), 2, False)


def test_a_case_that_cannot_be_rendered_is_told_at_its_line_and_nothing_is_published(
    loop, root, monkeypatch
) -> None:
    from registry.devloop import loop as module
    from serve.core.errors import InputsRefused

    loop.step()

    class Broken:
        def render(self, prompt: str, inputs: object, variant: str | None = None) -> None:
            raise InputsRefused("INP001", "no such input", "Mend it.")

    whole = module.compile_bundle
    monkeypatch.setattr(module, "compile_bundle", lambda *_, **__: Broken())
    _edit(root, TONE, "calm", "kind")
    turn = loop.step()
    assert {finding.code for finding in turn.findings if finding.level == "error"} == {"WAT004"}
    assert turn.findings[-1].place.path == "prompts/support/triage.suite.yaml"
    assert turn.findings[-1].place.line > 1
    assert _live(loop, root).manifest.release == 1
    monkeypatch.setattr(module, "compile_bundle", whole)
    (root / "prompts/support/other.md").write_text("An edit elsewhere.")
    turn = loop.step()
    assert (turn.release, turn.rendered, turn.clean) == (2, 2, True)


@pytest.mark.parametrize(
    "name", ["sedA1b2C3", ".triage.prompt.yaml.swp", "4913", "triage.prompt.yaml~", "x___jb_tmp___"]
)
def test_scratch_files_of_editors_lead_to_nothing(loop: DevLoop, root: Path, name: str) -> None:
    loop.step()
    (root / "prompts/support" / name).write_text("half")
    assert loop.step().idle
    (root / "prompts/support" / name).unlink()
    assert loop.step().idle


def test_a_save_without_a_change_of_what_it_says_is_told_once(loop: DevLoop, root: Path) -> None:
    loop.step()
    text = (root / PROMPT).read_text()
    (root / PROMPT).write_text(text + "# a comment\n")
    turn = loop.step()
    assert (turn.changes, turn.idle) == ((), False)
    assert loop.step().idle


def test_the_same_refusal_is_told_once_for_each_save(loop: DevLoop, root: Path) -> None:
    loop.step()
    (root / "promptyard.yaml").write_text("promptyard: [\n")
    assert [loop.step().idle for _ in range(3)] == [False, True, True]
    (root / "promptyard.yaml").write_text("promptyard: 1\n")
    turn = loop.step()
    assert (turn.clean, turn.idle) == (True, False)


def test_a_content_folder_that_is_gone_takes_nothing_away(loop: DevLoop, root: Path) -> None:
    loop.step()
    (root / "prompts").rename(root / "away")
    turn = loop.step()
    assert turn.refusal is not None
    assert (turn.refusal.code, turn.release) == ("WAT001", 1)
    (root / "prompts").mkdir()
    turn = loop.step()
    assert turn.refusal is not None
    assert turn.refusal.code == "WAT003"
    (root / "prompts").rmdir()
    (root / "away").rename(root / "prompts")
    turn = loop.step()
    assert (turn.clean, turn.release, turn.changes) == (True, 1, ())


def test_a_partial_that_was_missing_and_comes_is_seen(loop: DevLoop, root: Path) -> None:
    (root / TONE).unlink()
    assert not loop.step().clean
    (root / TONE).write_text("Be kind.\n")
    assert loop.step().clean
    (root / TONE).write_text("Be {{ nobody }}.\n")
    assert not loop.step().clean
    (root / TONE).write_text("Be brief.\n")
    assert "partial partials/tone.md" in loop.step().changes[0].reasons


def test_bundles_of_long_ago_are_removed_and_the_newest_stay(loop: DevLoop, root: Path, monkeypatch) -> None:
    monkeypatch.setattr(signing, "_KEPT", 3)
    for number in range(6):
        (root / TONE).write_text(f"Be {number}.\n")
        loop.step()
    assert len(signing.held(DirectoryTarget(loop.store))) == 3
    assert _live(loop, root).manifest.release == 6
    again = DevLoop(root)
    again.begin()
    (root / TONE).write_text("Be done.\n")
    again.step()
    assert len(signing.held(DirectoryTarget(loop.store))) == 3
    assert _live(loop, root).manifest.release == 7


def _own(tmp_path: Path) -> Path:
    root = own(tmp_path / "own", "demo-triage")
    for path in (root / "prompts/support").glob("*.prompt.yaml"):
        path.write_text(path.read_text().replace("models/demo-triage", "models/chat-openai"))
    (root / "prompts/models/demo-triage.model.yaml").unlink()
    return root


@pytest.mark.parametrize("seed", range(3))
def test_any_row_of_saves_ends_in_the_bundle_that_reading_everything_gives(tmp_path: Path, seed: int) -> None:
    root, chance = _own(tmp_path), random.Random(seed)
    loop = DevLoop(root)
    loop.begin()
    assert loop.step().refusal is None
    files = {
        path: path.read_text()
        for path in root.rglob("*")
        if path.suffix in (".yaml", ".md") and "prompts" in str(path)
    }
    for _ in range(8):
        for _ in range(chance.randrange(1, 4)):
            _change(chance, *chance.choice(sorted(files.items())))
        turn = loop.step()
        tree = FolderTree(root)
        catalog = load(tree, load_settings(tree))
        errors = [f for f in findings_of(catalog) if f.level == "error"]
        assert turn.clean is not bool(errors), (turn.findings, turn.refusal, errors)
        if turn.clean:
            live = _live(loop, root)
            assert live.manifest.content_sha256 == resolve(catalog).manifest.content_sha256
            object_ = DirectoryTarget(loop.store).read(f"objects/sha256/{loop._published[-1]}")
            assert object_ is not None
            held = archive.unpack(object_.data)
            assert archive.unpack(pack(unpack(object_.data))) == held


def _change(chance: random.Random, path: Path, original: str) -> None:
    rows = original.split("\n")
    kind = chance.randrange(6)
    if kind == 0 and path.exists():
        path.unlink()
        return
    if kind == 1:
        rows.append("# an edit")
    if kind == 2 and path.suffix == ".md":
        rows.insert(0, f"Say {chance.randrange(99)}.")
    if kind == 3:
        rows = [row.replace("in at most", f"with {chance.randrange(99)} as most, at most") for row in rows]
    if kind == 4:
        rows = [row.replace("partials/tone.md", "partials/policy.md") for row in rows]
    path.write_text("\n".join(rows))


def test_the_folder_of_the_loop_is_the_only_one_that_it_writes_to(loop: DevLoop, root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if FOLDER not in str(path)}
    loop.step()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*") if FOLDER not in str(path)} == before


def test_a_folder_of_its_own_that_is_gone_is_named_and_a_new_start_makes_another(
    loop: DevLoop, root: Path
) -> None:
    loop.step()
    shutil.rmtree(root / FOLDER)
    _edit(root, PROMPT, "Routes", "Sends")
    turn = loop.step()
    assert turn.refusal is not None
    assert (turn.refusal.code, turn.idle) == ("WAT005", False)
    assert loop.step().idle
    again = DevLoop(root)
    again.begin()
    assert again.step().clean
