"""LangChain's templates, with the examples of a few-shot prompt in their place."""

import pytest

from registry.importing.langchain.objects import Named
from registry.importing.langchain.templates import Conversation
from registry.importing.port import Note

EXAMPLE = {"template": "{a}: {b}", "input_variables": ["a", "b"]}


def read(prompt: Named) -> tuple[list[object], list[Note]]:
    notes: list[Note] = []
    conversation = Conversation({"t.txt": b"From {x}.\n"}.get, notes)
    conversation.add(prompt)
    return conversation.items, notes


def few_shot(**values: object) -> Named:
    return Named("FewShotPromptTemplate", {"example_prompt": EXAMPLE, "suffix": "{q}", **values})


def test_examples_stand_between_what_is_before_and_behind_them():
    items, notes = read(few_shot(prefix="Start", examples=[{"a": "1", "b": "2"}], example_separator="|"))
    assert items == [{"role": "user", "content": "Start|1: 2|{{ q }}\n"}]
    assert [note.what for note in notes] == ["examples (1)"]


def test_a_brace_in_an_example_is_read_once_more_as_langchain_does():
    items, _ = read(few_shot(examples=[{"a": "{x}", "b": "{{}}"}]))
    assert items[0]["content"] == "{{ x }}: {}\n\n{{ q }}\n"


@pytest.mark.parametrize("template", ["{a.__class__}", "{a:>9}", "{a!r}", "{missing}"])
def test_an_example_that_needs_python_is_left_out_and_told(template):
    items, notes = read(few_shot(examples=[{"a": "1"}], example_prompt={"template": template}))
    assert items[0]["content"] == "{{ q }}\n"
    assert [(note.level, note.what) for note in notes] == [("lost", "example 1")]


def test_a_jinja_example_that_only_prints_values_is_put_in():
    jinja = {"template": "{{ a }}!", "template_format": "jinja2"}
    assert read(few_shot(examples=[{"a": "1"}], example_prompt=jinja))[0][0]["content"] == "1!\n\n{{ q }}\n"
    loop = {"template": "{% for x in a %}{% endfor %}", "template_format": "jinja2"}
    assert read(few_shot(examples=[{"a": "1"}], example_prompt=loop))[1][0].level == "lost"


def test_a_template_of_a_file_is_read_to_its_last_line_end():
    items, _ = read(Named("PromptTemplate", {"template_path": "t.txt"}))
    assert items == [{"role": "user", "content": "From {{ x }}.\n\n"}]


def test_a_message_that_is_no_template_keeps_its_braces():
    items, _ = read(
        Named(
            "ChatPromptTemplate",
            {"messages": [{"lc": 1, "id": ["HumanMessage"], "kwargs": {"content": "{a} {{b}}"}}]},
        )
    )
    assert items == [{"role": "user", "content": '{a} {{ "{" }}{b}}\n'}]
