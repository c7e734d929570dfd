"""Prompts of ours in other tools' formats, where those can hold them, with a report of what stays behind.

- ``dotprompt``   dotprompt: a head of YAML, a body of Handlebars
- ``github``      GitHub's ``.prompt.yml``
- ``handlebars``  our templates as Handlebars
- ``jinja``       our templates for a Jinja2 with other settings
- ``left``        what every other format leaves behind
- ``port``        what a writer is given and gives back
- ``prompty``     Prompty 2: a head of YAML, a body of Jinja2
- ``properties``  JSON Schemas in Prompty's words
- ``table``       every writer by its name
- ``text``        what is looked up in a template, and what kind of value it is
- ``whole``       a prompt with everything that it refers to

A writer must never write a file that would send other messages: what a format cannot hold is refused.
"""
