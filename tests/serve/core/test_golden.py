"""Bundles of earlier versions: every later version must open them and answer the same."""

from __future__ import annotations

from pathlib import Path

from serve.core.bundle import unpack
from serve.core.compile import compile_bundle, messages_digest
from serve.core.digest import sha256

FORMAT_1 = Path(__file__).parent / "golden/format-1.tar.gz"
INPUTS = {
    "teams": ["cards", "loans"],
    "ticket": "Hi {{ x }}",
    "talk": [{"role": "assistant", "content": "Yes?"}],
}


def test_format_1_opens_and_answers_as_it_always_did():
    data = FORMAT_1.read_bytes()
    live = compile_bundle(unpack(data), sha256=sha256(data))
    render = live.render("support/triage", INPUTS)
    assert [message.role for message in render.messages] == ["system", "assistant", "user"]
    assert render.messages[0].text == "You route tickets.\nBe calm.\n- cards\n- loans\n"
    assert (
        messages_digest(render.messages) == "128f6f84790723166e30ba3064334ba9b35dfd69a708f7565bcb7a2b0f985b8e"
    )
    assert render.check_output("pay 4012 8888 8888 1881 now").text == "pay [card] now"
    assert [tool.name for tool in render.tools] == ["lookup_account"]
    assert live.render("support/triage", INPUTS, variant="short").messages[0].text == "One of: cards, loans."
