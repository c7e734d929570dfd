from __future__ import annotations

import pytest
from support.bundles import bundle, prompt

from registry.evaluation.expectations import Surroundings, check
from registry.evaluation.records import Called, Check, Completion, Expectation
from serve.core.bundle import entry_digest
from serve.core.compile import compile_bundle
from serve.core.live import Render
from serve.core.model import Reference, Tool

SCHEMA = {
    "type": "object",
    "required": ["q"],
    "properties": {"q": {"type": "string"}},
    "additionalProperties": False,
}
SEARCH = Tool("tools/search", "search", "Finds things.", SCHEMA)


def rendered(*tools: Tool) -> Render:
    refs = tuple(Reference(tool.id, entry_digest(tool)) for tool in tools)
    made = bundle(prompt(tools=refs))
    held = type(made)(
        **{name: getattr(made, name) for name in made.__slots__} | {"tools": {t.id: t for t in tools}}
    )
    return compile_bundle(held, sha256="").render("support/hello", {"name": "Ann"})


def found(*calls: Called, tools: tuple[Tool, ...] = (SEARCH,), text: str = "") -> Check:
    answer = Completion(text, 1, 1, tool_calls=calls)
    return check(Expectation("is-valid-tool-call"), answer, around=Surroundings(render=rendered(*tools)))


def test_a_call_that_fits_its_tool_is_valid() -> None:
    assert found(Called("1", "search", {"q": "x"})).status == "pass"
    assert found(Called("1", "search", '{"q": "x"}')).status == "pass"
    assert (
        found(text='[{"function": {"name": "search", "arguments": "{\\"q\\": \\"x\\"}"}}]').status == "pass"
    )


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (Called("1", "book", {}), "asks for book, which is no tool"),
        (Called("1", "search", {"q": 5}), "gives search other arguments"),
        (Called("1", "search", {}), "gives search other arguments"),
        (Called("1", "search", "{q:"), "arguments that are not JSON"),
        (Called("1", "search", None), "no arguments as an object"),
    ],
)
def test_any_other_call_says_what_is_wrong(call: Called, why: str) -> None:
    told = found(Called("0", "search", {"q": "fine"}), call)
    assert told.status == "fail"
    assert why in told.reason


def test_no_call_is_not_valid_and_no_tools_are_an_error() -> None:
    assert found().reason == "asks for no tool"
    assert found(Called("1", "search", {}), tools=()).status == "error"


def test_f1_is_of_names() -> None:
    answer = Completion('[{"name": "search"}, {"name": "pay"}]', 1, 1)
    seen = check(Expectation("tool-call-f1", ["search", "book"], threshold=0.5), answer)
    assert (seen.status, seen.score) == ("pass", 0.5)
    assert check(Expectation("tool-call-f1", "search", threshold=1), Completion("none", 1, 1)).score == 0
