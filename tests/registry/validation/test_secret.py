"""Secrets are known by their shape or by the name before them; prose, digests and placeholders are not secrets."""

from __future__ import annotations

import pytest
from support.work import ending

from registry.validation.secret import secrets_in

R = "q7W2e9R4t1Y8u3I6o5P0a2S4d6F8g1H3j5K7l9Z"  # random enough to look real, and no key of anything


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("AKIA" + R.upper()[:16], "an AWS access key"),
        ("aws_secret_access_key = " + R, "a secret, by its name"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "a private key"),
        ("sk-" + R, "an API key"),
        ("sk-proj-" + R, "an API key"),
        ("sk-ant-api03-" + R, "an API key"),
        ("sk_live_" + R, "an API key"),
        ("ghp_" + R[:36], "a GitHub token"),
        ("github_pat_" + R, "a GitHub token"),
        ("glpat-" + R, "a GitLab token"),
        ("xoxb-" + R, "a Slack token"),
        ("https://hooks.slack.com/services/T0Q7W2E9R/B4T1Y8U3I/" + R[:24], "the address of a Slack hook"),
        ("AIza" + R[:35], "a Google API key"),
        ("hf_" + R, "a Hugging Face token"),
        ("npm_" + R[:36], "a token of a package registry"),
        ("eyJ" + R[:12] + ".eyJ" + R[:12] + "." + R[:12], "a signed token"),
        ("postgres://bob:q7w2e9r4t1@db.internal/x", "an address with a password"),
        ('"api_key": "' + R + '"', "a secret, by its name"),
        ("Authorization: Bearer " + R, "a secret, by its name"),
    ],
)
def test_a_secret_is_known_and_placed(text, kind):
    (found,) = secrets_in(f"Use {text} here.")
    assert found.kind == kind
    assert 4 <= found.start < found.end <= 4 + len(text)


@pytest.mark.parametrize(
    "text",
    ["sha256: " + "3f9c0a1b2c3d4e5f60718293a4b5c6d7" * 2, "maxTokens: 128", "password: correct-horse-battery-staple",
     "api_key: your-api-key-goes-here", "The secret SupportTeamHandbook2024 is old", "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
     "AKIAIOSFODNN7EXAMPLE", "token: {{ token }}", "https://example.com:8080/path@x", "task-force-2024-report-final-version",
     "secret: ${vault.path.to.the.secret}"],
)  # fmt: skip
def test_what_only_looks_a_little_like_one_passes(text):
    assert secrets_in(text) == ()


def test_no_secret_lies_in_another():
    (found,) = secrets_in("api_key=sk-proj-" + R)
    assert found.kind == "an API key"


@pytest.mark.parametrize(
    "start", ["sk-", "eyJ", "secret", "api_key=", "a://x:", "bearer ", "SG.", "xoxb-", "-----BEGIN A "]
)
def test_hostile_text_costs_no_time(start):
    with ending():
        secrets_in(start * (1_000_000 // len(start)))
