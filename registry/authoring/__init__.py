"""Reading: from a tree of files to a catalog of sources.

- ``affected``       what a change of files can reach: the two catalogs that have to be compared
- ``catalog``        every source by kind and id: what a tree holds, read once
- ``drafts``         the first lines of a new file: small, valid, and worth changing at once
- ``emit``           plain values to the YAML of this house: what ``parse`` reads back is what was given
- ``extending``      guardrail sets that build on sets: from extends and override to one flat list of rules
- ``format``         one form for every file: the same value and all comments, proven before it is written
- ``git_objects``    trees and commits as Git stores them: what lies where at a revision
- ``git_program``    Git as a program, for one repository
- ``git_tree``       any revision of a Git repository, read straight from its objects
- ``github``         GitHub's prompt files as they are, with everything that is not ours told
- ``history``        what Git tells of the past, as values: commits, and who wrote a line last
- ``includes``       partials put in place as text, before anything else looks at a template
- ``kinds``          the one table of file kinds: suffix, schema, type
- ``layout``         how a file of this house is set: indentation, quotes, blocks, what stays on one line
- ``owners``         CODEOWNERS from what prompts say of their owners
- ``links``          which other files a file's findings may hang on, seen from its bytes alone
- ``pinning``        from a model's name in a guardrail rule to what a release says of it
- ``parse``          YAML to plain values with their places, the one file that knows YAML
- ``remote``         what a Git remote has by now, and a revision's files as a folder
- ``replacing``      one text of a file gets another value, and every comment stays
- ``resources``      what travels with the tool
- ``rewrite``        a file gets another text, if it still is what was read
- ``scaffold``       a registry from nothing
- ``settings_file``  from promptyard.yaml to settings
- ``sources``        each kind of file as written
- ``starter``        some prompts of a catalog with every file that they need: a walk over references
- ``strays``         what the content folder holds and nothing reads: slips in names, links, repositories
- ``syntax``         YAML with its comments, each hung on the entry that it speaks of
- ``tree``           where content comes from: a folder, or any revision of a Git repository
- ``weights``        the digest of a folder of weights, by which a model file pins what it loads
- ``working_copy``   the working copy as Git sees it: the last commit, and over it the files that differ

It must never judge what it reads; that is validation's work.
"""
