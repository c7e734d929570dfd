"""What stands beside a LangChain prompt: the model, its parameters and its tools."""

from registry.importing.langchain.model import asked
from registry.importing.langchain.objects import Named


def test_a_model_and_its_bindings_are_one():
    key = {"lc": 1, "type": "secret", "id": ["A"]}
    model = {"model": "claude-x", "temperature": 0, "max_tokens": 9, "anthropic_api_key": key}
    binding = {"tools": [{"name": "look", "description": "L."}], "stop": ["END"]}
    said = asked([Named("ChatAnthropic", model), Named("binding", binding)])
    assert said.model.data["engine"] == "anthropic"
    assert said.parameters == {"temperature": 0, "maxTokens": 9, "stop": ["END"]}
    assert [tool.id for tool in said.tools] == ["tools/look"]
    assert [note.what for note in said.notes if note.level == "lost"] == ["model: anthropic_api_key"]


def test_without_a_model_that_is_told():
    said = asked([Named("StrOutputParser", {})])
    assert said.model.id == "models/unnamed"
    assert [note.level for note in said.notes] == ["lost", "changed"]


def test_a_schema_of_the_answer_is_the_output():
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    said = asked([Named("ChatOpenAI", {"model_name": "gpt-4o", "model_kwargs": {"response_format": form}})])
    assert said.output == {"schema": {"type": "object"}, "name": "a"}
