"""The model of a Prompty file by its name and never by its address."""

import pytest

from registry.importing.prompty.model import asked, is_version_2


@pytest.mark.parametrize(
    ("model", "engine", "name"),
    [
        ({"configuration": {"type": "azure_openai", "azure_deployment": "gpt-4o"}}, "openai", "gpt-4o"),
        ({"configuration": {"type": "azure_openai_beta", "azure_deployment": "gpt-4o"}}, "openai", "gpt-4o"),
        ({"configuration": {"azure_deployment": "gpt-4o"}}, "openai", "gpt-4o"),
        ({"configuration": {"type": "openai", "model": "gpt-4o"}}, "openai", "gpt-4o"),
        (
            {"configuration": {"type": "serverless", "model": "Mistral-small"}},
            "openai-compatible",
            "Mistral-small",
        ),
        ({"configuration": {"azure_deployment": "${env:D:gpt-4}"}}, "openai", "gpt-4"),
        (
            {"connection": "open_ai_connection", "parameters": {"deployment_name": "gpt-4"}},
            "openai-compatible",
            "gpt-4",
        ),
        ({"id": "claude-x", "provider": "anthropic"}, "anthropic", "claude-x"),
        ("gpt-4o", "openai-compatible", "gpt-4o"),
        ({"configuration": {"azure_deployment": "${env:D}"}}, "openai-compatible", "unnamed"),
        (None, "openai-compatible", "unnamed"),
    ],
)
def test_a_model_is_found_by_its_name(model, engine, name):
    found = asked({"model": model}).model
    assert (found.data["engine"], found.data["model"]) == (engine, name)


def test_addresses_and_keys_are_lost_by_name_and_never_repeated():
    said = asked(
        {
            "model": {
                "configuration": {"azure_endpoint": "https://contoso.example", "api_key": "not-a-real-key"}
            }
        }
    )
    assert [note.what for note in said.notes if note.level == "lost"] == [
        "model.configuration.azure_endpoint",
        "model.configuration.api_key",
    ]
    assert "contoso" not in str(said)
    assert "not-a-real-key" not in str(said)


def test_outputs_are_a_schema_only_where_json_is_asked_for():
    outputs = {"a": {"type": "string"}}
    assert asked({"outputs": outputs}).output is None
    json_mode = {"model": {"parameters": {"response_format": {"type": "json_object"}}}}
    assert asked({"outputs": outputs, **json_mode}).output == {
        "schema": {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "required": ["a"],
            "additionalProperties": False,
        }
    }
    assert asked(json_mode).output is None
    assert asked({"outputs": outputs, "model": {"id": "gpt-4o"}}).output is not None


@pytest.mark.parametrize(
    ("head", "second"),
    [
        ({"model": {"api": "chat"}}, False),
        ({"model": {"id": "x"}}, True),
        ({"model": "x"}, True),
        ({"template": "jinja2"}, False),
        ({"template": {"format": "mustache"}}, True),
        ({"model": {"connection": "c"}}, False),
    ],
)
def test_the_version_is_told_by_its_own_keys(head, second):
    assert is_version_2(head) == second
