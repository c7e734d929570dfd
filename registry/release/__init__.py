"""Cutting: from a commit to one packed, proven bundle.

- ``cut``          from a commit to a release, the whole journey in one function
- ``evidence``     proof that exactly this content was tested
- ``findings``     all that stands against a catalog
- ``incremental``  the same for the price of what changed since the last time
- ``kept``         what earlier checks found, between runs
- ``mending``      fix after fix until none is left
- ``provenance``  where a release comes from, and whether it may
- ``provenance_hosts``  who approved a commit, asked of GitHub or GitLab
- ``shelf``        where cut releases lie on this machine: one file each, named by number and digest

It must never write to a store.
"""
