"""``promptyard guard``: which guardrail rule matches where in a text, and why.

It must never write the text, or a piece of it, unless it was asked to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import click

from registry.authoring.catalog import Catalog
from registry.authoring.sources.guardrail import GuardrailSource, RuleSource, to_guardrail_set
from registry.cli.context import Context
from registry.cli.single import require_prompt
from registry.cli.teaching import examples
from registry.cli.verbs import verb_of
from registry.cli.writers.guarded import (
    Look,
    rule_json,
    verdict_json,
    write_looks,
    write_rule,
    write_verdict,
)
from registry.cli.writers.json import write_json
from registry.errors import Usage
from registry.validation.suggest import did_you_mean
from serve.core.guard.engine import compile_guard
from serve.core.guard.normalise import read
from serve.core.guard.rule import compile_rule
from serve.core.model import GuardrailSet, Rule, Stage

_STAGES: tuple[Stage, ...] = get_args(Stage)


@click.group(
    "guard",
    epilog=examples(
        "promptyard guard check answer.txt",
        "promptyard guard explain pii.card answer.txt",
    ),
)
def command() -> None:
    """Try guardrail rules on a text: which one matches where, what would be done, and why.

    The rules are those of the working copy, run by the very code that a service runs.
    """


@verb_of(
    command,
    "check",
    "promptyard guard check answer.txt",
    "promptyard guard check mail.txt --stage input --set guardrails/pii",
    "echo 'hello' | promptyard guard check - --prompt support/triage --json",
)
@click.argument("file", metavar="FILE|-")
@click.option("--set", "sets", multiple=True, metavar="ID", help="Only the rules of a set; may be repeated.")
@click.option("--prompt", metavar="ID", help="Only the rules of the sets that a prompt names.")
@click.option(
    "--stage", type=click.Choice(_STAGES), default="output", help="Where the text stands; default: output."
)
@click.option("--show", is_flag=True, help="Write what was matched, too.")
def _check(
    context: Context, file: str, sets: tuple[str, ...], prompt: str | None, stage: Stage, show: bool
) -> int:
    """Say which rules match where in FILE (- is standard input), and what would become of the text.

    All sets of the registry look at it unless --set or --prompt names some. Matched text is written with --show
    only. Exit code 1 means that an enforced rule would change or refuse the text, or could not be evaluated.
    """
    catalog = context.catalog()
    named = _named_sets(catalog, sets, prompt)
    guard = compile_guard([to_guardrail_set(catalog.guardrails[name], name) for name in named])
    text = _text(file)
    verdict = guard.check(text, stage, today=_today())
    looking = sum(stage in each.rule.stages for each in guard.rules)
    if context.json:
        write_json(verdict_json(text, verdict, stage, looking, show=show))
    else:
        write_verdict(context.console, file, text, verdict, show=show)
        rules = f"{looking} rule{'' if looking == 1 else 's'} of stage {stage}"
        context.errors.print(f"{len(verdict.hits)} hit{'' if len(verdict.hits) == 1 else 's'} by {rules}")
    context.tell_left_out(catalog)
    return int(bool(verdict.errors) or not verdict.passed)


@verb_of(
    command,
    "explain",
    "promptyard guard explain pii.card",
    "promptyard guard explain pii.card answer.txt --show",
    "promptyard guard explain guardrails/pii:pii.card - --json",
)
@click.argument("rule", metavar="[SET:]RULE")
@click.argument("file", metavar="[FILE|-]", required=False)
@click.option("--show", is_flag=True, help="Write what was matched, too.")
def _explain(context: Context, rule: str, file: str | None, show: bool) -> int:
    """Tell all about one rule, and with FILE every place that it looked at twice: hit, or let through.

    What is let through matched a pattern of the rule, and its own allow-list, stop words or entropy spared it.
    """
    catalog = context.catalog()
    set_id, source = _named_rule(catalog, rule)
    resolved = _resolved(catalog.guardrails[set_id], set_id, source.id)
    text = None if file is None else _text(file)
    looks = () if text is None else _looks(resolved, set_id, text)
    if context.json:
        write_json(rule_json(set_id, source, resolved, text, looks, show=show))
    else:
        write_rule(context.console, set_id, source, resolved)
        if text is not None:
            write_looks(context.console, file or "", text, looks, show=show)
    return 0


def _looks(rule: Rule, set_id: str, text: str) -> tuple[Look, ...]:
    found = compile_rule(rule, set_id).detector.find(read(text), 0)
    return tuple(Look(each.start, each.end, each.outer, each.detail, each.allowed) for each in found)


def _named_sets(catalog: Catalog, sets: Iterable[str], prompt: str | None) -> list[str]:
    """The ids of the sets that shall look.

    Raises:
        Usage: GRD010 for a set that is not there, or when there is none at all; PRM001 for such a prompt.
        NotClean: the finding that keeps the prompt's file from being read.
    """
    wanted = list(sets)
    if prompt is not None:
        require_prompt(catalog, prompt)
        wanted += catalog.prompts[prompt].guardrails
        if not wanted:
            raise Usage("GRD010", f"prompt {prompt} names no guardrail set", "List one under guardrails.")
    for name in wanted:
        if name not in catalog.guardrails:
            raise _no_set(catalog, name)
    found = list(dict.fromkeys(wanted)) or sorted(catalog.guardrails)
    if not found:
        raise Usage("GRD010", "there is no guardrail set", "Write one: promptyard new guardrail ID.")
    return found


def _named_rule(catalog: Catalog, word: str) -> tuple[str, RuleSource]:
    """The rule that ``RULE`` or ``SET:RULE`` names, and its set.

    Raises:
        Usage: GRD010 for a set or rule that is not there, and for a rule that two sets have.
    """
    set_id, colon, name = word.rpartition(":")
    if colon and set_id not in catalog.guardrails:
        raise _no_set(catalog, set_id)
    looked: Mapping[str, GuardrailSource] = (
        {set_id: catalog.guardrails[set_id]} if colon else catalog.guardrails
    )
    found = [(of, rule) for of, source in looked.items() for rule in source.rules if rule.id == name]
    if len(found) > 1:
        both = " and ".join(of for of, _ in found)
        raise Usage("GRD010", f"{both} have a rule {name}", f"Write {found[0][0]}:{name}.")
    if not found:
        known = [rule.id for source in looked.values() for rule in source.rules]
        advice = did_you_mean(name, known) or "promptyard guard check FILE --json names the rules that match."
        raise Usage("GRD010", f"no guardrail set has a rule {name}", advice)
    return found[0]


def _no_set(catalog: Catalog, name: str) -> Usage:
    known = sorted(catalog.guardrails)
    advice = did_you_mean(name, known) or f"Sets are: {', '.join(known) or 'none'}."
    return Usage("GRD010", f"there is no guardrail set {name}", advice)


def _resolved(source: GuardrailSource, set_id: str, name: str) -> Rule:
    whole: GuardrailSet = to_guardrail_set(source, set_id)
    return next(rule for rule in whole.rules if rule.id == name)


def _text(file: str) -> str:
    """The text of a file, or of standard input, byte for byte.

    Raises:
        Usage: GRD011 when it cannot be read, or is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        what = f"the text {file} cannot be read ({error.strerror or 'no access'})"
        raise Usage("GRD011", what, "Name a file, or - for standard input.") from error
    except UnicodeDecodeError as error:
        raise Usage("GRD011", f"the text {file} is not UTF-8", "Save it as UTF-8.") from error


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
