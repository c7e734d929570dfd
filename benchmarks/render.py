"""Rendering a chat prompt of 2 kB with five variables: strict and typed here, plain in the peers."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.measure import per_call_us, table
from serve.core.bundle import assemble, entry_digest
from serve.core.compile import compile_bundle
from serve.core.live import Live
from serve.core.model import Message, ModelConfig, Part, Prompt, Reference

NAMES = ("customer", "company", "tone", "product", "ticket")
RULES = "Answer in short sentences, never promise a refund, and name the next step and who takes it. " * 9
SYSTEM = f"You answer for {{{{ company }}}}. {RULES}The customer is {{{{ customer }}}}. Tone: {{{{ tone }}}}. {RULES}"
USER = "{{ customer }} writes to {{ company }} about {{ product }}:\n{{ ticket }}"
VALUES = {
    "customer": "Ann Example",
    "company": "Harbour Bank",
    "tone": "calm and exact",
    "product": "Current Account",
    "ticket": "My card was charged twice at the same shop this morning and only one receipt came. " * 4,
}


def main() -> str:
    """The table."""
    candidates: dict[str, Callable[[], object]] = {
        "Promptyard `live.render` (typed inputs checked)": promptyard(),
        "Jinja2, precompiled, no checks": jinja(),
    }
    for name, make in (
        ("Langfuse `ChatPromptClient.compile`", langfuse),
        ("MLflow `PromptVersion.format`", mlflow),
    ):
        try:
            candidates[name] = make()
        except ImportError:
            print(f"{name} left out: not installed")
    times = per_call_us(candidates)
    base = times["Jinja2, precompiled, no checks"]
    rows = [(name, f"{us:.1f}", f"{us / base:.2f}") for name, us in times.items()]
    rows.append(("Promptyard `live.get`", f"{_get_us():.2f}", ""))
    return table(
        "Rendering: 2 kB chat prompt, 5 variables",
        "python -m benchmarks render",
        ("candidate", "median µs CPU", "× Jinja2"),
        rows,
    )


def promptyard() -> Callable[[], object]:
    """Our strict render, as a service calls it."""
    live = _live()
    return lambda: live.render("bench/chat", VALUES)


def _live() -> Live:
    model = ModelConfig("models/m", "openai", "m")
    prompt = Prompt(
        "bench/chat",
        Reference(model.id, entry_digest(model)),
        (Message("system", (Part(SYSTEM),)), Message("user", (Part(USER),))),
        inputs={name: {"type": "string", "maxLength": 4000} for name in NAMES},
    )
    made = assemble(
        release=1,
        commit="c",
        created="2026-01-01T00:00:00Z",
        prompts={prompt.id: prompt},
        models={model.id: model},
    )
    return compile_bundle(made, sha256="")


def _get_us() -> float:
    live = _live()
    return per_call_us({"get": lambda: live.get("bench/chat")}, calls=20_000)["get"]


def jinja() -> Callable[[], object]:
    """Two precompiled templates, the usual way."""
    from jinja2 import Environment

    environment = Environment(autoescape=False)
    templates = [environment.from_string(text) for text in (SYSTEM, USER)]
    return lambda: [template.render(VALUES) for template in templates]


def langfuse() -> Callable[[], object]:
    """Langfuse's client-side compile of a chat prompt that is already in memory."""
    from langfuse.api import Prompt_Chat  # type: ignore[import-not-found,unused-ignore]
    from langfuse.model import ChatPromptClient  # type: ignore[import-not-found,unused-ignore]

    chat = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
    prompt = Prompt_Chat(name="chat", version=1, type="chat", prompt=chat, config={}, labels=[], tags=[])
    client = ChatPromptClient(prompt)
    return lambda: client.compile(**VALUES)


def mlflow() -> Callable[[], object]:
    """MLflow's format of a chat prompt version that is already in memory."""
    from mlflow.entities.model_registry import PromptVersion  # type: ignore[import-not-found,unused-ignore]

    template = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
    version = PromptVersion(name="chat", version=1, template=template)
    return lambda: version.format(**VALUES)
