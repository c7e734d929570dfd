from __future__ import annotations

import pytest

from registry.cli.context import Context
from registry.cli.releases import carriers, live_move, release_bundle, releases, releases_or_none
from registry.errors import Refused, Usage
from registry.publish.target import object_key

TONE = "prompts/partials/tone.md"


@pytest.fixture
def context(run, yard) -> Context:
    """Release 1 on both channels, release 2 on staging alone, rolled back to 1 there."""
    yard.with_stores()
    run("publish", "--yes")
    run("promote", "staging", "production", "--yes")
    yard.edit(TONE, "calm", "kind")
    yard.commit("kinder")
    run("publish", "--yes")
    run("rollback", "staging", "--to", "1", "--reason", "too kind", "--yes")
    return Context(yard.root, yard.root)


def test_a_release_is_known_once_with_every_channel_that_held_it(context, yard) -> None:
    found = releases(context)
    assert list(found) == [1, 2]
    assert set(found[1].channels) == {"staging", "production"}
    assert found[2].channels == ("staging",)
    assert found[2].move.commit == yard.git("rev-parse", "HEAD")
    assert found[1].move.action == "publish"


def test_the_content_of_a_release_is_verified(context) -> None:
    bundle, release = release_bundle(context, 2)
    assert bundle.manifest.release == release.number == 2
    place = context.root / ".promptyard/store" / object_key(release.move.sha256)
    place.chmod(0o644)
    place.write_bytes(b"other bytes")
    with pytest.raises(Refused, match="PUB009"):
        release_bundle(context, 2)


def test_a_number_that_never_was_and_a_channel_that_holds_nothing_are_refused(context) -> None:
    with pytest.raises(Usage, match="REL002") as told:
        release_bundle(context, 9)
    assert "1, 2" in told.value.next_step
    assert live_move(context, "staging").release == 1
    with pytest.raises(Usage, match="CFG002"):
        live_move(context, "nowhere")


def test_a_commit_belongs_to_the_first_release_that_carried_it(context, yard) -> None:
    carried = carriers(context, releases(context))
    assert carried[yard.git("rev-parse", "HEAD")] == 2
    assert carried[yard.git("rev-parse", "HEAD~1")] == carried[yard.git("rev-parse", "HEAD~2")] == 1
    yard.write("README.md", "x")
    assert yard.commit("later") not in carriers(context, releases(context))


def test_without_a_store_there_are_no_releases_and_no_complaint(yard, capsys) -> None:
    assert releases_or_none(Context(yard.root, yard.root)) == {}
    assert capsys.readouterr().err == ""


def test_a_store_that_must_not_be_believed_is_told_and_left_out(context, capsys) -> None:
    place = context.root / ".promptyard/store/channels/staging/metadata/timestamp.json"
    place.chmod(0o644)
    place.write_bytes(b"{}")
    assert releases_or_none(context) == {}
    assert "releases are left out: SIG" in capsys.readouterr().err
