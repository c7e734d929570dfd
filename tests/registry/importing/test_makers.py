"""A model's name says who makes it, or nothing is assumed."""

from registry.importing.makers import maker_of


def test_a_maker_is_known_by_the_beginning_of_the_name_alone():
    assert maker_of("gpt-4o") == "openai"
    assert maker_of("o3-mini") == "openai"
    assert maker_of("Claude-3-5-sonnet") == "anthropic"
    assert maker_of("gemini-2.5-flash") == "gemini"
    assert maker_of("mistral-small") == ""
    assert maker_of("my-gpt-4o") == ""
