"""What can be asked of an answer: one family of checks per file, one explicit table.

- ``judge``: one answer against one case, and the pass rule
- ``read``: from an entry of a suite to a typed expectation, or to what is wrong with it
- ``table``: every type by its name
- ``outcome``: what a check gets and gives
- ``text``: equals, contains and their kin
- ``pattern``: regular expressions
- ``structure``: JSON, whole, inside or at one place
- ``measure``: words and tokens
- ``distance``: edits from a text
- ``strict_json``: JSON as its RFC has it
- ``json_path``: paths that name at most one place

It must never let a broken expectation pass: what cannot be checked is an error before anything runs.
"""

from registry.evaluation.expectations.judge import check, judge

__all__ = ["check", "judge"]
