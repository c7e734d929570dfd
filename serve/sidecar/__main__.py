"""``python -m serve.sidecar``: the sidecar where only the run time is installed.

The same as ``promptyard serve``, without the registry's commands.
It must never start half: a bad option or root of trust ends it before it listens.
"""

from __future__ import annotations

import argparse
import sys

from serve.connecting import connect
from serve.core.errors import PromptyardError
from serve.sidecar.app import DEFAULT_HOST, DEFAULT_PORT, run


def main(arguments: list[str] | None = None) -> int:
    """Run the sidecar; returns the house's exit code."""
    parser = argparse.ArgumentParser(prog="python -m serve.sidecar", description="Serve prompts over HTTP.")
    parser.add_argument(
        "--store", required=True, help="file:PATH, https://… or s3://bucket/prefix?endpoint=…"
    )
    parser.add_argument(
        "--trust", required=True, help="the channel's root of trust, trust/<channel>.root.json"
    )
    parser.add_argument("--cache", required=True, help="folder for the last known good release")
    parser.add_argument("--channel", default="production")
    parser.add_argument("--host", default=DEFAULT_HOST)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between polls")
    parser.add_argument(
        "--max-staleness",
        type=float,
        metavar="SECONDS",
        help="answer 503 when the release is staler than this",
    )
    options = parser.parse_args(arguments)
    try:
        with connect(
            options.store,
            trust=options.trust,
            cache=options.cache,
            channel=options.channel,
            interval_s=options.interval,
            max_staleness_s=options.max_staleness,
            wait_s=0.0,
        ) as client:
            run(client, host=options.host, port=options.port)
    except PromptyardError as error:
        parser.exit(error.exit_code, f"{error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
