"""One form of output per file, all fed with the same values.

- ``changes``   a review for a person at a terminal: what and why, the words, what a call costs
- ``changes_json``  a review for a program: every change, none left out
- ``changes_markdown``  a review as a comment on a pull request
- ``explanation``  all there is to know of a code, for a person and for a program
- ``exports``  what became of an export
- ``github``    findings as GitHub's workflow commands
- ``imports``  what became of an import
- ``json``      results for a program
- ``jsonl``     verdicts as JSON Lines
- ``junit``     JUnit XML
- ``markdown``  the pull-request comment: the same news as on a terminal, in Markdown
- ``outlook``   what a run will take, and why each answer is asked for
- ``rendered``  a rendered prompt: its messages, and what a call with it takes
- ``sarif``     findings as SARIF 2.1.0, for code scanning
- ``text``      findings for a person: one line each, what to do below it, and the sum at the end
- ``verdicts``  verdicts for a person at a terminal: one block per suite, the verdict in its colour

It must never decide: a writer tells.
"""
