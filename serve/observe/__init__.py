"""What a running service tells of itself.

- ``guarding``  what guardrails did: verdicts, hits, failures, and the time of each rule
- ``ids``       names for single renders
- ``metrics``   counts of renders and the client's state, in Prometheus' text format

It must never see inputs, rendered text or anything that a user wrote.
"""
