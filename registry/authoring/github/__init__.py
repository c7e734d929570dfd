"""GitHub's prompt files as they are: no key renamed, no text changed, everything that is not ours told.

- ``adopt``       a GitHub file as a document of ours, and what was not ours in it
- ``answer``      parameters and the shape of the answer, under our names
- ``drift``       one thing that is not ours, for the lints to tell
- ``evaluators``  test data and evaluators in our shape
- ``messages``    messages with GitHub's text as templates of ours
- ``models``      the model config that a bare model name implies
- ``text``        text in which only ``{{name}}`` means anything, as a template that renders to the same

It must never drop anything in silence, nor refuse a file for a key that GitHub or its users made up.
"""
