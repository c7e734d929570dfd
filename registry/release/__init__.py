"""Cutting: from a commit to one packed, proven bundle.

- ``cut``       from a commit to a release, the whole journey in one function
- ``evidence``  proof that exactly this content was tested
- ``findings``  all that stands against a catalog
- ``shelf``     where cut releases lie on this machine: one file each, named by number and digest

It must never write to a store.
"""
