from __future__ import annotations

import pytest
from support.content import FILES, catalog, write
from support.providers import Answer, openai_answer, serving

from registry.errors import EngineError
from registry.evaluation.asking_hosted import hosted
from serve.core.guard.checks.asked import JudgeDetect, Pin
from serve.guard_ml.judging import Judge, NoVerdict

PIN = Pin("models/chat", engine="openai", model="gpt-test", parameters={"maxTokens": 50})


def asked(tmp_path, say):
    with serving(say) as server:
        environment = {"OPENAI_API_KEY": "sk-not-a-key", "PROMPTYARD_OPENAI_ENDPOINT": server.url}
        ask = hosted(catalog(write(tmp_path, FILES)), environment)
        shares = Judge(JudgeDetect("models/chat", "Is it rude?", timeout_s=30.0), PIN, ask).shares(
            ["You fool."]
        )
        return shares[0], server.seen


def test_a_hosted_model_is_asked_with_the_marked_text_and_its_word_counts(tmp_path):
    shares, seen = asked(tmp_path, lambda _: Answer(openai_answer('{"verdict": "yes"}')))
    assert shares == {"yes": 1.0, "no": 0.0}
    (request,) = seen
    assert "You fool." in request.body["messages"][-1]["content"]
    assert request.body["model"] == "gpt-test"


def test_prose_and_refusals_are_no_verdict(tmp_path):
    with pytest.raises(NoVerdict):
        asked(tmp_path, lambda _: Answer(openai_answer("It depends.")))
    with pytest.raises(EngineError, match="ENG010 the judge models/chat gave no answer"):
        asked(tmp_path, lambda _: Answer({"error": {"message": "no"}}, status=400))
