"""Template languages of other tools, as templates of ours.

- ``blocks``    templates that extend another one
- ``dollars``   ``${NAME}`` in a text that was plain
- ``exact``     a template put together so that text comes out to the last space
- ``jinja``     Jinja2 of other tools
- ``literal``   text that Jinja2 leaves as it is
- ``mustache``  Mustache
- ``pieces``    templates made of text and tags
- ``printed``   lists and objects that are printed as they stand

It must never change what is rendered without a note.
"""
