"""Who speaks stays who spoke, and a conversation has someone who asks."""

import pytest

from registry.importing.port import Note
from registry.importing.roles import in_order, role_of

SYSTEM = {"role": "system", "content": "S\n"}
USER = {"role": "user", "content": "U\n"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("", "system"), ("Human", "user"), ("ai", "assistant"), ("model", "assistant"), ("SYSTEM", "system")],
)
def test_words_for_a_role_are_known(theirs, ours):
    notes: list[Note] = []
    assert role_of(theirs, notes) == ours
    assert notes == []


@pytest.mark.parametrize(
    ("theirs", "ours", "level"), [("developer", "system", "changed"), ("tool", "user", "lost")]
)
def test_a_role_that_we_lack_is_told(theirs, ours, level):
    notes: list[Note] = []
    assert role_of(theirs, notes) == ours
    assert [note.level for note in notes] == [level]


def test_a_conversation_in_which_no_one_asks_gets_a_history():
    notes: list[Note] = []
    assert in_order([SYSTEM], notes) == [SYSTEM, {"history": "conversation"}]
    assert [note.level for note in notes] == ["changed"]


def test_the_history_has_a_name_that_is_free():
    spoken_of = {"role": "system", "content": "{{ conversation }}\n"}
    assert in_order([spoken_of], [])[-1] == {"history": "conversation_messages"}


def test_a_system_message_behind_others_stays_and_is_a_fault():
    notes: list[Note] = []
    assert in_order([USER, SYSTEM], notes) == [USER, SYSTEM]
    assert [(note.level, note.what) for note in notes] == [("fault", "message 2")]
