"""Reading a 2 kB prompt file and rendering it, beside the libraries of Prompty and dotprompt; lint beside promptfoo.

The same words in each format: a system message of rules with a loop, a user message with the ticket.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.cases import promptfoo_program
from benchmarks.generate import generate
from benchmarks.measure import per_call_us, process_cost, table
from registry.authoring.catalog import load
from registry.authoring.parse import read_yaml
from registry.authoring.sources.prompt import PromptSource
from registry.authoring.tree import FolderTree
from registry.rendering.preview import live_of
from registry.settings import Settings
from registry.validation import schema
from registry.validation.syntax_tree import parsed
from registry.validation.template_policy import examine
from serve.core.codec import from_json

ROOT = Path(__file__).parents[1]
RULES = "Answer in short sentences, never promise a refund, and name the next step and who takes it. " * 16
VALUES = {
    "product": "Current Account",
    "teams": ["billing", "cards", "transfers"],
    "ticket": "My card was charged twice at the same shop this morning and only one receipt came. " * 4,
}
OURS = f"""\
promptyard: 1
description: Routes one ticket.
owner: bench
model: models/chat
modelParameters: {{temperature: 0, maxTokens: 64}}
inputs:
  product: {{type: string, maxLength: 80}}
  teams: {{type: array, items: {{type: string, maxLength: 40}}, maxItems: 20}}
  ticket: {{type: string, maxLength: 4000, trust: user}}
messages:
  - role: system
    content: |
      You route tickets for {{{{ product }}}}. {RULES}
      {{% for team in teams %}}
      - {{{{ team }}}}
      {{% endfor %}}
  - role: user
    content: |
      {{{{ ticket }}}}
"""
PROMPTY = f"""\
---
name: triage
description: Routes one ticket.
model:
  id: chat
  options: {{temperature: 0, maxOutputTokens: 64}}
inputs:
  - {{name: product, kind: string, required: true}}
  - {{name: teams, kind: array, required: true, items: {{name: team, kind: string}}}}
  - {{name: ticket, kind: string, required: true}}
---
system:
You route tickets for {{{{ product }}}}. {RULES}
{{% for team in teams %}}
- {{{{ team }}}}
{{% endfor %}}

user:
{{{{ ticket }}}}
"""
DOTPROMPT = f"""\
---
model: openai/chat
config: {{temperature: 0, maxOutputTokens: 64}}
input:
  schema:
    product: string
    teams(array): string
    ticket: string
---
{{{{role "system"}}}}
You route tickets for {{{{product}}}}. {RULES}
{{{{#each teams}}}}
- {{{{this}}}}
{{{{/each}}}}
{{{{role "user"}}}}
{{{{ticket}}}}
"""
Steps = dict[str, Callable[[], object]]


def main() -> str:
    """The tables."""
    with tempfile.TemporaryDirectory() as scratch:
        return "\n".join((_files(Path(scratch)), _lint(Path(scratch))))


def _files(scratch: Path) -> str:
    reading, rendering = _ours(scratch)
    for peer in (_prompty, _dotprompt):
        try:
            peer(scratch, reading, rendering)
        except ImportError:
            print(f"{peer.__name__[1:]} left out: not installed")
    rows = []
    for what, steps in (("read and check", reading), ("render", rendering)):
        times = per_call_us(steps, rounds=9, calls=60)
        ours = next(iter(times.values()))
        rows += [(what, name, f"{us:,.0f}", f"{us / ours:.1f}") for name, us in times.items()]
    header = ("step", "library", "median µs CPU", "× Promptyard")
    return table("Reading and rendering a 2 kB prompt file", "python -m benchmarks authoring", header, rows)


def _ours(scratch: Path) -> tuple[Steps, Steps]:
    folder = scratch / "ours" / "prompts"
    (folder / "models").mkdir(parents=True)
    (folder / "triage.prompt.yaml").write_text(OURS)
    (folder / "models" / "chat.model.yaml").write_text("promptyard: 1\nengine: openai\nmodel: chat\n")
    data = OURS.encode()

    def read() -> object:
        parsed.cache_clear()  # each read is a first one
        document, _ = read_yaml("triage.prompt.yaml", data)
        if document is None:
            raise ValueError
        findings = list(schema.check(document, "prompt.schema.json"))
        source = from_json(PromptSource, document.data)
        return findings, [examine(item["content"], source.inputs) for item in document.data["messages"]]

    live = live_of(load(FolderTree(scratch / "ours"), Settings()))
    return (
        {"Promptyard: parse, schema, template policy": read},
        {"Promptyard: typed inputs checked": lambda: live.render("triage", VALUES)},
    )


def _prompty(scratch: Path, reading: Steps, rendering: Steps) -> None:
    import prompty  # type: ignore[import-not-found,unused-ignore]

    place = scratch / "triage.prompty"
    place.write_text(PROMPTY)
    agent = prompty.load(place)
    reading["prompty `load`"] = lambda: prompty.load(place)
    rendering["prompty `prepare`"] = lambda: prompty.prepare(agent, VALUES)


def _dotprompt(_: Path, reading: Steps, rendering: Steps) -> None:
    from dotpromptz import Dotprompt  # type: ignore[import-not-found,unused-ignore]
    from dotpromptz.typing import DataArgument  # type: ignore[import-not-found,unused-ignore]

    library = Dotprompt()
    loop = asyncio.new_event_loop()
    compiled = loop.run_until_complete(library.compile(DOTPROMPT))
    values = DataArgument(input=VALUES)
    reading["dotpromptz `parse`"] = lambda: library.parse(DOTPROMPT)
    rendering["dotpromptz compiled render"] = lambda: loop.run_until_complete(compiled(values))


def _lint(scratch: Path) -> str:
    """A thousand prompts with five cases each, against a promptfoo configuration with as many."""
    root = scratch / "thousand"
    generate(root, prompts=1_000, partials=100)
    env = {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "registry.cli", "-C", str(root), "lint", "--no-cache"]
    costs = {"promptyard lint, nothing known": process_cost(command, runs=3, env=env)}
    program = promptfoo_program()
    if program is not None:
        place = scratch / "promptfooconfig.json"
        place.write_text(json.dumps(_promptfoo_config()))
        quiet = {"PROMPTFOO_CONFIG_DIR": str(scratch / "pf"), "PROMPTFOO_DISABLE_TELEMETRY": "1"}
        quiet |= {"PROMPTFOO_DISABLE_UPDATE": "1"}
        costs["promptfoo validate (schema alone)"] = process_cost(
            [str(program), "validate", "-c", str(place)], runs=3, env=quiet
        )
    rows = [(name, f"{c.cpu_s:.2f}", f"{c.wall_s:.2f}", f"{c.rss_mb:.0f}") for name, c in costs.items()]
    title = "Lint of 1,000 prompts with 5,000 cases"
    return table(title, "python -m benchmarks authoring", ("command", "CPU s", "wall s", "peak RSS MB"), rows)


def _promptfoo_config() -> dict[str, object]:
    check = [{"type": "is-json"}, {"type": "not-icontains", "value": "traceback"}]
    return {
        "prompts": [f"{RULES} Number {n}. {{{{ticket}}}}" for n in range(1_000)],
        "providers": ["echo"],
        "tests": [{"vars": {"ticket": f"ticket {n}"}, "assert": check} for n in range(5_000)],
    }
