"""``promptyard test`` with judges: whole runs against a server that speaks the wire format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.commanding import Commanded
from support.judging import JUDGE, deciding
from support.providers import Answer, Seen, Server, serving
from support.yard_of_cases import write

from registry.evaluation.calibration import Label, Said, as_line
from registry.evaluation.record import read_record

PRICES = "prices: {currency: USD, perMillion: {input: 1.0, output: 2.0}, source: test, effectiveFrom: 2026-11-01}\n"
ANSWERING = f"promptyard: 1\nengine: openai\nmodel: gpt-test\nparameters: {{maxTokens: 8}}\n{PRICES}"
JUDGING = f"promptyard: 1\nengine: openai\nmodel: {JUDGE}\nparameters: {{maxTokens: 8}}\n{PRICES}"
SUITE = """\
promptyard: 1
prompt: words/shout
judge: {model: models/judge, votes: 3}
cases:
  - {id: a, inputs: {word: apple}, expect: [{contains: APP}, {llm-rubric: Is a fruit.}]}
  - {id: b, inputs: {word: brick}, expect: [{contains: BRI}, {llm-rubric: Is a fruit.}]}
"""
RUBRIC = {"llm-rubric": "Is a fruit."}
FRUIT = ("APPLE", "PEAR", "PLUM")
CHANGES = {
    "prompts/models/tiny.model.yaml": ANSWERING,
    "prompts/models/judge.model.yaml": JUDGING,
    "prompts/words/shout.suite.yaml": SUITE,
}


def label(answer: str, said: Said) -> Label:
    return Label(RUBRIC, {"word": answer.lower()}, answer, said, "Ada", "2026-11-21T15:00:00Z")


def labels(count: int) -> str:
    """Labels of people who know fruit, half of them pass."""
    made = [label(f"{'APPLE' if n % 2 else 'BRICK'} {n}", "pass" if n % 2 else "fail") for n in range(count)]
    return "".join(as_line(each) + "\n" for each in made)


def knows_fruit(texts: Mapping[str, str], _: Any) -> str:
    return "yes" if any(fruit in texts["answer"] for fruit in FRUIT) else "no"


class Yard(Commanded):
    def __init__(self, root: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
        nothing = dict.fromkeys(("prompts/models/tiny/model.bin", "prompts/words/shown.suite.yaml"), "")
        super().__init__(write(root, CHANGES | nothing), capsys)
        self.server = server

    def judged(self) -> list[Seen]:
        return [seen for seen in self.server.seen if seen.body["model"] == JUDGE]


@pytest.fixture
def yard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Yard]:
    with serving(deciding(knows_fruit)) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "test-key-of-nobody")
        monkeypatch.setenv("PROMPTYARD_OPENAI_ENDPOINT", f"{server.url}/v1")
        monkeypatch.delenv("PROMPTYARD_SHARED_CACHE", raising=False)
        yield Yard(tmp_path / "yard", server, capsys)


def test_an_uncalibrated_judge_is_told_and_fails_nothing(yard: Yard) -> None:
    outcome = yard.test()
    assert outcome.code == 0
    assert "advisory: judge not calibrated; 0 of 30 labels" in outcome.out
    assert "does not hold in 1 case: b" in outcome.out
    assert len(yard.judged()) == 6  # two answers, three votes


def test_a_judge_that_agrees_with_thirty_labels_counts(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    outcome = yard.test()
    assert outcome.code == 1
    assert "(kappa 1.00, agreement 100.0%, n=30), 3 votes\n" in outcome.out
    assert "llm-rubric is judged no by 3 of 3 votes: 0.00, where 0.5 is asked" in outcome.out
    assert "advisory" not in outcome.out


def test_twelve_labels_are_too_few_and_the_run_says_how_many_are_missing(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(12))
    outcome = yard.test()
    assert outcome.code == 0
    assert "advisory: judge not calibrated; 12 of 30 labels" in outcome.out


def test_a_judge_that_disagrees_with_people_stays_advisory_until_the_floor_is_lowered(yard: Yard) -> None:
    def wrong(texts: Mapping[str, str], body: Any) -> str:  # on 8 of 40: kappa 0.6
        right = knows_fruit(texts, body)
        number = texts["answer"].split()[-1]
        return {"yes": "no", "no": "yes"}[right] if number.isdigit() and int(number) % 5 == 0 else right

    yard.server.say = deciding(wrong)
    yard.put("prompts/words/shout.calibration.jsonl", labels(40))
    strict = SUITE.replace("votes: 3", "votes: 3, minKappa: 0.7")
    yard.put("prompts/words/shout.suite.yaml", strict)
    outcome = yard.test()
    assert outcome.code == 0
    assert "advisory: judge agrees too little with people; kappa 0.60 is below 0.7" in outcome.out
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", "votes: 3, minKappa: 0.5"))
    assert yard.test().code == 1


def test_what_a_judge_said_is_kept_and_can_be_replayed(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    first = yard.test("--record", str(yard.root / "run.jsonl"))
    asked = len(yard.server.seen)
    assert asked == 2 + 3 * 32
    again = yard.test()
    assert (again.code, len(yard.server.seen)) == (1, asked)
    replayed = yard.test("--no-cache", "--replay-from", str(yard.root / "run.jsonl"))
    assert (replayed.code, len(yard.server.seen)) == (first.code, asked)
    assert "kappa 1.00" in replayed.out


def test_a_run_whose_judge_failed_goes_on_from_its_record(yard: Yard) -> None:
    judged = deciding(knows_fruit)
    yard.server.say = lambda seen: (
        Answer({"error": {"message": "no"}}, status=400) if seen.body["model"] == JUDGE else judged(seen)
    )
    record = yard.root / "run.jsonl"
    words = ("--no-cache", "--record", str(record))
    assert yard.test(*words).code == 3
    answered = len(yard.server.seen) - len(yard.judged())
    yard.server.say = judged
    assert yard.test(*words).code == 0
    assert len(yard.server.seen) - len(yard.judged()) == answered == 2
    asked = len(yard.judged())
    samples = list(read_record(record))
    assert yard.test(*words).code == 0
    assert (len(yard.judged()), list(read_record(record))) == (asked, samples)


def test_a_dry_run_counts_what_judges_will_be_asked(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    before = json.loads(yard.test("--dry-run", "--json").out)["together"]
    assert (before["requests"], before["known"], yard.server.seen) == (2 + 3 * 32, 0, [])
    assert before["model"] == "openai models/tiny, openai models/judge"
    assert before["maxCost"] > 0
    yard.test()
    assert len(yard.server.seen) == before["requests"]
    after = json.loads(yard.test("--dry-run", "--json").out)["together"]
    assert (after["requests"], after["known"]) == (0, 2 + 3 * 32)


def test_the_cap_on_cost_holds_for_judges_too(yard: Yard) -> None:
    outcome = yard.test("--max-cost", "0.002")
    assert outcome.code == 3
    assert "ENG027" in outcome.out


def test_a_pinned_judge_that_changed_is_advisory_until_people_look_again(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    name = yard.test("--json").json["verdicts"][0]["judges"][0]["name"]
    digest = name.partition("@")[2]
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", f'votes: 3, digest: "{digest}"'))
    assert yard.test().code == 1
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", f'votes: 1, digest: "{digest}"'))
    outcome = yard.test()
    assert outcome.code == 0
    assert f"advisory: judge is not the one that was pinned ({digest}, now" in outcome.out


@pytest.mark.parametrize("count", [0, 30])
def test_a_judge_that_does_not_answer_leaves_no_verdict(yard: Yard, count: int) -> None:
    if count:
        yard.put("prompts/words/shout.calibration.jsonl", labels(count))
    judged = deciding(knows_fruit)
    yard.server.say = lambda seen: (
        Answer({"error": {"message": "no"}}, status=400) if seen.body["model"] == JUDGE else judged(seen)
    )
    outcome = yard.test()
    assert outcome.code == 3
    assert "NO-VERDICT" in outcome.out
    assert "got no verdict from the judge" in outcome.out


def test_prose_is_asked_for_once_more_and_is_no_verdict(yard: Yard) -> None:
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", "votes: 1"))

    def prose(texts: Mapping[str, str], body: Any) -> str:
        return knows_fruit(texts, body) if len(body["messages"]) > 2 else "Yes, I think that it is a fruit."

    yard.server.say = deciding(prose, word=True)
    assert yard.test().code == 0
    assert len(yard.judged()) == 4
    yard.server.say = deciding(lambda *_: "It depends on the fruit.", word=True)
    outcome = yard.test("--no-cache")
    assert outcome.code == 3
    told = (
        "EVL040 models/judge wrote 'It depends on the fruit.' twice instead of one of yes, no. Give it room"
    )
    assert told in " ".join(outcome.out.split())


def test_votes_are_counted_and_the_majority_decides(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))

    def wavering(texts: Mapping[str, str], body: Any) -> str:
        """Says the opposite in one of the three wordings."""
        right = knows_fruit(texts, body)
        return {"yes": "no", "no": "yes"}[right] if "Judge whether" in str(body["messages"]) else right

    yard.server.say = deciding(wavering)
    outcome = yard.test()
    assert outcome.code == 1
    assert "is judged no by 2 of 3 votes: 0.33" in outcome.out
    assert "kappa 1.00" in outcome.out


def test_head_is_compared_with_base_in_both_orders(yard: Yard) -> None:
    cases = "".join(
        f"  - {{id: c{n}, inputs: {{word: w{n}}}, expect: [{{contains: W}}, {{select-best: Is longer.}}]}}\n"
        for n in range(6)
    )
    yard.put(
        "prompts/words/shout.suite.yaml",
        f"promptyard: 1\nprompt: words/shout\njudge: models/judge\ncases:\n{cases}",
    )
    yard.commit()
    prompt = yard.root / "prompts/words/shout.prompt.yaml"
    prompt.write_text(prompt.read_text().replace('"{{ word }}"', '"{{ word }} and more"'))

    def longer(texts: Mapping[str, str], _: Any) -> str:
        return "A" if len(texts["a"]) > len(texts["b"]) else "B"

    yard.server.say = deciding(longer)
    outcome = yard.test("--base", "main")
    assert "head wins 6, base 0, 0 ties; sign test p=0.031 (advisory)" in outcome.out
    assert len(yard.judged()) == 12
    yard.server.say = deciding(lambda *_: "A")  # whoever stands first: that is no opinion
    biased = yard.test("--base", "main", "--no-cache")
    assert "head wins 0, base 0, 6 ties; sign test p=1 (advisory)" in biased.out
    alone = yard.test()
    assert alone.code == 0
    assert "select-best" not in alone.out
    yard.put(
        "prompts/words/shout.suite.yaml",
        f"promptyard: 1\nprompt: words/shout\njudge: models/judge\ncases:\n{cases.replace('{contains: W}, ', '')}",
    )
    unasked = yard.test()
    assert unasked.code == 0
    assert "6 cases ask only which answer is better: c0, c1, c2, c3, c4, c5; without a base" in unasked.out


def test_what_a_calibrated_judge_finds_worse_than_base_is_a_regression(yard: Yard) -> None:
    cases = "".join(
        f"  - {{id: c{n}, inputs: {{word: apple {n}}}, expect: [{{llm-rubric: Is a fruit.}}]}}\n"
        for n in range(12)
    )
    suite = f"promptyard: 1\nprompt: words/shout\njudge: models/judge\ncases:\n{cases}"
    yard.put("prompts/words/shout.suite.yaml", suite)
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    yard.commit()
    assert yard.test("--base", "main").code == 0
    prompt = yard.root / "prompts/words/shout.prompt.yaml"
    prompt.write_text(
        prompt.read_text().replace('"{{ word }}"', "\"{{ word | replace('apple', 'brick') }}\"")
    )
    yard.server.seen.clear()
    outcome = yard.test("--base", "main")
    assert (outcome.code, "REGRESSION" in outcome.out) == (1, True)
    assert "12 lost, 0 gained" in outcome.out
    assert (
        len(yard.judged()) == 12 + 12 * 16
    )  # head's answers, and the fresh ones of both arms; the labels are kept


def test_noise_is_measured_with_the_judge_in_it(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", "votes: 1"))
    outcome = yard.test("--aa")
    assert outcome.code == 0
    assert len(yard.judged()) == 30 + 2 + 2  # the labels once, each round anew
    assert "kappa 1.00" in outcome.out
    assert (
        "judge noise 0/2 judged checks (0.0%) got another verdict though the answer was the same"
        in " ".join(outcome.out.split())
    )


def test_a_judge_that_changes_its_mind_about_one_answer_is_told_as_noise(yard: Yard) -> None:
    seen: list[str] = []

    def moody(texts: Mapping[str, str], _: Any) -> str:
        seen.append(texts["answer"])
        return "no" if texts["answer"] == "BRICK" and seen.count("BRICK") > 1 else "yes"

    yard.server.say = deciding(moody)
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", "votes: 1"))
    outcome = yard.test("--aa", "--json")
    noise = outcome.json["verdicts"][0]["noise"]
    assert (noise["readTwice"], noise["wavered"]) == (2, 1)


def test_what_judges_are_asked_is_explained(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    asked = "judge models/judge, llm-rubric: the answer is still to come"
    first = " ".join(yard.test("--dry-run", "--explain").out.split())
    assert f"asked 6 {asked}, so the number is the most there can be a, b" in first
    assert "asked 90 judge models/judge, labelled answers: it never read this answer for this " in first
    yard.test("--explain")
    again = yard.test("--explain", "--json").json["reasons"]
    judged = [it for it in again if it.get("judge")]
    assert {(it["how"], it.get("check", "")) for it in judged} == {("cached", ""), ("cached", "llm-rubric")}
    assert len(judged) == 90 + 6
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("Is a fruit.}]}\n", "Is sweet.}]}\n", 1))
    third = " ".join(yard.test("--dry-run", "--explain").out.split())
    assert "asked 3 judge models/judge, llm-rubric: it never read this answer for this a" in third
    assert "cached 3 judge models/judge, llm-rubric: what it said is kept b" in third


def test_parts_with_a_judge_come_to_the_verdict_of_the_whole(yard: Yard) -> None:
    suite = SUITE.replace("judge: {model: models/judge, votes: 3}\n", "").replace(
        "{llm-rubric: Is a fruit.}", "{llm-rubric: Is a fruit., judge: models/judge}"
    )
    for text, count in ((SUITE, 30), (SUITE, 0), (suite, 0)):
        yard.put("prompts/words/shout.calibration.jsonl", labels(count))
        yard.put("prompts/words/shout.suite.yaml", text)
        whole = yard.test("--json")
        parts = [str(yard.root / f"part-{n}-{count}-{len(text)}.jsonl") for n in (1, 2)]
        for n, part in enumerate(parts, 1):
            assert yard.test("--shard", f"{n}/2", "--record", part).code == 0
        asked = len(yard.server.seen)
        merged = yard.test("--merge", *parts, "--json")
        assert merged.code == whole.code == bool(count)
        assert len(yard.server.seen) == asked
        (one,), (other,) = whole.json["verdicts"], merged.json["verdicts"]
        assert one["judges"] == other["judges"] != []
        same = ("word", "reasons", "advice", "head")
        assert [one.get(key) for key in same] == [other.get(key) for key in same]


def test_githubs_evaluators_are_put_to_the_judge_of_the_settings(yard: Yard) -> None:
    prompt = yard.root / "prompts/words/shout.prompt.yaml"
    tests = (
        "testData: [{word: apple, expected: a fruit}, {word: brick, expected: a stone}]\nevaluators:\n"
        "  - {name: fruit, llm: {prompt: 'Is {{completion}} a fruit like {{word}}?', "
        "choices: [{choice: 'Yes', score: 1}, {choice: 'No', score: 0}]}}\n"
        "  - {name: alike, uses: github/similarity}\n"
    )
    prompt.write_text(prompt.read_text() + tests)
    (yard.root / "prompts/words/shout.suite.yaml").unlink()
    yard.put("promptyard.yaml", "promptyard: 1\njudge: {model: models/judge}\n")

    def decide(texts: Mapping[str, str], body: Any) -> str:
        return (
            knows_fruit(texts, body) if "question" in texts else "2" if "stone" in texts["criterion"] else "5"
        )

    yard.server.say = deciding(decide)
    outcome = yard.test()
    assert outcome.code == 0
    assert "4 judged checks; does not hold in 1 case: row-" in outcome.out
    assert len(yard.judged()) == 4
    assert "SUI012" not in outcome.err


def test_a_judging_prompt_of_the_registry_is_asked_instead(yard: Yard) -> None:
    strict = """\
promptyard: 1
description: Judges answers.
owner: words
model: models/judge
inputs:
  criterion: {type: string, maxLength: 500, trust: developer}
  answer: {type: string, maxLength: 5000, trust: user}
  words: {type: string, maxLength: 100, trust: developer}
messages:
  - {role: system, content: "You judge. Allowed: {{ words }}"}
  - {role: user, content: "Rule: {{ criterion }} Text: {{ answer }}"}
"""
    yard.put("prompts/words/strict.prompt.yaml", strict)
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", "prompt: words/strict"))
    yard.server.say = deciding(lambda _, body: "yes" if "Text: APPLE" in str(body) else "no")
    outcome = yard.test()
    assert outcome.code == 0
    assert sorted(seen.body["messages"][1]["content"] for seen in yard.judged()) == [
        "Rule: Is a fruit. Text: APPLE",
        "Rule: Is a fruit. Text: BRICK",
    ]
    assert "does not hold in 1 case: b" in outcome.out


def test_the_settings_judge_for_suites_that_name_none(yard: Yard) -> None:
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("judge: {model: models/judge, votes: 3}\n", ""))
    refused = yard.test()
    assert refused.code == 2
    assert "Case a: llm-rubric needs a judge, and the suite names none." in refused.err
    yard.put("promptyard.yaml", "promptyard: 1\njudge: {model: models/judge}\n")
    assert "models/judge@" in yard.test().out
    assert yard.call("lint").code == 0
    yard.put("promptyard.yaml", "promptyard: 1\njudge: {model: models/none}\n")
    lost = yard.test()
    assert (lost.code, "EVL041 the judge models/none is no model." in lost.err) == (2, True)
    yard.put("promptyard.yaml", "promptyard: 1\njudge: {model: models/judge, votes: 2}\n")
    assert "votes must be 1, 3, 5, 7 or 9" in yard.test().err


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        ("models/jugde", "Did you mean models/judge?"),
        ("{model: models/judge, votes: 2}", "votes must be odd"),
        ("{model: models/judge, vote: 3}", "Did you mean votes?"),
        ("{model: models/judge, prompt: words/none}", "asks for a prompt words/none, which is not there"),
        ("{model: models/judge, calibration: none.calibration.jsonl}", "There is no file"),
        ("{model: models/judge, calibration: labels.csv}", "must name a file *.calibration.jsonl"),
        ("{votes: 3}", "The judge names no model."),
        ("{model: models/judge, digest: xyz}", "hexadecimal"),
        ("[models/judge]", "must be an object"),
    ],
)
def test_a_judge_that_cannot_be_asked_is_found_before_anything_runs(
    yard: Yard, judge: str, told: str
) -> None:
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("{model: models/judge, votes: 3}", judge))
    outcome = yard.test()
    assert (outcome.code, yard.server.seen) == (2, [])
    assert told in outcome.err.replace("\n", " ")


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (
            "{llm-rubric: Is a fruit., judge: models/none}",
            "Case a: the judge models/none of llm-rubric is no model.",
        ),
        (
            "{context-faithfulness: null, threshold: 0.9}",
            "Case a: context-faithfulness looks for the context in the input context",
        ),
        (
            "{context-relevance: {context: word, query: ask}, threshold: 0.9}",
            "looks for the query in the input ask",
        ),
    ],
)
def test_a_check_that_could_not_be_put_to_a_judge_is_found_before_anything_runs(
    yard: Yard, check: str, told: str
) -> None:
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("{llm-rubric: Is a fruit.}", check))
    outcome = yard.test()
    assert (outcome.code, yard.server.seen) == (2, [])
    assert told in " ".join(outcome.err.split())


def test_a_check_may_name_a_judge_of_its_own(yard: Yard) -> None:
    yard.put("prompts/models/other.model.yaml", JUDGING)
    suite = SUITE.replace(
        "{id: b, inputs: {word: brick}, expect: [{contains: BRI}, {llm-rubric: Is a fruit.}]}",
        "{id: b, inputs: {word: brick}, expect: [{contains: BRI}, {llm-rubric: Is a fruit., judge: models/other}]}",
    )
    yard.put("prompts/words/shout.suite.yaml", suite)
    outcome = yard.test()
    assert outcome.code == 0
    assert outcome.out.count("advisory: judge not calibrated") == 2
    assert "models/other@" in outcome.out


def test_a_broken_label_is_named_by_its_line(yard: Yard) -> None:
    wrong = as_line(Label({"contains": "a"}, {}, "b", "pass", "Ada", "2026-11-21T15:00:00Z"))
    yard.put("prompts/words/shout.calibration.jsonl", f"{labels(1)}{wrong}\n{{\n")
    outcome = yard.test()
    assert outcome.code == 2
    assert "shout.calibration.jsonl:2" in outcome.err
    assert "shout.calibration.jsonl:3" in outcome.err


def test_a_baseline_that_another_judge_has_read_is_no_base(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    file = str(yard.root / "b.jsonl")
    assert yard.test("--save-baseline", file).code == 1
    same = yard.test("--baseline", file)
    assert "kappa 1.00" in same.out  # the judge is told, as without a baseline
    assert "NON-INFERIOR" in same.out
    yard.put("prompts/words/shout.suite.yaml", SUITE.replace("votes: 3", "votes: 1"))
    other = yard.test("--baseline", file)
    assert other.code == 3
    assert "NO-VERDICT: judge differs: base models/judge@" in other.out
    yard.put("prompts/words/shout.suite.yaml", SUITE)
    (yard.root / "prompts/words/shout.calibration.jsonl").unlink()
    unread = yard.test("--baseline", file)
    assert unread.code == 3  # its word no longer counts, so no case fails by it: that is no gain
    assert "(advisory)" in unread.out


def test_parts_put_together_tell_of_their_judge_as_one_run_does(yard: Yard) -> None:
    yard.put("prompts/words/shout.calibration.jsonl", labels(30))
    more = (
        f"  - {{id: n{n}, inputs: {{word: plum{n}}}, expect: [{{llm-rubric: Is a fruit.}}]}}\n"
        for n in range(8)
    )
    yard.put("prompts/words/shout.suite.yaml", SUITE + "".join(more))
    files = [str(yard.root / f"{n}.jsonl") for n in (1, 2)]
    for n, file in enumerate(files, 1):
        assert yard.test("--shard", f"{n}/2", "--record", file).code == 0
    (told,) = (line for line in yard.test().out.splitlines() if line.startswith("  judge"))
    assert "kappa 1.00" in told
    assert told in yard.test("--merge", *files).out.splitlines()
    text = Path(files[1]).read_text()
    assert '"judges":{"words/shout":[{' in text
    Path(files[1]).write_text(text.replace('"why":""', '"why":"judge not calibrated"'))
    mixed = yard.test("--merge", *files)
    assert mixed.code == 3
    assert "SHD006 in 2.jsonl the word of models/judge@" in mixed.err
