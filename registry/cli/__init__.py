"""The command line: the only part of the registry that prints.

- ``acting``    who acts and why, for the commands that leave a line in the history
- ``annotating`` the dialogue in which a person labels answers, one key each
- ``asking``    what the commands of guardrails need of models
- ``benign``    what guard benign looks at and says
- ``boundary``  where an exception becomes one line on stderr and an exit code, and nowhere else
- ``commands``  one file per command
- ``consent``   a yes to what was shown, from the person at the terminal or from --yes
- ``context``   what every command is given
- ``crash``     the log of a run that nobody foresaw: what a maintainer needs, ready to paste
- ``cutting``   a revision as a release, the same for every command that needs one
- ``guarding``  what a text's guardrails are told of its request, on a command line
- ``inputs``    a prompt's inputs as they are given on a command line
- ``lengths``   lengths of time and lists of percents, as people write them
- ``main``      the command promptyard: one table of commands, each loaded when it is called
- ``narrowing`` the part of a registry that words on the command line name: files, folders, ids
- ``origins``   where a release comes from, found out before it is published
- ``outlook``   what a test run is about to ask, seen before it asks
- ``planning``  what a publish, a promotion or a rollback would do, the same for the plan and the deed
- ``progress``  a bar for work that is counted in answers; on a terminal only
- ``releases``  what the store knows of releases, for commands that look back
- ``rolling``   what the commands about a rollout have in common
- ``shipping``  what the commands that ship have in common: how a move is told
- ``single``    one prompt with all that it refers to, from the working copy or a revision
- ``style``     how the command line looks: one place that makes consoles and names their colours
- ``syncing``   one look at a remote: fetch, prove, publish
- ``teaching``  examples at the end of a command's --help, line by line as they are typed
- ``testing``   what ``promptyard test`` is made of: what was asked, chosen, run and left
- ``verbs``     the verbs of a command that has several, such as ``guard check``
- ``writers``   one file per form of output

It must never decide what the storeys below it decide.
"""
