"""Reading: from a tree of files to a catalog of sources.

- ``catalog``        every source by kind and id: what a tree holds, read once
- ``drafts``         the first lines of a new file: small, valid, and worth changing at once
- ``emit``           plain values to the YAML of this house: what ``parse`` reads back is what was given
- ``git_tree``       any revision of a Git repository, read straight from its objects
- ``includes``       partials put in place as text, before anything else looks at a template
- ``kinds``          the one table of file kinds: suffix, schema, type
- ``parse``          YAML to plain values with their places, the one file that knows YAML
- ``resources``      what travels with the tool
- ``scaffold``       a registry from nothing
- ``settings_file``  from promptyard.yaml to settings
- ``sources``        each kind of file as written
- ``starter``        some prompts of a catalog with every file that they need: a walk over references
- ``tree``           where content comes from: a folder, or any revision of a Git repository
- ``weights``        the digest of a folder of weights, by which a model file pins what it loads

It must never judge what it reads; that is validation's work.
"""
