"""Google's dotprompt: a ``.prompt`` file as messages, inputs and a model.

- ``expressions``        expressions of a dotprompt body as ours
- ``handlebars``         Handlebars to a syntax tree
- ``handlebars_tokens``  Handlebars to its tags and the text between them
- ``inputs``             what a dotprompt file says of its variables
- ``kin``                files named ``.prompt`` that are not dotprompt
- ``messages``           messages as a dotprompt body makes them
- ``names``              what a name in a dotprompt body means here
- ``picoschema``         Picoschema to JSON Schema
- ``reader``             Google's dotprompt, a ``.prompt`` file
- ``tags``               what a tag of a dotprompt body says by itself
- ``template``           the body of a dotprompt file as messages
- ``variants``           variants beside a file as variants of one prompt

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
