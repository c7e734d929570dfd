"""The whole loop in one process: from an edited file to a client that has already changed its mind."""

from __future__ import annotations

import subprocess

import pytest
from support.content import TRIAGE, write

import serve
from registry.authoring.git_tree import Repository
from registry.errors import PublishConflict
from registry.publish.channels import history, initialise, open_target, promote, publish, rollback
from registry.release.cut import cut
from registry.settings import Settings

PROMPT = "prompts/support/triage.prompt.yaml"
INPUTS = {"teams": ["cards", "loans"], "ticket": "I lost my card."}
SETTINGS = Settings()


class Yard:
    """A repository, a store with two channels, and a client that is stepped by hand."""

    def __init__(self, root):
        self.root = write(root)
        self.git("init", "-q", "-b", "main")
        self.commit("Begin")
        self.target = open_target("file:store", root)
        for name in SETTINGS.channels:
            initialise(self.target, SETTINGS.channel(name), root)
        self.client = serve.connect(
            f"file:{root}/store", trust=root / "trust/production.root.json", cache=root / "cache", start=False
        )

    def git(self, *words):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.test", *words], cwd=self.root, check=True
        )

    def commit(self, message, **files):
        write(self.root, {}, **files)
        self.git("add", "prompts")
        self.git("commit", "-q", "-m", message)

    def publish(self, revision="HEAD"):
        repository = Repository(self.root)
        tree = repository.tree(revision)
        return publish(
            self.target,
            SETTINGS.channel("staging"),
            lambda number: cut(tree, SETTINGS, number=number).data,
            actor="A",
            descends=repository.descends,
            root=self.root,
        )

    def promote(self):
        channels = (SETTINGS.channel("staging"), SETTINGS.channel("production"))
        return promote(
            self.target, *channels, actor="A", descends=Repository(self.root).descends, root=self.root
        )

    def first_line(self):
        return self.client.render("support/triage", INPUTS).messages[0].text.splitlines()[0]


@pytest.fixture
def yard(tmp_path):
    made = Yard(tmp_path)
    yield made
    made.client.close()


def test_an_edit_reaches_a_running_client_and_a_rollback_takes_it_back(yard):
    with pytest.raises(serve.Unavailable):
        yard.first_line()
    yard.publish()
    yard.promote()
    assert yard.client.step()
    assert yard.first_line() == "You route tickets."

    yard.commit("Reword", **{PROMPT: TRIAGE.replace("You route tickets.", "You sort tickets.")})
    yard.publish()
    assert not yard.client.step(), "what is on staging alone must not reach production"
    yard.promote()
    assert yard.client.step()
    assert (yard.first_line(), yard.client.live.release) == ("You sort tickets.", 2)

    rollback(yard.target, SETTINGS.channel("production"), 1, "too blunt", actor="B", root=yard.root)
    assert yard.client.step()
    assert (yard.first_line(), yard.client.live.release) == ("You route tickets.", 1)
    moves = history(yard.target, SETTINGS.channel("production"), root=yard.root)
    assert [(move.action, move.release, move.reason) for move in moves] == [
        ("rollback", 1, "too blunt"), ("promote", 2, ""), ("promote", 1, ""),
    ]  # fmt: skip


def test_a_partial_alone_changes_what_the_client_renders(yard):
    yard.publish()
    yard.promote()
    yard.client.step()
    before = yard.client.live.digest("support/triage")
    yard.commit("Tone", **{"prompts/partials/tone.md": "Be brisk.\n"})
    yard.publish()
    yard.promote()
    yard.client.step()
    assert "Be brisk." in yard.client.render("support/triage", INPUTS).messages[0].text
    assert yard.client.live.digest("support/triage") != before


def test_a_commit_that_does_not_descend_from_the_live_one_is_refused(yard):
    yard.commit("Reword", **{PROMPT: TRIAGE.replace("route", "sort")})
    yard.publish()
    with pytest.raises(PublishConflict, match="PUB006"):
        yard.publish("HEAD~1")


def test_the_store_may_vanish_and_the_client_renders_on(yard, tmp_path):
    yard.publish()
    yard.promote()
    yard.client.step()
    (tmp_path / "store").rename(tmp_path / "away")
    for _ in range(3):
        with pytest.raises(serve.Unavailable, match="SRC001"):
            yard.client.step()
    assert yard.first_line() == "You route tickets."

    again = serve.connect(
        f"file:{tmp_path}/store",
        trust=tmp_path / "trust/production.root.json",
        cache=tmp_path / "cache",
        start=False,
    )
    assert again.render("support/triage", INPUTS).release == 1
    again.close()
