"""A service installs the base alone; what the base drags in is pinned here, and nothing else may be imported."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from importlib.metadata import distribution, packages_distributions

from support.bundles import bundle, prompt, text

from serve.core.bundle import pack

BASE = {
    "cffi", "cryptography", "google-re2", "jinja2", "jsonschema-rs", "markupsafe", "pycparser",
    "securesystemslib", "tuf", "urllib3",
}  # fmt: skip
SERVICE = """
    import json, sys
    allowed = set(json.loads(sys.argv[1]))

    class Wall:
        def find_spec(self, name, path=None, target=None):
            top = name.partition(".")[0]
            if top not in allowed and top not in sys.stdlib_module_names:
                raise ModuleNotFoundError(f"{name} is not in the base install", name=name)

    sys.meta_path.insert(0, Wall())
    import serve
    from serve.core.bundle import unpack
    from serve.core.compile import compile_bundle
    import serve.client, serve.trust, serve.sources.http, serve.sources.directory, serve.sources.s3

    live = compile_bundle(unpack(open(sys.argv[2], "rb").read()), sha256="x")
    render = live.render("support/hello", {"name": "Ann"})
    assert render.messages[0].text == "Hello Ann" and render.check_output("fine").passed
    print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def base_closure() -> set[str]:
    """Normalised names of all distributions that the base requirements bring."""
    seen: set[str] = set()
    queue = [line for line in distribution("promptyard").requires or () if "extra ==" not in line]
    while queue:
        line = queue.pop()
        if ";" in line and not _applies(line.split(";", 1)[1]):
            continue
        name = re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-")
        queue += _wanted_extras(line, name)
        if name not in seen:
            seen.add(name)
            queue += [wanted for wanted in distribution(name).requires or () if "extra ==" not in wanted]
    return seen


def _applies(marker: str) -> bool:
    from packaging.markers import Marker

    return Marker(marker).evaluate({"extra": ""})


def _wanted_extras(line: str, name: str) -> list[str]:
    """Requirements of the extras that a line names, such as ``securesystemslib[crypto]``."""
    from packaging.requirements import Requirement

    extras = Requirement(line).extras
    return [
        wanted.split(";")[0]
        for wanted in distribution(name).requires or ()
        if any(re.search(rf"extra == ['\"]{extra}['\"]", wanted) for extra in extras)
    ]


def test_the_base_install_is_the_pinned_list_and_no_more():
    assert base_closure() == BASE


def test_a_service_loads_renders_and_guards_with_the_base_alone(tmp_path):
    file = tmp_path / "bundle"
    file.write_bytes(pack(bundle(prompt(text("user", "Hello {{ name }}")))))
    modules = {
        top
        for top, names in packages_distributions().items()
        if {n.lower().replace("_", "-") for n in names} & BASE
    }
    allowed = json.dumps(sorted(modules | {"serve", "_cffi_backend"}))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SERVICE), allowed, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not {"registry", "boto3", "yaml", "git", "click"} & set(json.loads(done.stdout))
