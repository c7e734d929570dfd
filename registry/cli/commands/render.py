"""``promptyard render``: the exact messages, or the exact request body, that a service would send."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from registry.authoring.affected import prompt_paths
from registry.authoring.catalog import Catalog, load
from registry.cli.context import Context, pass_context
from registry.cli.inputs import case_of, inputs_of_file, inputs_of_words
from registry.cli.single import require_prompt as require_prompt  # export asks for it here
from registry.cli.single import single_prompt, with_its_suites
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.cli.writers.rendered import rendered_json, write_estimate, write_rendered
from registry.errors import NotClean, Refused
from registry.evaluation.arms import LOCAL
from registry.evaluation.local_prompts import LocalPrompts
from registry.release.findings import findings_of
from registry.rendering.estimate import estimate
from registry.rendering.preview import FORMS, live_of
from serve.core.codec import to_json
from serve.core.live import Render
from serve.core.model import Json

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "render",
    epilog=examples(
        "promptyard render support/triage --case double-charge",
        'promptyard render support/triage -i ticket=@mail.txt -i \'teams=["billing", "cards"]\'',
        "promptyard render support/triage --case double-charge --ref main --for openai",
    ),
)
@click.argument("prompt", metavar="ID")
@click.option(
    "-i", "--input", "words", multiple=True, metavar="NAME=VALUE", help="One input; @file reads a file."
)
@click.option("--inputs", "file", type=_FILE, help="A JSON or YAML file with inputs.")
@click.option("--case", metavar="CASE", help="Take the inputs of a case of the prompt's suites.")
@click.option("--ref", metavar="REV", help="A Git revision instead of the working copy.")
@click.option("--variant", metavar="NAME", help="A variant of the prompt.")
@click.option(
    "--for",
    "form",
    type=click.Choice([*FORMS, LOCAL]),
    metavar="FORM",
    help=f"JSON: a provider's exact request body, or {LOCAL}'s prompt and tokens. One of {', '.join([*FORMS, LOCAL])}.",
)
@pass_context
def command(
    context: Context,
    prompt: str,
    words: tuple[str, ...],
    file: Path | None,
    case: str | None,
    ref: str | None,
    variant: str | None,
    form: str | None,
) -> None:
    """Show the messages of a prompt exactly as a service would send them.

    Inputs come from a case, a file and single words; the later one wins. What is not text is
    written as JSON. The last line says how many tokens the prompt has and what a call costs; ≈ marks an
    estimate, which a model with its own tokenizer here does not need.
    """
    catalog = single_prompt(context, prompt, ref)
    found = case_of(with_its_suites(catalog, prompt), prompt, case) if case else None
    inputs = {
        **(found.inputs if found else {}),
        **(inputs_of_file(file) if file else {}),
        **inputs_of_words(words, catalog.prompts[prompt].inputs),
    }
    chosen = variant or (found.variant if found else None)
    try:
        render = live_of(catalog).render(prompt, inputs, variant=chosen)
    except (NotClean, Refused):
        _tell_place(catalog, prompt)
        raise
    local = LocalPrompts(catalog)
    shown = _shown(form, render, local) if form else None
    estimated = estimate(render, local.count)
    if form:
        write_json(shown)
        write_estimate(context.errors, render, estimated)
    elif context.json:
        write_json(rendered_json(render, estimated))
    else:
        write_rendered(context.console, render)
        write_estimate(context.console, render, estimated)


def _tell_place(alone: Catalog, prompt: str) -> None:
    """Raise what lint finds in the prompt's own file, if anything: it knows the line and the likely cure."""
    paths = prompt_paths(alone.settings, prompt)
    for finding in findings_of(load(alone.tree, alone.settings), today=datetime.now(UTC).date()):
        if finding.place.path in paths and finding.level == "error":
            raise NotClean(finding.code, f"{finding.place} {finding.message.rstrip('.')}", finding.hint)


def _shown(form: str, render: Render, local: LocalPrompts) -> Json:
    return to_json(local.of(render)) if form == LOCAL else FORMS[form](render)
