"""``promptyard keys``: who may sign for a channel, and how that changes.

It must never print a private byte, nor write to a store but in ``keys publish`` and a plain ``keys init``.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import get_args

import click
from rich.text import Text
from securesystemslib.signer import Key
from tuf.api.metadata import Root

from registry.cli.acting import actor_of, actor_option
from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context
from registry.cli.teaching import examples
from registry.cli.verbs import verb_of
from registry.cli.writers.json import write_json
from registry.cli.writers.standing import quorum_json, standing_json, write_quorums, write_standing
from registry.errors import Usage
from registry.publish import ceremony, keys, rekey, roots
from registry.publish.channels import initialise, utc_now
from registry.publish.roots import Role
from registry.publish.standing import standing
from registry.publish.state import root_path
from serve.core.model import Json

_NAMED = re.compile(r"([A-Za-z][\w.-]*)=(.+)", re.DOTALL)


@click.group("keys", epilog=examples("promptyard keys status", "promptyard keys rotate --help"))
def command() -> None:
    """Show and change who may sign for a channel: root, targets, and online (snapshot and timestamp).

    A new root is proposed in a file beside the trusted one, signed by its holders one after the other (the
    pull request is the ceremony), and published when enough have signed.
    """


@verb_of(
    command,
    "init",
    "promptyard keys init production",
    "promptyard keys init production --threshold 2 --key ada=file:.promptyard/keys/ada.pem"
    " --key bob=pub:trust/bob.pub --key eve=pub:trust/eve.pub",
    "promptyard keys init production --key ops=awskms:alias/root --targets awskms:alias/targets",
)
@click.argument("channel")
@click.option(
    "--key", "holders", multiple=True, metavar="[NAME=]URI", help="A root key; one for each holder."
)
@click.option("--threshold", type=click.IntRange(min=1), default=1, help="How many holders sign the root.")
@click.option("--targets", metavar="URI", help="Key that signs what is live; default: promptyard.yaml's.")
@click.option("--online", metavar="URI", help="Key that re-signs daily; default: promptyard.yaml's.")
def _init(
    context: Context,
    channel: str,
    holders: tuple[str, ...],
    threshold: int,
    targets: str | None,
    online: str | None,
) -> None:
    """Begin CHANNEL's trust with its first root.

    Without --key one file key for each role is made below .promptyard/keys and the root is signed at once.
    With --key the root
    is a proposal: each holder runs `promptyard keys sign`, and with the last signature it is the trusted one.
    """
    where = context.channel(channel)
    if not holders:
        if targets or online or threshold != 1:
            raise Usage("USE001", "--threshold, --targets and --online go with --key", "Name the root keys.")
        path = initialise(context.target(), where, context.root)
        _say(
            context, {"channel": channel, "root": where.root}, f"{channel}: {path.name} is trusted; commit it"
        )
        return
    public = functools.partial(_public, context)
    begun = ceremony.begin(
        where,
        [public(each) for each in holders],
        threshold,
        public(targets or where.targets_key),
        public(online or where.online_key),
        utc_now(),
        context.root,
    )
    _tell_ceremony(context, channel, begun)
    _remind(context, "targets", targets, where.targets_key, channel)
    _remind(context, "online", online, where.online_key, channel)


@verb_of(command, "public", "promptyard keys public file:.promptyard/keys/bob.pem > trust/bob.pub")
@click.argument("uri")
def _public_half(context: Context, uri: str) -> None:
    """Print the public half of the key at URI.

    It is in PEM form, for whoever proposes a root. A file key is made when it does not exist yet.
    """
    full, key = keys.public(uri, context.root)
    if context.json:
        write_json({"uri": full, "id": key.keyid, "scheme": key.scheme, "public": keys.pem(key)})
        return
    click.echo(keys.pem(key), nl=False)
    context.errors.print(f"key {key.keyid[:12]}  {full}", style="dim", soft_wrap=True)


@verb_of(
    command,
    "sign",
    "promptyard keys sign production",
    "promptyard keys sign production --key file:.promptyard/keys/bob.pem",
)
@click.argument("channel")
@click.option("--key", metavar="URI", help="Your key; default: the root key of promptyard.yaml.")
def _sign(context: Context, channel: str, key: str | None) -> None:
    """Add your signature to CHANNEL's proposed root.

    Read the file before: you vouch for every key in it. With the last signature that is needed it becomes the
    trusted root; commit the files and run `promptyard keys publish`.
    """
    where = context.channel(channel)
    _tell_ceremony(context, channel, ceremony.sign(where, key or where.root_key, context.root))


@verb_of(
    command,
    "rotate",
    "promptyard keys rotate production                    # the same keys for another year",
    "promptyard keys rotate production --role online --to file:.promptyard/keys/production-online-2.pem",
    "promptyard keys rotate production --role root --to bob=pub:trust/bob.pub --add --threshold 2",
)
@click.argument("channel")
@click.option("--role", type=click.Choice(get_args(Role)), help="Whose key is replaced.")
@click.option("--to", metavar="[NAME=]URI", help="The new key.")
@click.option("--replaces", metavar="NAME|ID", help="Which one goes, where a role has several.")
@click.option("--add", is_flag=True, help="None goes: the new key comes beside the others.")
@click.option("--threshold", type=click.IntRange(min=1), help="How many holders sign the root from now on.")
def _rotate(
    context: Context,
    channel: str,
    role: Role | None,
    to: str | None,
    replaces: str | None,
    add: bool,
    threshold: int | None,
) -> None:
    """Propose a root with another key, or another year.

    Without --role all keys of CHANNEL stay, and the root lasts another year. What the old key signed stays
    believed. For a key that was lost or stolen there is `promptyard keys revoke`.
    """
    if (role is None) != (to is None) or ((replaces or add) and role is None) or (replaces and add):
        raise Usage("USE001", "--role and --to go together; --replaces or --add go with them", "See --help.")
    where = context.channel(channel)
    new = _public(context, to) if to else None

    def how(document: Root) -> None:
        if role is not None and new is not None:
            roots.replace_key(document, role, new, instead_of=replaces, add=add)
        if threshold is not None:
            roots.set_threshold(document, threshold)

    _tell_ceremony(context, channel, ceremony.change(where, how, utc_now(), context.root))
    if role is not None and role != "root":
        _remind(context, role, to, getattr(where, f"{role}_key"), channel)


@verb_of(
    command,
    "revoke",
    "promptyard keys revoke production 3f9c0d1e2a4b --to file:.promptyard/keys/production-online-2.pem"
    " --reason 'laptop stolen'",
    "promptyard keys revoke production bob --threshold 1",
)
@click.argument("channel")
@click.argument("who", metavar="NAME|ID")
@click.option("--to", metavar="[NAME=]URI", help="The key that takes its place.")
@click.option("--threshold", type=click.IntRange(min=1), help="How many holders sign the root from now on.")
@click.option(
    "--reason", default="", metavar="TEXT", help="Why; signed with the root, for everybody to read."
)
def _revoke(
    context: Context, channel: str, who: str, to: str | None, threshold: int | None, reason: str
) -> None:
    """Propose a root without a lost or stolen key.

    Nothing that it signed is believed any more: history ends there, and `promptyard keys publish` asks which
    release stays live. Versions that a thief drove up start anew.
    """
    where = context.channel(channel)
    new = _public(context, to) if to else None

    def how(document: Root) -> None:
        if threshold is not None:
            document.roles[Root.type].threshold = threshold
        roots.revoke(document, who, reason, new)

    _tell_ceremony(context, channel, ceremony.change(where, how, utc_now(), context.root))


@verb_of(
    command,
    "publish",
    "promptyard keys publish production --dry-run",
    "promptyard keys publish production --yes",
    "promptyard keys publish production --keep 41",
)
@click.argument("channel", required=False)
@click.option(
    "--keep", type=click.IntRange(min=1), metavar="RELEASE", help="After a revocation: what stays live."
)
@actor_option
@click.option("--dry-run", is_flag=True, help="Show what would be done and stop.")
@yes_option
def _publish(
    context: Context, channel: str | None, keep: int | None, actor: str | None, dry_run: bool, yes: bool
) -> None:
    """Put CHANNEL's trusted root into the store; by default the first channel's of promptyard.yaml.

    What is live is signed again where the root names other keys for it. Needs the targets and online keys
    only when they changed. Safe to repeat: services follow by themselves.
    """
    target, where = context.target(), context.channel(channel)
    channel = where.name
    plan = rekey.plan_root(target, where, keep=keep, root=context.root)
    idle = not plan.placed and not plan.signed_again
    if not context.json and not idle:
        context.console.print(f"{channel}: {_in_words(plan)}", soft_wrap=True)
    if not dry_run and not idle:
        require_yes(context, f"Publish root {plan.version} of {channel}?", yes=yes)
        plan = rekey.publish_root(target, where, keep=keep, actor=actor_of(context, actor), root=context.root)
    told: Json = {
        "channel": channel,
        "root": plan.version,
        "placed": list(plan.placed),
        "live": plan.live.release if plan.live else None,
        "signedAgain": plan.signed_again,
    }
    if context.json or not dry_run or idle:
        where_is = "was in the store" if idle else "is in the store"
        _say(context, told, f"{channel}: root {plan.version} {where_is}")


def _in_words(plan: rekey.Rekeyed) -> str:
    roots_to_come = f"root {', '.join(map(str, plan.placed))} comes into the store" if plan.placed else ""
    live = plan.live
    again = (
        f"release {live.release} (commit {live.commit[:12]}) is signed again"
        if live and plan.signed_again
        else ""
    )
    return "; ".join(part for part in (roots_to_come, again) if part)


@verb_of(command, "status", "promptyard keys status", "promptyard keys status production --json")
@click.argument("channels", nargs=-1)
def _status(context: Context, channels: tuple[str, ...]) -> int:
    """Show who may sign, and until when.

    Also whose signatures a proposed root still lacks. CHANNELS are by default all that have a root. The
    exit code is 1 when something expires soon or cannot be believed: run it from a scheduled job.
    """
    now, target = utc_now(), context.target()
    named = [context.channel(name) for name in channels or context.settings.channels]
    if not channels:
        named = [each for each in named if _begun(context.root, each.root, root_path(each, "next"))]
    found = [standing(target, each, now, context.root) for each in named]
    if context.json:
        write_json({"channels": [standing_json(each) for each in found]})
    elif not found:
        context.errors.print("no channel has a root yet: promptyard keys init CHANNEL", style="dim")
    else:
        for each in found:
            write_standing(context.console, each, now)
    return int(any(each.alarm for each in found))


def _begun(root: Path, *paths: str | Path) -> bool:
    return any((root / path).is_file() for path in paths)


def _public(context: Context, given: str) -> Key:
    """The public half of ``[NAME=]URI``, with the name noted."""
    named = _NAMED.fullmatch(given)
    name, uri = (named[1], named[2]) if named and ":" not in named[1] else (None, given)
    full, key = keys.public(uri, context.root)
    if full != uri:
        context.errors.print(f"the full URI of {uri} is {full}", style="dim", soft_wrap=True)
    return roots.owned(key, name)


def _say(context: Context, told: Json, line: str) -> None:
    if context.json:
        write_json(told)
    else:
        context.console.print(line, style="good", soft_wrap=True)


def _remind(context: Context, role: str, given: str | None, configured: str, channel: str) -> None:
    """What the settings have to say from now on."""
    uri = _NAMED.sub(r"\2", given) if given and _NAMED.fullmatch(given) else given
    if uri and uri != configured:
        line = f"promptyard.yaml: set channels.{channel}.keys.{role} to {uri} in the same pull request"
        context.errors.print(line, style="warning", soft_wrap=True)


def _tell_ceremony(context: Context, channel: str, on_its_way: ceremony.Ceremony) -> None:
    if context.json:
        write_json(
            {
                "channel": channel,
                "file": on_its_way.path.as_posix(),
                "version": on_its_way.root.version,
                "complete": on_its_way.complete,
                "quorums": [quorum_json(each) for each in on_its_way.quorums],
            }
        )
        return
    console = context.console
    what = "trusted root" if on_its_way.complete else "proposed root"
    console.print(
        Text.assemble(f"{channel}: {what} {on_its_way.root.version}  ", (on_its_way.path.as_posix(), "path")),
        soft_wrap=True,
    )
    write_quorums(console, on_its_way.quorums)
    next_step = (
        f"commit the files in {on_its_way.path.parent}, merge, then: promptyard keys publish {channel}"
        if on_its_way.complete
        else f"each holder: promptyard keys sign {channel} --key URI"
    )
    console.print(next_step, style="dim", soft_wrap=True)
