"""Resolving and showing: from sources by name to entries by digest.

- ``changes``  what changed between two bundles, and why
- ``preview``  what would run, before anything is released: a catalog as a live release
- ``resolve``  from sources by name to entries by digest: Catalog in, Bundle out
- ``words``    two texts word by word: what was taken out, what was put in, with a line around it

It must never render in a way of its own; ``serve.core`` does that.
"""
