"""promptfoo's configs: prompts, providers and tests.

- ``asserts``    promptfoo's assertions as expectations
- ``csv``        rows of a table as promptfoo's tests
- ``files``      the files that a promptfoo config names
- ``graders``    the models that grade, as judges
- ``javascript`` comparisons in JavaScript that are an expectation
- ``nunjucks``   promptfoo's Nunjucks as our Jinja2
- ``operands``   the value of an expectation, out of an assertion's
- ``prompt``     one prompt of a promptfoo config
- ``prompts``    the prompts of a promptfoo config
- ``providers``  the providers of a promptfoo config as model configs
- ``reader``     promptfoo configs
- ``suite``      the suite of one prompt, out of promptfoo's cases
- ``tests``      the tests of a promptfoo config as plain cases

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
