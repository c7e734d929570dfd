"""Secrets stay behind, and no note repeats one."""

from registry.importing.secrets import is_secret_name, scrubbed, without_secrets

KEY = "AKIA" + "Q7Z1M4K9P2R8S5T3"


def test_keys_are_known_by_name_and_limits_are_not():
    assert is_secret_name("api_key")
    assert is_secret_name("access_token")
    assert not is_secret_name("max_tokens")
    assert not is_secret_name("tokens")


def test_a_key_in_a_text_is_replaced_and_told_without_being_shown():
    text, notes = without_secrets(f"use {KEY} now", "message 1")
    assert text == "use [removed] now"
    assert [note.level for note in notes] == ["lost"]
    assert KEY not in repr(notes)


def test_a_value_is_scrubbed_all_the_way_down():
    value, notes = scrubbed({"a": [{"apiKey": "x", "b": f"see {KEY}"}], "max_tokens": 3}, "model")
    assert value == {"a": [{"b": "see [removed]"}], "max_tokens": 3}
    assert len(notes) == 2
    assert KEY not in repr(notes)
