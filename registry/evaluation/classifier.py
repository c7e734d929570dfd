"""What a text is, by the examples that a suite gives of each label: the code that a service's guardrails classify with.

It must never differ from what a service runs.
"""

from __future__ import annotations

from serve.guard_ml.nearest import Classifier

__all__ = ["Classifier"]
