"""Every refusal has one shape: a code, the thing, and the next step.

This file exists so that a service, a laptop and CI print the same line for the same trouble.
It must never hold user text or a secret in a message: values are named, not quoted.

    PromptyardError
    ├── Usage         the call or the configuration must change      (exit 2)
    │   ├── UnknownPrompt
    │   └── InputsRefused
    ├── Refused       what arrived must not be used                   (exit 3)
    │   ├── BundleRefused
    │   └── SignatureRefused
    └── Unavailable   the environment is missing something            (exit 4)
        └── MissingExtra
"""

from __future__ import annotations


class PromptyardError(Exception):
    """Base of all of Promptyard's exceptions.

    Attributes:
        code: stable identifier such as ``BND004``; documented in ``docs/errors.md``.
        what: the thing and what is wrong with it, one clause, no full stop.
        next_step: what the reader does now, one sentence.
    """

    exit_code = 70

    def __init__(self, code: str, what: str, next_step: str) -> None:
        super().__init__(code, what, next_step)
        self.code = code
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.code} {self.what}. {self.next_step}"


class Usage(PromptyardError):
    """The call or the configuration must change before it can work."""

    exit_code = 2


class UnknownPrompt(Usage):
    """A prompt, variant or other entry that the release does not hold."""


class InputsRefused(Usage):
    """Inputs that are missing, extra or of the wrong type."""


class Refused(PromptyardError):
    """Something arrived that must not be used; what was live before stays live."""

    exit_code = 3


class BundleRefused(Refused):
    """A bundle whose bytes, limits or content are not what its manifest says."""


class SignatureRefused(Refused):
    """Metadata that is unsigned, signed by the wrong key, replayed or out of order."""


class Unavailable(PromptyardError):
    """The environment lacks something: network, file, program or permission."""

    exit_code = 4


class MissingExtra(Unavailable):
    """An optional part of the distribution that is not installed."""

    def __init__(self, who: str, extra: str) -> None:
        super().__init__(
            "ENV001",
            f"{who} needs the {extra} extra",
            f"Install it: pip install 'promptyard[{extra}]'",
        )
