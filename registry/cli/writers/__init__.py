"""One form of output per file, all fed with the same values.

- ``github``    findings as GitHub's workflow commands
- ``json``      results for a program
- ``jsonl``     verdicts as JSON Lines
- ``junit``     JUnit XML
- ``markdown``  the pull-request comment: the same news as on a terminal, in Markdown
- ``text``      findings for a person: one line each, what to do below it, and the sum at the end
- ``verdicts``  verdicts for a person at a terminal: one block per suite, the verdict in its colour

It must never decide: a writer tells.
"""
