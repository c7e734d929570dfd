"""Prompty files: v1, v2 and promptflow's extras.

- ``body``    the body of a Prompty file
- ``head``    its head
- ``inputs``  its inputs
- ``model``   its model
- ``reader``  Prompty

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
