"""From a suite's document to typed cases, with file, line and column for all that is wrong.

Every slip is found before anything runs: unknown keys, doubled ids, cases that ask nothing, inputs that the
prompt would refuse. A suite with an error is left out whole.
It must never guess what was meant, and never raise for what a file can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from registry.authoring.catalog import Catalog
from registry.authoring.parse import Document
from registry.diagnostics import Diagnostic, in_order
from registry.evaluation.cases import CaseReader
from registry.evaluation.dataset_cases import DatasetReader
from registry.evaluation.expectations.structure import wants_own_schema
from registry.evaluation.expectations.table import SET
from registry.evaluation.fields import Fields
from registry.evaluation.inline import read_inline
from registry.evaluation.judges.reading import JudgeReader, judge_problems, label_problems, read_labels_of
from registry.evaluation.metrics_reading import metric_problems, read_composites, read_floors
from registry.evaluation.problem import Problem, did_you_mean
from registry.evaluation.prompt_facts import PromptFacts
from registry.evaluation.records import Case, Decode, Expectation, Policy, Suite
from registry.evaluation.shelf import Shelf

SUITE_KEYS = (
    "promptyard", "description", "owner", "prompt", "variant", "samples", "mode", "policy", "defaults",
    "cases", "datasets", "decode", "metrics", "judge", "classifier",
)  # fmt: skip
INCREASES = ("maxTokenIncrease", "maxCostIncrease", "maxLatencyIncrease")
POLICY_KEYS = ("minPassRate", "margin", "onInconclusive", "errorBudget", "minMetrics", *INCREASES)


def read_suites(catalog: Catalog) -> tuple[tuple[Suite, ...], tuple[Diagnostic, ...]]:
    """All suites of a catalog by id, and what is wrong with any (codes SUI002 to SUI012).

    Those in files come first, then those that prompts carry in their own. A suite with an error is left out.
    """
    suites: list[Suite] = []
    findings: list[Diagnostic] = []
    for suite_id, document in sorted(catalog.documents.get("suite", {}).items()):
        suite, found = _read(catalog, suite_id, document)
        findings += found
        if suite is not None:
            suites.append(suite)
    for prompt in sorted(catalog.prompts):
        inline = read_inline(catalog, prompt)
        if inline is not None:
            findings += inline.findings
            suites += [] if inline.suite is None else [inline.suite]
    return tuple(suites), in_order(findings)


def _read(catalog: Catalog, suite_id: str, document: Document) -> tuple[Suite | None, list[Diagnostic]]:
    problems: list[Problem] = []
    fields = Fields(document.data, "a suite", SUITE_KEYS, (), problems)
    if fields.data.get("promptyard") != 1 or isinstance(fields.data.get("promptyard"), bool):
        fields.complain("The format version is missing or unknown.", "Begin the file with promptyard: 1.")
    name = _prompt_name(catalog, fields)
    if name is None or (name not in catalog.prompts and name in catalog.documents["prompt"]):
        return None, _placed(document, problems)  # a prompt that could not be read has its own finding
    facts = PromptFacts(catalog.prompts[name])
    reader = CaseReader(document, fields, facts)
    cases: Shelf[Case] = Shelf()
    for index, data in enumerate(fields.items("cases")):
        case = reader.case(index, data)
        if case is not None:
            cases[case.id] = case
    datasets = DatasetReader(catalog.tree, document, reader)
    judge = JudgeReader(catalog, document, fields)
    for index, data in enumerate(fields.items("datasets")):
        for case in datasets.cases(index, data):
            cases[case.id] = case
    suite = _suite(suite_id, document, name, fields, cases.sequence())
    suite = replace(suite, judge=judge.config(), labels=read_labels_of(fields))
    if not problems and not datasets.findings:
        _check_whole(suite, facts, fields)
        problems += [*judge_problems(suite, catalog), *label_problems(suite)]
    found = _placed(document, problems) + datasets.findings + judge.findings
    return (None if found else suite), found


def _suite(suite_id: str, document: Document, name: str, fields: Fields, cases: Sequence[Case]) -> Suite:
    return Suite(
        id=suite_id,
        path=document.path,
        prompt=name,
        cases=cases,
        samples=fields.whole("samples", 1, 1, 1000),
        mode="render" if fields.choice("mode", ("generate", "render")) == "render" else "generate",
        policy=_policy(fields),
        decode=_decode(fields),
        metrics=read_composites(fields),
    )


def _decode(fields: Fields) -> Decode | None:
    if not isinstance(fields.data.get("decode"), dict):
        kind = fields.choice("decode", ("free", "choice", "template"))
        return Decode("choice" if kind == "choice" else "template") if kind != "free" else None
    below = Fields(fields.data["decode"], "decode", ("choice",), ("decode",), fields.problems)
    texts = below.items("choice")
    if (
        len(texts) < 2
        or not all(isinstance(text, str) and text for text in texts)
        or len(set(texts)) < len(texts)
    ):
        below.complain(
            "choice must list at least two texts, no two of them equal.", "Write choice: [yes, no]."
        )
        return None
    return Decode("choice", tuple(texts))


def _policy(outer: Fields) -> Policy:
    fields = Fields(outer.mapping("policy"), "the policy", POLICY_KEYS, ("policy",), outer.problems)
    blocks = fields.choice("onInconclusive", ("pass", "block")) == "block"
    return Policy(
        min_pass_rate=fields.share("minPassRate"),
        margin=fields.share("margin") or Policy().margin,
        on_inconclusive="block" if blocks else "pass",
        error_budget=fields.whole("errorBudget", 0, 0, 1_000_000),
        max_token_increase=fields.increase("maxTokenIncrease"),
        max_cost_increase=fields.increase("maxCostIncrease"),
        max_latency_increase=fields.increase("maxLatencyIncrease"),
        min_metrics=read_floors(fields),
    )


def _prompt_name(catalog: Catalog, fields: Fields) -> str | None:
    name = fields.text("prompt")
    known = catalog.documents["prompt"]
    if name is None and "prompt" not in fields.data:
        fields.complain("The suite does not say which prompt it tests.", "Write prompt: support/triage.")
    elif name is not None and name not in known:
        fields.complain(
            f"There is no prompt {name}.", did_you_mean(name, catalog.ids("prompt")), "prompt", code="SUI003"
        )
        return None
    return name


def _check_whole(suite: Suite, facts: PromptFacts, fields: Fields) -> None:
    if not suite.cases:
        fields.complain(
            "The suite has no case.", "Write at least one below cases, or a dataset.", code="SUI006"
        )
    for problem in metric_problems(suite):
        fields.complain(problem.message, problem.hint, *problem.steps, code=problem.code)
    for lacks, asks, what, hint in _lacking(facts):
        asked = (item for case in suite.cases for expectation in case.expect for item in _flat(expectation))
        if lacks and any(map(asks, asked)):
            fields.complain(f"The prompt {suite.prompt} has no {what}.", hint, "prompt", code="SUI007")


def _lacking(facts: PromptFacts) -> Iterator[tuple[bool, Callable[[Expectation], bool], str, str]]:
    yield (
        not facts.has_output,
        wants_own_schema,
        "output schema, which is-json: output asks for",
        "Give the prompt an output, or write the schema here.",
    )
    yield (
        not facts.has_guardrails,
        lambda item: item.type == "guardrails",
        "guardrails, which the expectation guardrails asks about",
        "Name some in the prompt, guardrails: [guardrails/tickets], or remove the expectation.",
    )
    yield (
        not facts.tools,
        lambda item: item.type == "is-valid-tool-call",
        "tools, which is-valid-tool-call holds a call against",
        "Name some in the prompt, tools: [tools/lookup-order], or remove the expectation.",
    )


def _flat(expectation: Expectation) -> Iterator[Expectation]:
    """An expectation, or all that a set holds."""
    if expectation.type != SET:
        yield expectation
        return
    for item in expectation.value:
        yield from _flat(item)


def _placed(document: Document, problems: Sequence[Problem]) -> list[Diagnostic]:
    return [
        Diagnostic(problem.code, "error", document.place(*problem.steps), problem.message, problem.hint)
        for problem in problems
    ]
