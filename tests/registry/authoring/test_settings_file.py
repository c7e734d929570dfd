"""``promptyard.yaml``: every key has a default, and half a file stops everything."""

from __future__ import annotations

import pytest

from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.errors import Usage
from registry.settings import LintException, Settings


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


EXCEPTION = "lint:\n  exceptions:\n    - {{code: OWN001, path: '{}', until: {}, reason: '{}'}}\n"


def test_levels_and_exceptions_of_lint_are_taken(tmp_path):
    lint = settings(
        tmp_path, EXCEPTION.format("a/*", "2027-03-01", "Later.") + "  levels: {SUI001: off}\n"
    ).lint
    assert lint.levels == {"SUI001": "off"}
    assert lint.exceptions == (LintException("OWN001", "a/*", "2027-03-01", "Later."),)


@pytest.mark.parametrize(
    ("path", "until", "reason", "told"),
    [
        ("a", "2027-02-30", "Later.", "until 2027-02-30 is no day"),
        ("a", "soon", "Later.", "until soon is no day"),
        ("a", "2027-03-01", " ", "says why under reason"),
        ("", "2027-03-01", "Later.", "names its files under path"),
    ],
)
def test_an_exception_needs_files_a_day_and_a_reason(tmp_path, path, until, reason, told):
    with pytest.raises(Usage, match="CFG001") as refused:
        settings(tmp_path, EXCEPTION.format(path, until, reason))
    assert told in str(refused.value)
    assert "promptyard.yaml:3:7" in str(refused.value)


def test_a_level_that_is_none_is_refused(tmp_path):
    with pytest.raises(Usage, match="must be one of error, warning, info, off"):
        settings(tmp_path, "lint: {levels: {OWN001: severe}}\n")


def test_engines_and_the_shared_cache_are_taken(tmp_path):
    read = settings(
        tmp_path,
        "engines:\n  openai-compatible: {endpoint: 'http://localhost:8000/v1', timeoutSeconds: 5}\n"
        "  bedrock: {region: eu-central-1, concurrency: 2}\n"
        "cache: {shared: 's3://b/p'}\npolicy: {maxCostPerRunUsd: 0.5}\n",
    )
    server = read.engines.openai_compatible
    assert (server.endpoint, server.timeout_s, server.concurrency) == ("http://localhost:8000/v1", 5, 8)
    assert (read.engines.bedrock.region, read.engines.bedrock.concurrency) == ("eu-central-1", 2)
    assert (read.cache.shared, read.policy.max_cost_per_run_usd) == ("s3://b/p", 0.5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("engines: {opena: {}}\n", "opena is not a known key"),
        ("engines: {openai: {key: x}}\n", "key is not a known key"),
        ("engines: {bedrock: {endpoint: x}}\n", "endpoint is not a known key"),
        ("engines: {openai: {concurrency: 0}}\n", "concurrency must be from 1 to 64"),
        ("engines: {gemini: {attempts: 65}}\n", "attempts must be from 1 to 64"),
        (
            "engines:\n  anthropic: {requestsPerMinute: 0}\n",
            "promptyard.yaml:2:3: requestsPerMinute must be above 0",
        ),
        ("engines: {openai: {tokensPerMinute: .nan}}\n", "tokensPerMinute must be a number"),
        ("engines: {openai: {timeoutSeconds: -1}}\n", "timeoutSeconds must be above 0"),
        ("policy: {maxCostPerRunUsd: -1}\n", "maxCostPerRunUsd must be 0 or more"),
    ],
)
def test_numbers_that_no_engine_can_keep_are_refused_with_their_place(tmp_path, text, told):
    with pytest.raises(Usage, match="CFG001") as refused:
        settings(tmp_path, text)
    assert told in str(refused.value)


@pytest.mark.parametrize("written", ["prompts/", "prompts//", "prompts/."])
def test_the_content_folder_may_be_written_with_a_slash_behind_it(tmp_path, written):
    (tmp_path / "promptyard.yaml").write_text(f"promptyard: 1\ncontent: {written}\n")
    assert load_settings(FolderTree(tmp_path)).content == "prompts"


@pytest.mark.parametrize("written", ["a/../../b", "/a", "..", "a/.."])
def test_a_content_folder_outside_is_refused(tmp_path, written):
    (tmp_path / "promptyard.yaml").write_text(f"promptyard: 1\ncontent: {written}\n")
    with pytest.raises(Usage, match="CFG001"):
        load_settings(FolderTree(tmp_path))
