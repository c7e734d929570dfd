"""Judging: everything that can be said of content before anything runs.

- ``expressions``      what an expression in a template may be, and the shape of its value
- ``filters``          what each named filter makes of a value's shape, and which arguments it takes
- ``lint``             all that can be said of content before anything runs
- ``lints``            one file per lint
- ``proof``            the tests that every guardrail rule carries, run on the very engine that serves
- ``schema``           documents against their JSON Schemas, said in sentences a writer understands
- ``shapes``           what a value can be at most
- ``subject``          what every lint looks at
- ``suggest``          what a writer may have meant by a name that is not known
- ``table``            the one table of lints
- ``template_policy``  what a template may do, and how long it can get

It must never change a file.
"""
