"""What can be taught about a code: its level, a wrong and a right example, and what may be done about it.

The examples are short pieces of files; a test lays them over a small registry and holds them true.
It must never be what decides whether something is found.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.diagnostics import Level


@dataclass(frozen=True, slots=True)
class Lesson:
    """What ``promptyard lint --explain`` tells of a code beside its title and its reason.

    Attributes:
        level: how much it counts unless ``promptyard.yaml`` says otherwise.
        wrong: a piece of a prompt file that leads to the finding; a line ``# name.model.yaml`` begins another file.
        right: the same piece as it should be.
        fix: what ``--fix`` does about it; empty where a person has to decide.
        firm: why its level cannot be changed; empty where it can.
        excusable: whether a dated exception may excuse it all the same.
    """

    level: Level
    wrong: str = ""
    right: str = ""
    fix: str = ""
    firm: str = ""
    excusable: bool = False
