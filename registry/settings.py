"""What ``promptyard.yaml`` says: where content lies, where releases go, who signs for a channel.

One typed value, so that no command reads a raw mapping.
It must never hold a secret: keys are named by URI, credentials come from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

LintLevel = Literal["error", "warning", "info", "off"]
FILE = "promptyard.yaml"
MOST_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Keys:
    """URIs of a channel's signing keys, such as ``file:.promptyard/keys/staging-online.pem``."""

    root: str | None = None
    targets: str | None = None
    online: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One channel as written: the trusted root that ships with services, and the keys that sign."""

    root: str | None = None
    keys: Keys = Keys()


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What a release must show: no warnings, evidence of a passed test run, the branch and a signature.

    What a test run may cost.
    """

    warnings_as_errors: bool = False
    require_evidence: bool = False
    release_branch: str | None = None
    require_signed_commits: bool = False
    max_cost_per_run_usd: float | None = None


@dataclass(frozen=True, slots=True)
class CallSettings:
    """How a hosted engine is called in test runs.

    Attributes:
        concurrency: requests on their way at once.
        requests_per_minute: no bound by default.
        tokens_per_minute: of prompts and longest answers together; no bound by default.
        timeout_s: for one request, whole.
        attempts: how often one request is sent at most.
    """

    concurrency: int = 8
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout_s: float = field(default=120.0, metadata={"key": "timeoutSeconds"})
    attempts: int = 6

    def problem(self) -> str | None:
        """What is wrong with the numbers, as a clause; None when nothing is."""
        for name, value in (("concurrency", self.concurrency), ("attempts", self.attempts)):
            if not 1 <= value <= MOST_AT_ONCE:
                return f"{name} must be from 1 to {MOST_AT_ONCE}"
        rates = {
            "requestsPerMinute": self.requests_per_minute,
            "tokensPerMinute": self.tokens_per_minute,
            "timeoutSeconds": self.timeout_s,
        }
        return next((f"{k} must be above 0" for k, v in rates.items() if v is not None and not v > 0), None)


@dataclass(frozen=True, slots=True)
class EngineSettings(CallSettings):
    """The same, and the base URL: the provider's own by default. A foreign one is never sent a key."""

    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class BedrockSettings(CallSettings):
    """The same, and the AWS region; credentials and any other endpoint come from AWS's own variables."""

    region: str | None = None


@dataclass(frozen=True, slots=True)
class EnginesSettings:
    """How each hosted engine is called."""

    openai: EngineSettings = EngineSettings()
    openai_compatible: EngineSettings = field(default=EngineSettings(), metadata={"key": "openai-compatible"})
    anthropic: EngineSettings = EngineSettings()
    gemini: EngineSettings = EngineSettings()
    bedrock: BedrockSettings = BedrockSettings()


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """Who judges answers for suites that name no judge.

    Attributes:
        model: the id of a model.
        votes: how often it is asked each question; odd.
        prompt: the id of a prompt that is asked instead of the built-in ones.
        digest: the first digits of the judge's digest that people agreed to.
        min_kappa: the least agreement with people beyond chance under which its word counts.
    """

    model: str
    votes: int = 1
    prompt: str | None = None
    digest: str | None = None
    min_kappa: float = 0.6


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Where answers are kept beside the local folder: ``s3://bucket/prefix``, shared by laptops and CI."""

    shared: str | None = None


@dataclass(frozen=True, slots=True)
class LintException:
    """One excuse: findings of a code in files below the content folder, until a day, for a reason.

    Attributes:
        code: of the findings.
        path: which files, below the content folder; ``*`` stands for any name, ``**`` for any folders.
        until: the last day that it holds on, ISO 8601.
        reason: why the findings may stand until then.
    """

    code: str
    path: str
    until: str
    reason: str


@dataclass(frozen=True, slots=True)
class LintSettings:
    """Which findings count for how much here, and which are excused for a time."""

    levels: Mapping[str, LintLevel] = field(default_factory=dict)
    exceptions: tuple[LintException, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel with every default filled in. ``root`` is a path, the keys are URIs."""

    name: str
    root: str
    root_key: str
    targets_key: str
    online_key: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole of ``promptyard.yaml``; every key has a default, so the file may be missing."""

    promptyard: int = 1
    content: str = "prompts"
    store: str = "file:.promptyard/store"
    channels: Mapping[str, ChannelSettings] = field(
        default_factory=lambda: {"staging": ChannelSettings(), "production": ChannelSettings()}
    )
    policy: PolicySettings = PolicySettings()
    lint: LintSettings = LintSettings()
    engines: EnginesSettings = EnginesSettings()
    cache: CacheSettings = CacheSettings()
    judge: JudgeSettings | None = None

    def channel(self, name: str) -> Channel:
        """One channel with its defaults; raises KeyError when it is not listed."""
        written = self.channels[name]
        keys = written.keys
        return Channel(
            name=name,
            root=written.root or f"trust/{name}.root.json",
            root_key=keys.root or f"file:.promptyard/keys/{name}-root.pem",
            targets_key=keys.targets or f"file:.promptyard/keys/{name}-targets.pem",
            online_key=keys.online or f"file:.promptyard/keys/{name}-online.pem",
        )

    @property
    def first_channel(self) -> str:
        """The channel that a merge is published to unless another is named."""
        return next(iter(self.channels))
