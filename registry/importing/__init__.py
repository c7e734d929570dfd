"""Files of other formats to files of ours, with a report of what was kept, changed and lost.

- ``inference``  what a variable must be, from how a template uses it
- ``inputs``     what a file declares, completed by how its templates use it
- ``literal``    text that Jinja2 leaves as it is
- ``models``     which model a file asks, and its parameters under our names
- ``port``       what every reader is given and gives back
- ``secrets``    keys and endpoints stay behind

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
