"""What decides, in one copy, for CI and for production alike.

- ``assign``    which instances a rollout draws
- ``compile``   bundle to Live: everything that can fail is done here, before a release may answer
- ``live``      a release ready to answer, and what it answers with
- ``render``    templates to text
- ``guard``     guardrails, whole and streamed
- ``inputs``    strict, typed inputs: what a caller hands over is checked before a template sees it
- ``payloads``  one rendered prompt to each provider's real request body
- ``bundle``    the bundle: the only door between the registry and a service
- ``archive``   files to one block of bytes and back: a deterministic tar in gzip
- ``codec``     typed values to JSON and back, driven by the types themselves
- ``digest``    one way to turn a value into bytes and bytes into a name
- ``model``     the frozen values that cross every storey: what a release holds
- ``errors``    every refusal has one shape: a code, the thing, and the next step

Pure: no clock, disk, network, YAML, logging or randomness; each may import those below it in this list.
It must never import what is not handed to it.
"""
