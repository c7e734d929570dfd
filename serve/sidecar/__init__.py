"""The client behind HTTP, for services in other languages on the same host.

- ``handlers``  requests to answers, as plain functions
- ``app``       routes, limits and the server

Run it with ``python -m serve.sidecar``.

It must never answer from anything but the client's live release, nor listen beyond loopback unless told to.
"""
