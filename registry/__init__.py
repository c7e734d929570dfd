"""Promptyard's authoring half: from files in Git to a signed release.

- ``cli``          the command line
- ``devloop``      edit, save, and a running service answers with the new prompt
- ``publish``      TUF metadata, stores, the commit protocol
- ``release``      from a commit to a packed bundle
- ``evaluation``   suites, engines, statistics, the gate
- ``importing``    files of other formats to files of ours, with a report
- ``rendering``    from catalog to bundle, previews, differences
- ``validation``   schemas, template policy, lints
- ``authoring``    trees, YAML, sources, the catalog
- ``diagnostics``  findings as values: a bad file is data, never an exception
- ``errors``       the registry's own exceptions
- ``settings``     what promptyard.yaml says

Each storey may import those below it in this list, never one above; import-linter holds that.
It must never be imported by ``serve``: a service carries the run time alone.
"""
