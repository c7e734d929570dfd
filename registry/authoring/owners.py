"""CODEOWNERS from what prompts say of their owners: one line for each folder that a team has to itself.

Nothing is owned until somebody takes the comment sign away: a line that names a team that does not exist
would have GitHub report the file, and a team that nobody is in would hold every merge up.
It must never guess a team: a folder without owners has no line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from registry.authoring.catalog import Catalog
from registry.settings import FILE

_HEAD = """\
# Who has to approve what. Write your organisation for YOUR-ORG, make the teams, and take the # away line by
# line; the last line that fits a file decides. The teams are the owners that the files name themselves.
"""


def codeowners(catalog: Catalog) -> str:
    """The text of a CODEOWNERS file with every line still a comment."""
    owners = owners_of(catalog)
    rows = {f"/{folder}/": _teams(names) for folder, names in sorted(owners.items())}
    everyone = sorted({name for names in owners.values() for name in names})
    for path in (f"/{FILE}", "/trust/", "/.github/"):
        rows[path] = _teams(everyone[:1] or ["prompt-reviewers"])
    width = max(map(len, rows))
    return _HEAD + "".join(f"# {path:{width}}  {teams}\n" for path, teams in rows.items())


def owners_of(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """The owners of the files in each folder right below the content folder, by the folder's path, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    content = catalog.settings.content
    for kind in ("prompt", "guardrail"):
        for name, source in catalog.sources[kind].items():
            if source.owner and "/" in name:
                found[f"{content}/{name.split('/')[0]}"].add(source.owner)
    return {folder: tuple(sorted(names)) for folder, names in found.items()}


def _teams(names: tuple[str, ...] | list[str]) -> str:
    return " ".join(f"@YOUR-ORG/{name}" for name in names)
