"""Promptyard's own workflows: those that ``promptyard init`` writes, with the tool installed from this checkout.

One source, registry/authoring/workflows; ``python -m tools.workflows`` writes .github/workflows anew.
It must never change more of a workflow than the line that installs promptyard.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from registry.authoring.resources import workflow_files

FOLDER = Path(__file__).parents[1] / ".github/workflows"
INSTALL = b"run: pip install 'promptyard[registry,eval]'\n"
FROM_HERE = b'run: make setup && echo "$PWD/.venv/bin" >> "$GITHUB_PATH"\n'


def own() -> Mapping[str, bytes]:
    """Each workflow's bytes by its file name, as this repository has to hold it."""
    return {name: data.replace(INSTALL, FROM_HERE) for name, data in workflow_files().items()}


def main() -> None:
    """Write the files whose bytes differ."""
    for name, data in own().items():
        place = FOLDER / name
        if not place.is_file() or place.read_bytes() != data:
            place.write_bytes(data)
            print(f"wrote {place.relative_to(FOLDER.parents[1])}")


if __name__ == "__main__":
    main()
