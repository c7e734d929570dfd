"""A rule that asks other weights in production than those it was tested with is another rule.

So its model has to be one that can answer it, and local weights have to be pinned by their digest.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.pinning import trouble
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from serve.core.errors import BundleRefused
from serve.core.guard.checks.table import ASKING

CODE = "GRD022"
TITLE = "Model of a guardrail rule that cannot be pinned"
_FILES = """\
# guardrails/topics.guardrail.yaml
rules:
  - id: topic.medical
    kind: similarity
    severity: low
    action: flag
    detect: {model: models/minilm, examples: [Which pills should I take?], threshold: 0.6}
    tests:
      - {text: Which tablets should I take?, expect: hit}
      - {text: Where is my parcel?, expect: pass}
# models/minilm.model.yaml
engine: ctranslate2
model: all-minilm-l6-v2
kind: encoder
"""
LESSON = Lesson(
    "error",
    _FILES + "weights: {huggingface: org/name@0123456789abcdef0123456789abcdef01234567}\n",
    _FILES
    + """\
weights:
  huggingface: org/name@0123456789abcdef0123456789abcdef01234567
  sha256: 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
""",
    firm="no release can be made while a rule's model is not pinned",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each rule whose model cannot answer it, or is not pinned."""
    models = subject.catalog.models
    for set_id, source in subject.catalog.guardrails.items():
        for index, written in enumerate(source.rules):
            if written.kind not in ASKING:
                continue
            try:
                found = trouble(written.resolved(source.defaults), models)
            except BundleRefused:
                continue
            if found is not None and found.code == CODE:
                place = subject.document("guardrail", set_id).place("rules", index, "detect", "model")
                message = f"{found.what[:1].upper()}{found.what[1:]}."
                yield Diagnostic(CODE, "error", place, message, found.advice)
