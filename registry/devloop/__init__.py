"""Edit, save, and a running service answers with the new prompt.

- ``assembly``  a bundle made anew for the price of the entries that changed
- ``loop``      what a save leads to: read, check, render, sign, publish, or say why not
- ``moment``    the working copy as it was at one moment, read as little as can be
- ``reading``   the catalog of a working copy, brought up to date by what changed
- ``saves``     when to look: the system's word that something was written, or a look every half second
- ``signing``   the last step of a save: a signed pointer in the loop's own store

Each save goes the way of a release, only with local keys and to a folder of its own.
It must never publish what lint refuses, nor write into the store that ``promptyard.yaml`` names.
"""
