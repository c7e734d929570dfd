"""What the commands of guardrails need of models: sets as a release pins them, and what opens them here.

It must never ask a hosted model unless the user said so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from registry.authoring.catalog import Catalog
from registry.authoring.pinning import model_of, pinned_set, troubles
from registry.cli.context import Context
from registry.errors import NotClean
from serve.core.guard.checks.asked import LATER, LOCAL, Models
from serve.core.guard.checks.table import ASKING
from serve.core.model import GuardrailSet


def pinned_sets(catalog: Catalog, sets: Iterable[GuardrailSet]) -> list[GuardrailSet]:
    """Sets with every model pinned; raises NotClean (REF001, GRD022) for the first that cannot be."""
    made = []
    for guardrails in sets:
        for bad in troubles(guardrails, catalog.models):
            raise NotClean(bad.code, bad.what, bad.advice)
        made.append(pinned_set(guardrails, catalog.models))
    return made


def models_for(
    context: Context, catalog: Catalog, sets: Iterable[GuardrailSet], *, hosted_too: bool
) -> Models:
    """What opens the models of some sets; nothing is imported where no rule asks one."""
    if not any(rule.kind in ASKING for guardrails in sets for rule in guardrails.rules):
        return LATER
    from registry.evaluation.asking import WEIGHTS, models_of

    if not hosted_too:
        return models_of(catalog, context.root / WEIGHTS)
    from registry.evaluation.asking_hosted import hosted

    return models_of(catalog, context.root / WEIGHTS, ask=hosted(catalog, os.environ))


def local_models(catalog: Catalog, sets: Iterable[GuardrailSet]) -> list[str]:
    """The local models that rules of some sets ask, sorted; raises NotClean (REF001) for one that is not there."""
    named = {model_of(rule) for guardrails in sets for rule in guardrails.rules} - {None}
    found = []
    for name in sorted(map(str, named)):
        if name not in catalog.models:
            raise NotClean("REF001", f"there is no model {name}", "Run promptyard lint.")
        found += [name] if catalog.models[name].engine == LOCAL else []
    return found
