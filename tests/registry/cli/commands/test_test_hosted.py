"""``promptyard test`` on hosted models: a whole run against a server that speaks the wire format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.commanding import Commanded
from support.providers import Answer, Server, echo, openai_answer, serving
from support.yard_of_cases import FILES, write

from registry.release.evidence import read_evidence

MODEL = """\
promptyard: 1
engine: openai
model: gpt-test
parameters: {maxTokens: 8}
prices:
  currency: USD
  perMillion: {input: 1.0, output: 2.0}
  source: test
  effectiveFrom: 2026-11-01
"""
OTHER = FILES["prompts/words/shout.prompt.yaml"].replace("Shout.", "Shout loudly.")
CHANGES = {
    "prompts/models/tiny.model.yaml": MODEL,
    "prompts/models/tiny/model.bin": "",
    "prompts/words/shown.suite.yaml": "",
    "prompts/words/loud.prompt.yaml": OTHER,
    "prompts/words/loud.suite.yaml": FILES["prompts/words/shout.suite.yaml"].replace(
        "words/shout", "words/loud"
    ),
}


class Yard(Commanded):
    def __init__(self, root: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(write(root, CHANGES), capsys)
        self.server = server

    def asked(self) -> int:
        """How many requests came since the last look."""
        count = len(self.server.seen)
        self.server.seen.clear()
        return count


@pytest.fixture
def yard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Yard]:
    with serving(echo("openai")) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "test-key-of-nobody")
        monkeypatch.setenv("PROMPTYARD_OPENAI_ENDPOINT", f"{server.url}/v1")
        monkeypatch.delenv("PROMPTYARD_SHARED_CACHE", raising=False)
        yield Yard(tmp_path / "yard", server, capsys)


def test_a_run_asks_a_hosted_model_and_says_what_it_cost(yard: Yard) -> None:
    outcome = yard.test()
    assert outcome.code == 0
    assert outcome.out.count("PASS: every case passes") == 2
    assert f"openai gpt-test at {yard.server.url}/v1, not deterministic" in outcome.err
    assert "cost: 0.0002 USD" in outcome.err
    assert yard.asked() == 6
    assert "test-key" not in outcome.out + outcome.err


def test_only_what_changed_is_asked_again_and_explained(yard: Yard) -> None:
    yard.test()
    yard.asked()
    unchanged = yard.test("--explain", "--json")
    assert yard.asked() == 0
    assert {(r["how"], r["why"]) for r in unchanged.json["reasons"]} == {
        ("cached", "unchanged; its answer is kept")
    }
    yard.change("prompts/words/loud.prompt.yaml", "loudly", "louder")
    reasons = yard.test("--explain", "--json").json["reasons"]
    assert yard.asked() == 3
    told = {(r["suite"], r["how"], r["why"]) for r in reasons}
    assert told == {
        ("words/loud", "asked", "the prompt changed since the last run"),
        ("words/shout", "cached", "unchanged; its answer is kept"),
    }
    assert {tuple(r.get("changed", ())) for r in reasons} == {("prompt",), ()}


@pytest.mark.parametrize(
    ("name", "old", "new", "how", "why"),
    [
        ("prompts/words/shout.suite.yaml", "word: apple", "word: pear", "asked", "the case's inputs changed"),
        ("prompts/words/shout.suite.yaml", "equals: APPLE", "contains: APPLE", "cached", "judged by the changed"),
        ("prompts/words/shout.suite.yaml", "id: a,", "id: new,", "cached", "its answer is kept"),
        ("prompts/models/tiny.model.yaml", "maxTokens: 8", "maxTokens: 9", "asked", "the parameters changed"),
        ("prompts/models/tiny.model.yaml", "gpt-test", "gpt-other", "asked", "the model changed"),
    ],
)  # fmt: skip
def test_the_part_that_changed_is_named(
    yard: Yard, name: str, old: str, new: str, how: str, why: str
) -> None:
    yard.test()
    yard.change(name, old, new)
    reasons = yard.test("--explain", "--json", "words/shout").json["reasons"]
    first = next(r for r in reasons if r["case"] in ("a", "new"))
    assert first["how"] == how
    assert why in first["why"]


def test_a_first_run_is_new_and_a_lost_cache_is_told(yard: Yard) -> None:
    first = yard.test("--explain")
    assert "asked       3  new: never asked here before  a, b, c" in first.out
    for entry in (yard.root / ".promptyard/cache/responses").rglob("*.json"):
        entry.unlink()
    assert "unchanged, but no answer is kept" in yard.test("--explain").out
    assert "--no-cache asks everything anew" in yard.test("--explain", "--no-cache").out


def test_against_a_base_the_reason_is_what_differs_from_it(yard: Yard) -> None:
    yard.commit()
    yard.change("prompts/words/loud.prompt.yaml", "loudly", "louder")
    outcome = yard.test("--base", "main", "--explain", "--json")
    assert outcome.code == 0
    assert yard.asked() == 9
    reasons = {(r["suite"], r["arm"], r["case"]): r for r in outcome.json["reasons"]}
    assert reasons["words/loud", "head", "a"]["why"] == "the prompt changed since base"
    assert reasons["words/shout", "head", "a"]["how"] == "same"
    assert reasons["words/shout", "head", "a"]["why"] == "base asks the very same"


def test_a_name_that_the_provider_moved_is_no_comparison(yard: Yard) -> None:
    yard.commit()
    yard.test("words/loud")  # what main says is answered and kept
    yard.server.say = lambda _: Answer(openai_answer("APPLE", model="gpt-test-2026-11-01"))
    yard.change("prompts/words/loud.prompt.yaml", "loudly", "louder")
    mixed = yard.test("--base", "main", "words/loud")
    assert mixed.code == 3
    assert "model that answered differs: base gpt-test-2026-08-01, head gpt-test-2026-11-01" in mixed.out
    assert "differs" not in yard.test("--base", "main", "words/loud", "--no-cache").out


def test_another_model_is_a_change_like_any_other_and_is_compared(yard: Yard) -> None:
    yard.commit()
    yard.change("prompts/models/tiny.model.yaml", "gpt-test", "gpt-other")
    outcome = yard.test("--base", "main", "words/loud")
    assert outcome.code == 0
    assert "pass rate" in outcome.out
    assert "NO-VERDICT" not in outcome.out


def test_a_dry_run_asks_nothing_and_says_what_it_would_cost(yard: Yard) -> None:
    outcome = yard.test("--dry-run", "--json", "--explain")
    assert outcome.code == 0
    assert yard.asked() == 0
    told = outcome.json
    assert [part["requests"] for part in told["suites"]] == [3, 3]
    whole = told["together"]
    assert (whole["answers"], whole["requests"], whole["answerTokens"], whole["currency"]) == (
        6,
        6,
        48,
        "USD",
    )
    tokens = whole["promptTokens"]
    assert 60 < tokens < 200
    assert whole["maxCost"] == pytest.approx((tokens * 1.0 + 48 * 2.0) / 1e6)
    assert len(told["reasons"]) == 6
    assert not (yard.root / ".promptyard/evidence.json").exists()
    yard.test("words/shout")
    assert [p["requests"] for p in yard.test("--dry-run", "--json").json["suites"]] == [3, 0]
    text = yard.test("--dry-run", "--max-cost", "0.00001")
    assert "3 answers · 3 known · no request" in text.out
    assert "This may be more than the cap of 1e-05 USD, where the run stops." in text.out


def test_an_unknown_price_is_never_nothing(yard: Yard) -> None:
    yard.change(
        "prompts/models/tiny.model.yaml", "perMillion: {input: 1.0, output: 2.0}", "perMillion: {input: 1.0}"
    )
    assert "cost unknown" in yard.test("--dry-run").out
    outcome = yard.test("--max-cost", "1")
    assert outcome.code == 3
    assert "has no bound of its cost" in outcome.out
    assert yard.asked() == 0
    assert yard.test().code == 0


def test_the_cap_stops_a_run_with_what_was_done_kept(yard: Yard) -> None:
    stopped = yard.test("--max-cost", "0.0003")
    assert stopped.code == 3
    done = yard.asked()
    assert 0 < done < 6
    assert "not sent" in stopped.err
    assert "reproduce   promptyard test" in stopped.out
    assert "--max-cost 0.0003" in stopped.out
    assert not read_evidence((yard.root / ".promptyard/evidence.json").read_bytes()).passed
    assert yard.test().code == 0
    assert yard.asked() == 6 - done


def test_a_cap_in_the_policy_holds_even_where_the_suite_tolerates_errors(yard: Yard) -> None:
    yard.change("promptyard.yaml", "promptyard: 1", "promptyard: 1\npolicy: {maxCostPerRunUsd: 0}")
    for name in ("shout", "loud"):
        yard.change(f"prompts/words/{name}.suite.yaml", ", required: true", "")
        yard.change(
            f"prompts/words/{name}.suite.yaml",
            "cases:",
            "policy: {errorBudget: 3, minPassRate: 0.01}\ncases:",
        )
    assert yard.test().code == 3
    assert yard.asked() == 0
    assert yard.test("--max-cost", "1").code == 0


@pytest.mark.parametrize("word", ["nan", "-1", "much", "inf"])
def test_a_cap_that_is_no_amount_is_refused(yard: Yard, word: str) -> None:
    assert yard.test("--max-cost", word).code == 2
    assert yard.asked() == 0


def test_a_record_made_here_is_replayed_there_without_a_key(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = yard.root / "records" / "run.jsonl"
    assert yard.test("--record", str(record), "--no-cache").code == 0
    yard.asked()
    monkeypatch.delenv("OPENAI_API_KEY")
    for place in (record, record.parent):
        outcome = yard.test("--replay-from", str(place), "--no-cache", "--explain")
        assert outcome.code == 0, outcome.out
        assert "replay, the model is not asked" in outcome.err
    assert yard.asked() == 0
    yard.change("prompts/words/loud.prompt.yaml", "loudly", "louder")
    changed = yard.test("--replay-from", str(record), "--no-cache")
    assert changed.code == 3
    assert "ENG011" in changed.out


def test_a_place_without_answers_is_no_record(yard: Yard, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "ENG012" in yard.test("--replay-from", str(tmp_path / "empty")).err
    assert yard.test("--replay-from", str(tmp_path / "gone")).code == 2


def test_an_endpoint_that_only_the_file_names_gets_no_key(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMPTYARD_OPENAI_ENDPOINT")
    written = f"promptyard: 1\nengines: {{openai: {{endpoint: '{yard.server.url}/v1'}}}}"
    yard.change("promptyard.yaml", "promptyard: 1", written)
    outcome = yard.test()
    assert outcome.code == 3
    assert yard.asked() == 0
    assert "ENG025 only promptyard.yaml names 127.0.0.1 for engine openai, so the key" in outcome.out
    monkeypatch.delenv("OPENAI_API_KEY")
    assert yard.test().code == 0
    assert all("authorization" not in seen.headers for seen in yard.server.seen)


def test_two_machines_share_their_answers(
    yard: Yard, moto_store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTYARD_SHARED_CACHE", moto_store)
    yard.test()
    assert yard.asked() == 6
    for entry in (yard.root / ".promptyard/cache").rglob("*.json"):
        entry.unlink()
    outcome = yard.test("--explain")
    assert outcome.code == 0
    assert "its answer is kept" in outcome.out
    assert yard.asked() == 0


def test_a_shared_cache_that_is_not_there_is_told_and_the_run_goes_on(
    yard: Yard, moto_store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTYARD_SHARED_CACHE", moto_store.replace("s3://test-", "s3://gone-"))
    outcome = yard.test()
    assert outcome.code == 0
    assert "the shared cache could not be read (NoSuchBucket)" in outcome.err


def test_a_run_that_was_cut_off_goes_on_where_it_was(yard: Yard) -> None:
    def failing(seen: Any) -> Answer:
        if "cherry" in str(seen.body):
            return Answer({"error": {"message": "no"}}, 400)
        return echo("openai")(seen)

    yard.server.say = failing
    assert yard.test().code == 3
    yard.asked()
    yard.server.say = echo("openai")
    assert yard.test().code == 0
    assert yard.asked() == 2


def test_answers_of_a_worse_prompt_fail_the_suite(yard: Yard) -> None:
    yard.server.say = lambda _: Answer(openai_answer("no"))
    outcome = yard.test("words/shout")
    assert outcome.code == 1
    assert "FAIL" in outcome.out
