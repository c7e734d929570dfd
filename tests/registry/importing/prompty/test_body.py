"""The messages of a Prompty body, with its images, files and earlier messages in their places."""

import pytest

from registry.importing.prompty.body import Body, Messages, messages_of


def read(
    text: str, *, version_2: bool = False, engine: str = "", rich: dict[str, str] | None = None
) -> Messages:
    siblings = {"a.png": b"\x89PNG"}
    return messages_of(Body(text, 1, engine, version_2, "", rich or {}, {}, siblings.get))


def test_an_image_of_version_1_is_a_part_of_its_message():
    (message,) = read("user:\nLook: ![x]({{ url }}) and ![y](https://example.org/b.png 'b') end").items
    assert message["content"] == [
        {"text": "Look:\n"}, {"image": "{{ url }}"}, {"text": "and\n"}, {"image": "https://example.org/b.png"}, {"text": "end\n"},
    ]  # fmt: skip


def test_version_2_has_no_images_in_its_text():
    (message,) = read("user:\n![x]({{ url }})", version_2=True).items
    assert message["content"] == "![x]({{ url }})\n"


def test_an_image_beside_the_file_is_put_into_the_prompt():
    found = read("user:\n![x](a.png)")
    assert found.items[0]["content"] == [{"image": "data:image/png;base64,iVBORw=="}]
    assert [note.what for note in found.notes] == ["image a.png"]


@pytest.mark.parametrize("text", ["![x](gone.png)", "{% if a %}![x]({{ b }}){% endif %}"])
def test_an_image_that_cannot_be_a_part_stays_text_and_is_told(text):
    found = read(f"user:\n{text}")
    assert found.items[0]["content"] == f"{text}\n"
    assert "lost" in {note.level for note in found.notes}


def test_inputs_of_rich_kinds_are_parts_and_placeholders():
    found = read("system:\nS\n{{ past }}\nuser:\n{{ photo }} what?\n{{ doc }}", version_2=True,
                 rich={"past": "thread", "photo": "image", "doc": "file"})  # fmt: skip
    assert found.items == [
        {"role": "system", "content": "S\n"},
        {"history": "past"},
        {"role": "user", "content": [{"image": "{{ photo }}"}, {"text": "what?\n"}, {"file": "{{ doc }}"}]},
    ]
    assert found.histories == ["past"]


def test_a_role_with_text_behind_it_is_a_fault_at_its_line():
    found = read("Intro\nsystem: You answer.\nuser: Hi")
    assert [(note.what, note.line) for note in found.notes if note.level == "fault"] == [("system:", 2)]
    assert found.items[0]["content"] == "Intro\nsystem: You answer.\nuser: Hi\n"


def test_mustache_that_is_not_named_is_recognised_by_its_sections():
    found = read("user:\n{{#a}}{{b}}{{/a}}")
    assert found.items[0]["content"] == "{% for item in a %}{{ item.b }}{% endfor %}\n"
    assert "template" in {note.what for note in found.notes}
