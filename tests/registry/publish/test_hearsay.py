from __future__ import annotations

from registry.publish.hearsay import plain


def test_what_could_steer_a_terminal_or_go_on_for_ever_is_gone() -> None:
    assert plain("renders differently: é 日") == "renders differently: é 日"
    assert plain("\x1b[2J\x9b1m\u202eabc\n\udcff") == "?[2J?1m?abc??"
    assert plain("x" * 1000, 5) == "xxxxx"
