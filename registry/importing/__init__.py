"""Files of other formats to files of ours, with a report of what was kept, changed and lost.

- ``port`` what every reader is given and gives back

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
