"""What would run, before anything is released: a catalog as a live release.

It must never render in a way of its own; what is shown here is what a service would send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from registry.authoring.catalog import Catalog
from registry.rendering.resolve import resolve
from serve.core.codec import to_json
from serve.core.compile import compile_bundle
from serve.core.guard.checks.asked import LATER
from serve.core.live import Live, Render
from serve.core.model import Json
from serve.core.payloads import BODIES, wire


def messages_json(render: Render) -> Json:
    """The messages as JSON, as the sidecar gives them."""
    return to_json(list(render.messages))


def _body(form: str) -> Callable[[Render], Json]:
    return lambda render: wire(render.to_payload(form))


FORMS: Mapping[str, Callable[[Render], Json]] = {
    "messages": messages_json,
    **{form: _body(form) for form in BODIES},
}


def live_of(catalog: Catalog) -> Live:
    """The catalog as a service would hold it; prompts compile at their first use.

    Raises:
        NotClean: where the catalog does not resolve.
    """
    return compile_bundle(resolve(catalog), sha256="", warm=False, models=LATER)
