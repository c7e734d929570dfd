"""``promptyard show``: a prompt as it was, at a revision or in a release, and who changed it last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import click
from rich.console import Console
from rich.text import Text

from registry.authoring.affected import prompt_paths
from registry.authoring.git_objects import GitTree
from registry.cli.commands.log import step_json
from registry.cli.context import Context, pass_context
from registry.cli.releases import carriers, live_move, release_bundle, releases_or_none
from registry.cli.single import no_prompt, single_prompt, tree_of
from registry.cli.teaching import examples
from registry.cli.writers.changes import visible
from registry.cli.writers.json import write_json
from registry.errors import PromptyardError, Usage
from registry.rendering.changes import message_name
from registry.rendering.lineage import lineage
from registry.rendering.resolve import resolve
from serve.core.bundle import entry_digest
from serve.core.codec import to_json
from serve.core.model import Bundle, Json, Placeholder, Prompt


@dataclass(frozen=True, slots=True)
class _Seen:
    """A prompt with the entries that it refers to, and where it was looked at.

    ``commit`` is None for the working copy; ``release`` is the number where a release was asked for.
    """

    prompt: Prompt
    bundle: Bundle
    told: str
    commit: str | None
    release: int | None = None


@click.command(
    "show",
    epilog=examples(
        "promptyard show support/triage                # the working copy",
        "promptyard show support/triage@v1.2           # a Git revision",
        "promptyard show support/triage@17             # release 17, as the store holds it",
        "promptyard show support/triage@production     # what a channel serves now",
    ),
)
@click.argument("what", metavar="ID[@REV|@RELEASE|@CHANNEL]")
@click.option("--source", is_flag=True, help="Its file, byte for byte, instead.")
@pass_context
def command(context: Context, what: str, source: bool) -> None:
    """Show a prompt as it was: messages with partials in place, inputs, model, digests, last change.

    After the @ stands a Git revision, the number of a release or the name of a channel. A name that
    is more than one of them is refused: write release:17, channel:production, or refs/heads/17.
    A release is read from the store and verified, not made again from Git.
    """
    prompt, at, name = what.partition("@")
    if at and not name:
        raise Usage(
            "PRM003", f"{what} names nothing after the @", "Write a revision, a release or a channel."
        )
    kind, word = _meant(context, name) if at else ("copy", "")
    if source:
        _write_source(context, prompt, kind, word)
        return
    seen = _seen(context, prompt, kind, word)
    last = _last_change(context, seen)
    if context.json:
        write_json({**_json(seen), "lastChange": last})
    else:
        _write(context.console, seen, last)


def _meant(context: Context, name: str) -> tuple[str, str]:
    """What stands after the @: a revision, a release or a channel.

    Raises:
        Usage: GIT008 when it is more than one of them, REL002 for a release that is no number.
    """
    for kind in ("release", "channel"):
        if name.startswith(f"{kind}:"):
            word = name.removeprefix(f"{kind}:")
            if kind == "release" and not re.fullmatch("[0-9]{1,9}", word):
                raise Usage("REL002", f"{word or 'nothing'} is no release number", "Write release:17.")
            return kind, word
    meanings = ["release"] if re.fullmatch("[0-9]{1,6}", name) else []
    meanings += ["channel"] if name in context.settings.channels else []
    if not meanings:
        return "revision", name
    if _is_revision(context, name):
        cure = f"Write {meanings[0]}:{name}, or refs/heads/{name} or refs/tags/{name}."
        raise Usage("GIT008", f"{name} is a {meanings[0]} and a Git revision as well", cure)
    return meanings[0], name


def _is_revision(context: Context, name: str) -> bool:
    try:
        context.repository().commit_id(name)
    except Usage as error:
        return error.code == "GIT007"
    return True


def _seen(context: Context, prompt: str, kind: str, word: str) -> _Seen:
    if kind in ("release", "channel"):
        number = int(word) if kind == "release" else live_move(context, word).release
        bundle, release = release_bundle(context, number)
        told = f"release {number}" + (f", live on {word}" if kind == "channel" else "")
        if prompt not in bundle.prompts:
            known = ", ".join(sorted(bundle.prompts)[:5])
            raise Usage("PRM001", f"release {number} holds no prompt {prompt}", f"It holds {known}.")
        return _Seen(bundle.prompts[prompt], bundle, told, release.move.commit, number)
    catalog = single_prompt(context, prompt, word or None)
    bundle = resolve(catalog)
    told = f"{word} ({catalog.tree.commit[:12]})" if catalog.tree.commit else "the working copy"
    return _Seen(bundle.prompts[prompt], bundle, told, catalog.tree.commit)


def _write_source(context: Context, prompt: str, kind: str, word: str) -> None:
    revision = word or None
    if kind in ("release", "channel"):
        number = int(word) if kind == "release" else live_move(context, word).release
        revision = release_bundle(context, number)[1].move.commit
    tree = tree_of(context, revision)
    settings = context.settings_of(tree)
    for path in prompt_paths(settings, prompt):
        try:
            click.echo(tree.read(path), nl=False)
        except FileNotFoundError:
            continue
        return
    raise no_prompt(tree, settings, prompt, revision)


def _last_change(context: Context, seen: _Seen) -> Json:
    """The newest commit that changed the prompt, up to where it was looked at; None where Git cannot say."""
    try:
        repository = context.repository()
        revision = repository.commit_id(seen.commit or "HEAD")
        step = next(lineage(repository, seen.prompt.id, revision), None)
    except Usage:
        return None
    if step is None:
        return None
    known = releases_or_none(context)
    release = carriers(context, known).get(step.commit) if known else None
    uncommitted = seen.commit is None and _differs(context, repository.tree(revision), seen)
    return {
        **step_json(step, repository.commits([step.commit])[step.commit], release),
        "uncommitted": uncommitted,
    }


def _differs(context: Context, head: GitTree, seen: _Seen) -> bool:
    try:
        committed = resolve(single_prompt(context, seen.prompt.id, head.commit)).prompts[seen.prompt.id]
    except PromptyardError:
        return True
    return entry_digest(committed) != entry_digest(seen.prompt)


def _json(seen: _Seen) -> dict[str, Json]:
    prompt, bundle = seen.prompt, seen.bundle
    return {
        "id": prompt.id,
        "at": {"commit": seen.commit, "release": seen.release},
        "digest": entry_digest(prompt),
        "prompt": to_json(prompt),
        "model": to_json(bundle.models[prompt.model.id]),
    }


def _write(console: Console, seen: _Seen, last: Json) -> None:
    prompt = seen.prompt
    head = Text.assemble((prompt.id, "path"), (f" · {entry_digest(prompt)[:12]} · {seen.told}", "dim"))
    console.print(head, soft_wrap=True)
    for label, value in _facts(seen, last):
        console.print(Text.assemble((f"{label:<12} ", "dim"), visible(value)), soft_wrap=True)
    for position, item in enumerate(prompt.messages, 1):
        if isinstance(item, Placeholder):
            console.print(Text(f"── {message_name(position, item)} <{item.history}>", "dim"))
            continue
        name = f" {item.id}" if item.id else ""
        console.print(Text.assemble((f"── {item.role}", item.role), (name, "dim")))
        for part in item.content:
            text = visible(part.text.removesuffix("\n"))
            click.echo(text if part.kind == "text" else f"[{part.kind}] {text}")


def _facts(seen: _Seen, last: Json) -> Iterator[tuple[str, str]]:
    prompt = seen.prompt
    model = seen.bundle.models[prompt.model.id]
    parameters = ", ".join(
        f"{key} {value}" for key, value in {**model.parameters, **prompt.parameters}.items()
    )
    yield from (("about", " ".join(prompt.description.split())),) if prompt.description else ()
    yield from (("owner", prompt.owner),) if prompt.owner else ()
    yield "model", f"{model.id} {prompt.model.sha256[:12]}  {model.engine} {model.model}  {parameters}"
    yield from (("input", f"{name}  {_shape(schema)}") for name, schema in prompt.inputs.items())
    for label, refs in (("guardrail", prompt.guardrails), ("tool", prompt.tools)):
        yield from ((label, f"{ref.id} {ref.sha256[:12]}") for ref in refs)
    yield from (("partial", f"{name} {digest[:12]}") for name, digest in sorted(prompt.includes.items()))
    yield from (("variants", ", ".join(sorted(prompt.variants))),) if prompt.variants else ()
    if last is not None:
        carried = f"  (release {last['release']})" if last["release"] is not None else ""
        yield (
            "last change",
            f"{last['commit'][:9]}  {last['at'][:10]}  {last['author']}  {last['subject']}{carried}",
        )
        yield from (("", "and changes that are not committed"),) if last["uncommitted"] else ()


def _shape(schema: Json) -> str:
    """A variable's type, bounds and trust on one line."""
    told = [str(schema.get("type", "any"))]
    told += [
        f"{key} {schema[key]}" for key in ("maxLength", "maxItems", "minimum", "maximum") if key in schema
    ]
    told += [f"one of {', '.join(map(str, schema['enum']))}"] if "enum" in schema else []
    told += [f"written by {schema['trust']}"] if "trust" in schema else []
    return ", ".join(told)
