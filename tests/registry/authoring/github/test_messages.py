"""Messages of GitHub's: texts become templates, empty ones go, all of it told at its place."""

from __future__ import annotations

from typing import Any

from registry.authoring.github.messages import Messages
from registry.authoring.github.text import Names

Told = list[tuple[str, tuple[str | int, ...], int | None, str]]


def read(*written: Any) -> tuple[list[Any], Told, Messages]:
    told: Told = []
    reader = Messages(
        Names(),
        lambda topic, steps, spot, what, _: told.append((topic, steps, spot.line if spot else None, what)),
    )
    return reader.messages(list(written)), told, reader


def test_roles_under_other_names_are_ours() -> None:
    made, told, _ = read(
        {"role": "developer", "content": "a"},
        {"role": "Assistant", "content": "b"},
        {"role": "tool", "content": "c"},
    )
    assert [item["role"] for _, item in made] == ["system", "assistant", "tool"]
    assert [what for *_, what in told] == [
        "The role developer is system here.",
        "The role Assistant is assistant here.",
    ]


def test_an_empty_message_goes_and_the_others_keep_their_place() -> None:
    made, told, _ = read(
        {"role": "system", "content": ""}, {"role": "user", "content": "a"}, {"role": "user"}
    )
    assert [index for index, _ in made] == [
        1,
        2,
    ]  # one without content at all is a fault, for the schema to name
    assert told == [("message", ("messages", 0), None, "The message is empty, so it is left out.")]


def test_a_history_and_parts_of_ours_may_stand_in_such_a_file() -> None:
    parts = [{"text": "{{a}}"}, {"image": "{{url}}", "mediaType": "image/png"}, "odd"]
    made, told, reader = read({"history": "talk"}, {"role": "user", "content": parts})
    assert made[0][1] == {"history": "talk"}
    assert made[1][1]["content"] == [
        {"text": "{{ a }}"}, {"image": "{{ url }}", "mediaType": "image/png"}, "odd"
    ]  # fmt: skip
    assert (told, reader.uses) == ([], ["a", "url"])


def test_prose_in_a_file_is_left_to_itself() -> None:
    made, _, _ = read({"role": "user", "content": {"file": "rules.md"}})
    assert made[0][1]["content"] == {"file": "rules.md"}


def test_many_pieces_of_code_are_told_a_few_at_a_time() -> None:
    _, told, _ = read({"role": "user", "content": "{% x %}\n" * 50})
    assert len(told) == 10
    assert told[-1][2:] == (
        10,
        "{% x %} is text, as it is on GitHub: nothing is run or filled in. So are 40 more pieces of this text.",
    )
