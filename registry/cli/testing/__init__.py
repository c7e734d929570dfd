"""What ``promptyard test`` is made of.

- ``asked``    what the command line asks
- ``choice``   the suites and cases that it is about
- ``running``  the run, or what it would ask
- ``outputs``  what it leaves

It must never judge: verdicts come from :mod:`registry.evaluation`.
"""
