"""``promptyard serve``: render requests over HTTP, answered from the live release of a channel."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import click

import serve
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from serve.sidecar.app import DEFAULT_HOST, DEFAULT_PORT, run

_FOLDER_MIN_INTERVAL_S = 0.05  # a local folder may be asked often: nobody else pays for it
_REMOTE_MIN_INTERVAL_S = 5.0


@click.command(
    "serve",
    epilog=examples(
        "promptyard serve --channel production",
        "curl localhost:8700/readyz",
        "curl localhost:8700/v1/render/hello --json '{\"inputs\": {}}'",
    ),
)
@click.option(
    "--store", metavar="URL", help="Where releases come from; default: the store of promptyard.yaml."
)
@click.option("--channel", metavar="NAME", help="Which channel to follow; default: the first one.")
@click.option("--trust", metavar="FILE", help="The channel's root of trust; default: its committed file.")
@click.option("--cache", metavar="DIR", help="Last known good release; default: .promptyard/cache.")
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 for any."
)
@click.option("--interval", default=30.0, show_default=True, help="Seconds between polls, drawn ± 20 %.")
@click.option(
    "--max-staleness", type=float, metavar="SECONDS", help="Answer 503 when the release is staler than this."
)
@pass_context
def command(
    context: Context,
    store: str | None,
    channel: str | None,
    trust: str | None,
    cache: str | None,
    host: str,
    port: int,
    interval: float,
    max_staleness: float | None,
) -> None:
    """Answer render requests over HTTP from the live release.

    Starts from the cache where it holds a release, follows the store from then on, and goes on
    answering when the store is away. GET /readyz says how it is; POST /v1/render/PROMPT renders.
    There is no authentication: keep it on loopback, or put something in front.
    """
    url = _absolute(context, store or context.settings.store)
    name = channel or context.settings.first_channel
    with serve.connect(
        url,
        trust=trust or context.root / context.channel(name).root,
        cache=cache or context.root / ".promptyard/cache",
        channel=name,
        interval_s=interval,
        max_staleness_s=max_staleness,
        min_interval_s=_FOLDER_MIN_INTERVAL_S if url.startswith("file:") else _REMOTE_MIN_INTERVAL_S,
        wait_s=0.5,
    ) as client:
        run(client, host=host, port=port, on_listening=_announce(context, client))


def _announce(context: Context, client: serve.Client) -> Callable[[str, int], None]:
    def announce(host: str, port: int) -> None:
        status = client.status()
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        if context.json:
            write_json(
                {"url": url, "channel": status.channel, "release": status.release, "state": status.state}
            )
        else:
            what = f"release {status.release}" if status.release is not None else "no release yet"
            context.console.print(f"[good]serving[/] {status.channel} ({what}, {status.state}) on {url}")
        if not _loopback(host):
            context.errors.print(
                f"[warning]warning[/] {host} can be reached by others, without authentication"
            )

    return announce


def _absolute(context: Context, url: str) -> str:
    """A folder's URL as seen from the registry's root, not from where the command was called."""
    path = url.removeprefix("file:").removeprefix("//")
    return f"file:{context.root / path}" if url.startswith("file:") and path else url


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
