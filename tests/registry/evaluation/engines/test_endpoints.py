"""Which key goes where: the file comes with every pull request, the environment does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Usage
from registry.evaluation.engines.endpoints import HOMES, endpoint_of

KEY = "test-key-of-nobody"
KEYS = {
    "OPENAI_API_KEY": KEY,
    "ANTHROPIC_API_KEY": KEY,
    "GEMINI_API_KEY": KEY,
    "OPENAI_COMPATIBLE_API_KEY": KEY,
}


@pytest.mark.parametrize("engine", ["openai", "anthropic", "gemini"])
def test_by_default_the_key_goes_to_the_provider_itself(engine: str) -> None:
    endpoint = endpoint_of(engine, None, KEYS)
    assert endpoint.url == HOMES[engine].url
    assert (endpoint.key, endpoint.refusal) == (KEY, None)
    assert KEY not in repr(endpoint)


@pytest.mark.parametrize("url", ["https://eu.api.openai.com/v1", "https://api.openai.com:443/v1/"])
def test_the_providers_other_hosts_are_its_own(url: str) -> None:
    assert endpoint_of("openai", url, KEYS).refusal is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1",
        "https://api.openai.com.evil.example/v1",
        "https://evilapi.openai.com/v1",
        "https://x.y.api.openai.com/v1",
        "https://api.openai.com:8443/v1",
        "http://api.openai.com/v1",
        "https://API.OPENAI.COM.evil.example",
        "http://127.0.0.1:8000/v1",
        "https://[::1]/v1",
        "https://api.openaі.com/v1",
    ],
)
def test_a_host_that_only_the_file_names_gets_no_key(url: str) -> None:
    refusal = endpoint_of("openai", url, KEYS).refusal
    assert refusal is not None
    assert refusal.code == "ENG025"
    assert refusal.fatal
    assert KEY not in str(refusal)
    assert "PROMPTYARD_OPENAI_ENDPOINT" in str(refusal)
    assert endpoint_of("openai-compatible", url, {}).refusal is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789.-:@/\\#?%[]", max_size=60))
def test_no_spelling_of_a_foreign_host_gets_the_key(rest: str) -> None:
    for url in (f"https://{rest}", f"https://api.openai.com{rest}", f"https://{rest}api.openai.com"):
        try:
            endpoint = endpoint_of("openai", url, KEYS)
        except Usage:
            continue
        if endpoint.refusal is None:
            import urllib3

            host = urllib3.util.parse_url(endpoint.url).host  # the very parser that will connect
            assert host is not None
            assert HOMES["openai"].hosts.fullmatch(host.lower()), url


def test_the_environment_may_name_any_endpoint_and_wins_over_the_file() -> None:
    environment = KEYS | {"PROMPTYARD_OPENAI_ENDPOINT": " https://gateway.example/openai/v1/ "}
    endpoint = endpoint_of("openai", "https://evil.example/v1", environment)
    assert (endpoint.url, endpoint.key, endpoint.refusal) == ("https://gateway.example/openai/v1", KEY, None)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.8:8000", False),
        ("http://vllm:8000", False),
        ("http://localhost.evil.example", False),
    ],
)
def test_no_key_is_sent_in_clear_over_a_network(url: str, sent: bool) -> None:
    endpoint = endpoint_of("openai", None, KEYS | {"PROMPTYARD_OPENAI_ENDPOINT": url})
    assert (endpoint.refusal is None) == sent


@pytest.mark.parametrize("engine", ["openai", "anthropic", "gemini"])
def test_without_a_key_the_provider_itself_is_not_asked(engine: str) -> None:
    refusal = endpoint_of(engine, None, {}).refusal
    assert refusal is not None
    assert refusal.code == "ENG024"
    assert HOMES[engine].keys[0] in str(refusal)


@pytest.mark.parametrize("key", ["a\nb", "a b", "schlüssel", "a\x00"])
def test_a_key_that_is_none_is_refused_and_not_quoted(key: str) -> None:
    refusal = endpoint_of("openai", None, {"OPENAI_API_KEY": key}).refusal
    assert refusal is not None
    assert key not in str(refusal)


def test_a_server_without_a_home_needs_an_endpoint() -> None:
    with pytest.raises(Usage, match="ENG021 engine openai-compatible has no endpoint"):
        endpoint_of("openai-compatible", None, KEYS)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com\\@evil.example/v1",
        "https://x y/v1",
        "ftp://x/v1",
        "https://",
        "https://user:pw@x/v1",
        "https://x/v1?key=1",
        "https://x/v1#a",
        "x",
        "https://x:y/",
        "http://a\nb",
    ],
)
def test_what_is_no_base_url_is_refused_with_its_place(url: str) -> None:
    with pytest.raises(Usage, match=r"ENG020 engines\.openai.endpoint in promptyard\.yaml is no base URL"):
        endpoint_of("openai", url, {})
    with pytest.raises(Usage, match="ENG020 PROMPTYARD_OPENAI_ENDPOINT is no base URL"):
        endpoint_of("openai", None, {"PROMPTYARD_OPENAI_ENDPOINT": url})
