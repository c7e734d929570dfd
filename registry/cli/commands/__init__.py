"""One command per file: options to values, one call, one writer.

- ``annotate``  what people say of a run's answers, kept beside the suite
- ``blame``     who wrote each message of a prompt last, partials included
- ``diff``      which entries change between two revisions, why, in which words, at what cost
- ``export``    a prompt in another tool's format
- ``fleet``     which service runs which release, as they report it
- ``fmt``       every file in its one form
- ``gc``        what no channel needs any more leaves the store
- ``guard``     which guardrail rule matches where in a text, and why
- ``history``   who moved a channel, when and why; how a prompt fared over releases and runs
- ``import_``   prompts of another tool, with a report
- ``init``      a registry that runs, in one command
- ``keys``      who may sign for a channel, and how that changes
- ``lint``      every finding with its place and what to do about it
- ``list``      the prompts there are, and what a caller needs to know of each
- ``log``       who changed what a prompt says, when, why, and in which release
- ``new``       a small valid file to begin from
- ``plan``      what a move would change on a channel, and nothing else
- ``promote``   the same bytes, one channel further, on all of the instances or on some
- ``publish``   plan, commit, read back
- ``release``   a commit as one signed-ready file, the same bytes on every machine
- ``render``    the exact messages, or the exact request body, that a service would send
- ``report``    a test run shown again, from its record alone
- ``resign``    the daily signature that keeps services from reporting stale
- ``rollback``  back to what was live, as a new and higher version
- ``rollout``   a canary taken further, by hand or watched, or back
- ``schema``    the JSON Schemas that editors complete and check from
- ``serve``     render requests over HTTP, answered from the live release of a channel
- ``show``      a prompt as it was, at a revision or in a release
- ``status``    Git's head against what each channel serves, and what services say they run
- ``store``     whether a store keeps the promises that publishing rests on
- ``sync``      what is merged and proven goes live, without a hosted CI
- ``test``      the suites on the model, head against base, a verdict and an exit code
- ``verify``    a store or a bundle, looked at as a service would
- ``watch``     edit, save, and a running service answers with the new prompt

It must never hold a journey; those live below ``registry.cli``.
"""
