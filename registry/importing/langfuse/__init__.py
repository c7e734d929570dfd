"""Langfuse's exports: prompts with versions and labels.

- ``reader``    Langfuse's exports, in JSON
- ``template``  Langfuse's text, and prompts put into each other

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
