"""Each kind of file as written, one type per kind.

- ``guardrail``  a guardrail set as written: one field for each key of guardrail.schema.json
- ``model``      a model config as written: one field for each key of model.schema.json
- ``prompt``     a prompt as written: one field for each key of prompt.schema.json
- ``tool``       a tool as written: one field for each key of tool.schema.json

It must never resolve a reference.
"""
