"""Resolving and showing: from sources by name to entries by digest.

- ``amounts``     a sum of money as it is written everywhere
- ``authorship`` who wrote what a prompt says, line by line, partials included
- ``changes``  what changed between two bundles, and why
- ``costs``    what a change does to the tokens and the cost of a call
- ``estimate`` what a call will take before it is made: tokens and cost
- ``leaves``   where two JSON values differ, leaf by leaf
- ``lineage``  the commits that changed what a prompt resolves to
- ``preview``  what would run, before anything is released: a catalog as a live release
- ``readings`` what the model reads before and after a change, case by case
- ``renames``  entries that only moved: one that went and one that came are one
- ``resolve``  from sources by name to entries by digest: Catalog in, Bundle out
- ``review``   a change as a reviewer wants it: what and why, how it reads, what it costs
- ``words``    two texts word by word: what was taken out, what was put in, with a line around it

It must never render in a way of its own; ``serve.core`` does that.
"""
