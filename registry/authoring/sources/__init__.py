"""Each kind of file as written, one type per kind.

- ``action``      what a guardrail rule does about a hit, as written: a word, or a key with its options
- ``guardrail``   a guardrail set as written: one field for each key of guardrail.schema.json
- ``model``       a model config as written: one field for each key of model.schema.json
- ``overriding``  what a guardrail set says of rules that stand elsewhere: overrides, and exceptions with a date
- ``prompt``      a prompt as written: one field for each key of prompt.schema.json
- ``tool``        a tool as written: one field for each key of tool.schema.json

It must never resolve a reference.
"""
