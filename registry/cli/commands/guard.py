"""``promptyard guard``: which guardrail rule matches where in a text, and why.

It must never write the text, or a piece of it, unless it was asked to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import get_args

import click

from registry.authoring.catalog import Catalog
from registry.authoring.extending import ExtendError, Extending, Taken
from registry.cli.asking import local_models, models_for, pinned_sets
from registry.cli.benign import benign_folder, benign_json, judged_benign, write_benign
from registry.cli.context import Context
from registry.cli.guarding import given_of, lookable
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
from registry.errors import NotClean, Usage
from registry.validation.benign import RECORD, record
from registry.validation.suggest import did_you_mean
from serve.core.guard.engine import compile_guard
from serve.core.guard.given import Given
from serve.core.guard.normalise import read
from serve.core.guard.rule import compile_rule
from serve.core.guard.units import Unit
from serve.core.model import GuardrailSet, Rule, Stage

_STAGES: tuple[Stage, ...] = get_args(Stage)
_UNITS: tuple[Unit, ...] = get_args(Unit)


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
    "promptyard guard check answer.txt --prompt support/reply --segment tenant=acme",
)
@click.argument("file", metavar="FILE|-")
@click.option("--set", "sets", multiple=True, metavar="ID", help="Only the rules of a set; may be repeated.")
@click.option("--prompt", metavar="ID", help="Only the rules of the sets that a prompt names.")
@click.option(
    "--stage", type=click.Choice(_STAGES), default="output", help="Where the text stands; default: output."
)
@click.option(
    "--segment", multiple=True, metavar="NAME=VALUE", help="An attribute of the request; repeatable."
)
@click.option(
    "--canary", metavar="TEXT", help="The marker that must not come out; default: that of --prompt."
)
@click.option("--units", type=click.Choice(_UNITS), default="code-points", help="How --json counts places.")
@click.option("--show", is_flag=True, help="Write what was matched, too.")
@click.option("--ask", is_flag=True, help="Ask hosted judges too: they get the text, and it costs.")
def _check(
    context: Context,
    file: str,
    sets: tuple[str, ...],
    prompt: str | None,
    stage: Stage,
    segment: tuple[str, ...],
    canary: str | None,
    units: Unit,
    show: bool,
    ask: bool,
) -> int:
    """Say which rules match where in FILE (- is standard input), and what would become of the text.

    All sets of the registry look at it unless --set or --prompt names some. Matched text is written with --show
    only. Exit code 1 means that an enforced rule would change or refuse the text, or could not be evaluated.
    """
    catalog = context.catalog()
    named = _named_sets(catalog, sets, prompt)
    given = given_of(catalog, prompt, canary, segment)
    looked, left = lookable(_flat(catalog, named, once=True), given)
    pinned = pinned_sets(catalog, looked)
    guard = compile_guard(pinned, models_for(context, catalog, pinned, hosted_too=ask))
    text = _text(file)
    verdict = guard.check(text, stage, given)
    looking = sum(stage in each.rule.stages for each in guard.rules)
    if context.json:
        write_json(verdict_json(text, verdict, stage, looking, show=show, units=units))
    else:
        write_verdict(context.console, file, text, verdict, show=show)
        rules = f"{looking} rule{'' if looking == 1 else 's'} of stage {stage}"
        context.errors.print(f"{len(verdict.hits)} hit{'' if len(verdict.hits) == 1 else 's'} by {rules}")
    for name in left:
        context.errors.print(
            f"rule {name} did not look, since no canary is known: name a --prompt, or the --canary"
        )
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
@click.option("--canary", metavar="TEXT", help="The marker that a rule of kind canary looks for.")
@click.option("--ask", is_flag=True, help="Ask a hosted judge too: it gets the text, and it costs.")
def _explain(context: Context, rule: str, file: str | None, show: bool, canary: str | None, ask: bool) -> int:
    """Tell all about one rule, and with FILE every place that it looked at twice: hit, or let through.

    What is let through matched a pattern of the rule, and its own allow-list, stop words or entropy spared it.
    A rule that asks a model tells of each passage what the model said, and the rule's threshold.
    """
    catalog = context.catalog()
    set_id, taken = _named_rule(catalog, rule)
    text = None if file is None else _text(file)
    looks = (
        ()
        if text is None
        else _looks(context, catalog, taken.rule, set_id, text, Given(canary=canary), ask=ask)
    )
    if context.json:
        write_json(rule_json(set_id, taken, text, looks, show=show))
    else:
        write_rule(context.console, set_id, taken)
        if text is not None:
            write_looks(context.console, file or "", text, looks, show=show)
    return 0


@verb_of(
    command,
    "fetch",
    "promptyard guard fetch",
    "promptyard guard fetch /srv/prompts/weights",
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def _fetch(context: Context, folder: Path | None) -> int:
    """Fetch the weights that guardrail rules ask to DIR, each in a folder named by its digest.

    By default that is .promptyard/cache/weights, where lint, test and guard look. A service looks below its cache,
    in CACHE/weights. Weights from Hugging Face are converted, which needs the convert extra.
    """
    from registry.evaluation.asking import WEIGHTS, fetched
    from registry.evaluation.engines.convert import convert

    catalog = context.catalog()
    target = context.root / WEIGHTS if folder is None else folder
    names = local_models(catalog, _flat(catalog, sorted(catalog.guardrails)))
    made = {name: fetched(catalog, name, target, convert=convert) for name in names}
    if context.json:
        write_json(
            {"weights": [{"model": n, "sha256": d, "folder": str(place)} for n, (place, d) in made.items()]}
        )
        return 0
    for name, (place, sha256) in made.items():
        context.console.print(f"[code]{name}[/] sha256 {sha256} in {place.parent}", soft_wrap=True)
    context.errors.print(f"{len(made)} local model{'' if len(made) == 1 else 's'} of guardrail rules")
    return 0


@verb_of(
    command,
    "benign",
    "promptyard guard benign",
    "promptyard guard benign prompts/guardrails/benign --write",
)
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--write", is_flag=True, help="Record the counts beside the texts.")
def _benign(context: Context, folder: str | None, write: bool) -> int:
    """Count the harmless texts in DIR that each set takes for a hit; exit code 1 when a count has risen.

    DIR is guardrails/benign below the content folder unless it is named. It holds *.txt files; a line %% stands
    between two texts of a file. The counts are recorded in alarms.json beside them.
    """
    catalog = context.catalog()
    place = benign_folder(catalog, folder)
    told = judged_benign(catalog, _flat(catalog, sorted(catalog.guardrails)), place)
    if write:
        (context.root / place / RECORD).write_text(record(told.counts), encoding="utf-8")
    if context.json:
        write_json(benign_json(told))
    else:
        write_benign(context.console, told)
        context.errors.print(f"{len(told.texts)} harmless texts" + (", recorded" if write else ""))
    return int(bool(told.risen) and not write)


def _looks(
    context: Context, catalog: Catalog, rule: Rule, set_id: str, text: str, given: Given, *, ask: bool
) -> tuple[Look, ...]:
    (pinned,) = pinned_sets(catalog, [GuardrailSet(set_id, (rule,))])
    models = models_for(context, catalog, [pinned], hosted_too=ask)
    try:
        detector = compile_rule(pinned.rules[0], set_id, models).detector_for(given)
    except ValueError as error:
        raise Usage(
            "GRD013", f"rule {rule.id} does not look: {error}", "Name the marker with --canary."
        ) from error
    found = detector.find(read(text), 0)
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


def _named_rule(catalog: Catalog, word: str) -> tuple[str, Taken]:
    """The rule that ``RULE`` or ``SET:RULE`` names, and its set: the one that is named, or in which it is written.

    Raises:
        Usage: GRD010 for a set or rule that is not there, and for a rule that two sets write.
        NotClean: as :func:`_flat`.
    """
    set_id, colon, name = word.rpartition(":")
    if colon and set_id not in catalog.guardrails:
        raise _no_set(catalog, set_id)
    sets = Extending(catalog.guardrails)
    with _clean():
        rules = [(of, each) for of in ([set_id] if colon else catalog.guardrails) for each in sets.rules(of)]
    found = [(of, each) for of, each in rules if each.rule.id == name and (colon or each.origin == of)]
    if len(found) > 1:
        both = " and ".join(of for of, _ in found)
        raise Usage("GRD010", f"{both} have a rule {name}", f"Write {found[0][0]}:{name}.")
    if not found:
        advice = did_you_mean(name, [each.rule.id for _, each in rules])
        other = "promptyard guard check FILE --json names the rules that match."
        raise Usage("GRD010", f"no guardrail set has a rule {name}", advice or other)
    return found[0]


def _flat(catalog: Catalog, names: Sequence[str], *, once: bool = False) -> list[GuardrailSet]:
    """Some sets as a release holds them; with ``once`` a rule that several inherit as it is stands in its own alone.

    Raises:
        NotClean: the finding that keeps them from being put together.
    """
    sets = Extending(catalog.guardrails)
    with _clean():
        flat = [sets.flat(name) for name in names]
        if not once:
            return flat
        doubles = {
            (name, taken.rule.id)
            for name in names
            for taken in sets.rules(name)
            if taken.origin != name and taken.origin in names and not taken.overridden_by
        }
    return [replace(it, rules=tuple(r for r in it.rules if (it.id, r.id) not in doubles)) for it in flat]


@contextmanager
def _clean() -> Iterator[None]:
    try:
        yield
    except ExtendError as error:
        raise NotClean(error.code, error.what, error.advice) from error


def _no_set(catalog: Catalog, name: str) -> Usage:
    known = sorted(catalog.guardrails)
    advice = did_you_mean(name, known) or f"Sets are: {', '.join(known) or 'none'}."
    return Usage("GRD010", f"there is no guardrail set {name}", advice)


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
