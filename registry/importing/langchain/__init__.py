"""LangChain's prompts: files of load_prompt and serialized objects.

- ``fstring``    Python's format strings
- ``model``      what stands beside a LangChain prompt
- ``objects``    serialized objects of LangChain's
- ``reader``     LangChain's prompts
- ``templates``  LangChain's templates and messages

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
