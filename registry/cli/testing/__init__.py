"""What ``promptyard test`` is made of.

- ``accepting`` snapshots that changed, shown, approved and written
- ``asked``    what the command line asks
- ``choice``   the suites and cases that it is about
- ``reported`` the report, complete for its record
- ``baselines``  stored answers that play base
- ``running``  the run, or what it would ask
- ``sharding`` one part of a run, or all parts put together
- ``views``    the files and the words that a report is shown in
- ``outputs``  what it leaves

It must never judge: verdicts come from :mod:`registry.evaluation`.
"""
