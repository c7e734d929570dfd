"""AIConfig: a file of prompts with their settings.

- ``reader``  AIConfig
- ``text``    AIConfig's texts

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
