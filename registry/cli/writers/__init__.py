"""One form of output per file, all fed with the same values.

- ``annotations``  verdicts and failing cases as GitHub's annotations
- ``changes``   a review for a person at a terminal: what and why, the words, what a call costs
- ``changes_json``  a review for a program: every change, none left out
- ``changes_markdown``  a review as a comment on a pull request
- ``explanation``  all there is to know of a code, for a person and for a program
- ``exports``  what became of an export
- ``files``     a report as a file: whole, or as it was before
- ``figures``   shares, sums of money and times as people write them
- ``github``    findings as GitHub's workflow commands
- ``guarded``   what guardrails say of a text
- ``html``      the report as one page that anybody can read: no script, no network
- ``html_plots``  where the marks of its plots stand
- ``html_words``  two answers word by word, within a bound
- ``imports``  what became of an import
- ``json``      results for a program
- ``jsonl``     verdicts as JSON Lines
- ``junit``     JUnit XML
- ``markdown``  the pull-request comment: the same news as on a terminal, in Markdown
- ``outlook``   what a run will take, and why each answer is asked for
- ``rendered``  a rendered prompt: its messages, and what a call with it takes
- ``report_json``  a report as one JSON value, made while it is written
- ``sarif``     findings as SARIF 2.1.0, for code scanning
- ``text``      findings for a person: one line each, what to do below it, and the sum at the end
- ``standing``  how a channel's keys stand
- ``trends``    how a prompt fared, for a person at a terminal
- ``verdicts``  verdicts for a person at a terminal: one block per suite, the verdict in its colour

It must never decide: a writer tells.
"""
