"""``promptyard.yaml``: every key has a default, and half a file stops everything."""

from __future__ import annotations

import pytest

from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.errors import Usage
from registry.settings import Settings


def settings(root, text: str) -> Settings:
    (root / "promptyard.yaml").write_text(text)
    return load_settings(FolderTree(root))


def test_without_a_file_the_defaults_hold(tmp_path):
    assert load_settings(FolderTree(tmp_path)) == Settings()


def test_what_is_written_is_taken_and_the_rest_stays(tmp_path):
    read = settings(
        tmp_path,
        "promptyard: 1\nstore: s3://releases/bank\n"
        "channels:\n  live: {root: keys/live.json, keys: {targets: 'file:k.pem'}}\n"
        "policy: {requireEvidence: true}\n",
    )
    live = read.channel("live")
    assert (read.store, read.content, read.first_channel) == ("s3://releases/bank", "prompts", "live")
    assert (live.root, live.targets_key) == ("keys/live.json", "file:k.pem")
    assert live.online_key == "file:.promptyard/keys/live-online.pem"
    assert read.policy.require_evidence
    assert not read.policy.warnings_as_errors


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("promptyard: 1\nstor: x\n", "promptyard.yaml:2:1: stor is not a known key"),
        ("promptyard: 1\npolicy:\n  requireEvidence: often\n", "promptyard.yaml:3:3"),
        ("a: [1\n", "promptyard.yaml:2:1"),
        ("- 1\n", "must be an object"),
        ("channels: {}\n", "channels must not be empty"),
        ("content: /etc\n", "content must be a folder below"),
        ("content: ../other\n", "content must be a folder below"),
    ],
)
def test_what_is_wrong_stops_everything_with_its_place(tmp_path, text, told):
    with pytest.raises(Usage, match="CFG001") as refused:
        settings(tmp_path, text)
    assert told in str(refused.value)
