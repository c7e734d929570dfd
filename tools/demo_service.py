"""A tiny service for the demo: it answers tickets with whatever release it holds, and never restarts.

Two of these run in the demo. Each polls the channel itself, keeps the last good release on disk, and answers
on loopback: ``GET /?ticket=…`` gives the release, the exact first line of the system message and the model's answer.
"""

from __future__ import annotations

import argparse
import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import ctranslate2
from tokenizers import Tokenizer

import serve

TEAMS = [
    "cards",
    "card-delivery",
    "fraud",
    "refunds",
    "transfers",
    "top-ups",
    "cash",
    "fees",
    "exchange",
    "identity",
    "account",
]


class Model:
    """The demo model, asked the way any service would ask a local model."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._generator = ctranslate2.Generator(str(folder), compute_type="float32", intra_threads=1)

    def answer(self, render: serve.Render) -> str:
        """The model's answer to rendered messages; control tokens in their text stay text."""
        tokens: list[str] = []
        for message in render.messages:
            tokens += [f"<|{message.role}|>", *self._text(message.text), "<|end|>"]
        (result,) = self._generator.generate_batch(
            [[*tokens, "<|assistant|>"]], max_length=64, end_token="<|end|>", include_prompt_in_result=False
        )
        text: str = self._tokenizer.decode(result.sequences_ids[0])
        return text.strip()

    def _text(self, text: str) -> list[str]:
        self._tokenizer.encode_special_tokens = True
        tokens: list[str] = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return tokens


def main() -> None:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--store", "--trust", "--cache", "--weights"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    client = serve.connect(
        options.store,
        trust=options.trust,
        channel="production",
        cache=options.cache,
        interval_s=0.3,
        min_interval_s=0.3,
    )
    model = Model(Path(options.weights))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ticket = parse_qs(urlsplit(self.path).query).get("ticket", ["hello"])[0]
            render = client.render("support/triage", {"teams": TEAMS, "ticket": ticket})
            body = {
                "pid": os.getpid(),
                "release": render.release,
                "first_line": render.messages[0].text.splitlines()[0],
                "answer": model.answer(render),
                "state": client.status().state,
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Stays quiet: the demo tells the story."""

    HTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
