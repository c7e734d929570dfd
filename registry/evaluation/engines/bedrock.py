"""Amazon Bedrock's Converse through boto3: how to call, how an answer reads.

Requests are signed, so AWS's own library makes them; region and credentials come from AWS's own chain.
boto3 is imported here because no storey below publishing may reach publishing's adapter of it.
It must never let boto3 retry: how often and how fast is decided for all providers alike.

Source: Amazon Bedrock API reference, Converse.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from registry.errors import MissingExtra, Usage
from registry.evaluation.engines.http import CONNECT_S
from registry.evaluation.engines.provider import Fault, garbled
from registry.evaluation.engines.retries import asked_wait, passes
from registry.evaluation.records import Called, Completion, Finish
from registry.settings import BedrockSettings
from serve.core.model import Json

_FINISH: Mapping[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}
_FATAL = frozenset((401, 403, 404))
_QUOTED = 200


class BedrockProvider:
    """One model of Bedrock in one region.

    Raises:
        Usage: ENG021 where neither the settings nor the environment name a region.
        MissingExtra: without boto3.
    """

    def __init__(self, settings: BedrockSettings) -> None:
        self._client = _client(settings)

    @property
    def identity(self) -> str:
        """The endpoint's URL, which names the region."""
        return str(self._client.meta.endpoint_url)

    def ask(self, body: Json) -> Completion:
        """See :meth:`registry.evaluation.engines.provider.Provider.ask`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self._client.converse(**body)
        except ClientError as error:
            raise _refused(error.response) from error
        except BotoCoreError as error:
            raise _gone(error) from error
        except ValueError as error:
            raise garbled("bedrock", "no JSON") from error
        try:
            return read(found)
        except (KeyError, TypeError, ValueError) as error:
            raise garbled("bedrock", "its fields are others than documented") from error

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()


def read(found: Any) -> Completion:
    """Converse's answer as ours; raises KeyError, TypeError, ValueError or Fault where it is none."""
    blocks = found["output"]["message"]["content"]
    usage = found["usage"]
    cached = int(usage.get("cacheReadInputTokens") or 0)
    written = int(usage.get("cacheWriteInputTokens") or 0)
    reason = found["stopReason"]
    if reason not in _FINISH:
        raise garbled("bedrock", f"it ended with {reason}")
    calls = [block["toolUse"] for block in blocks if "toolUse" in block]
    return Completion(
        text="".join(block["text"] for block in blocks if "text" in block),
        prompt_tokens=int(usage["inputTokens"]) + cached + written,
        completion_tokens=int(usage["outputTokens"]),
        cached_tokens=cached,
        finish=_FINISH[reason],
        tool_calls=tuple(Called(str(c["toolUseId"]), str(c["name"]), c["input"]) for c in calls),
    )


def _client(settings: BedrockSettings) -> Any:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise MissingExtra("engine bedrock", "s3") from error
    config = Config(
        connect_timeout=min(CONNECT_S, settings.timeout_s),
        read_timeout=settings.timeout_s,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=settings.concurrency,
    )
    try:
        return boto3.session.Session().client("bedrock-runtime", region_name=settings.region, config=config)
    except (BotoCoreError, ValueError) as error:
        what = "engine bedrock has no region" if settings.region is None else "engine bedrock: no such region"
        advice = "Write engines: {bedrock: {region: NAME}} in promptyard.yaml, or set AWS_DEFAULT_REGION."
        raise Usage("ENG021", what, advice) from error


def _refused(answer: Any) -> Fault:
    meta = answer.get("ResponseMetadata", {})
    status, name = int(meta.get("HTTPStatusCode", 0)), str(answer.get("Error", {}).get("Code") or "no code")
    said = "" if status in (401, 403) else " ".join(str(answer.get("Error", {}).get("Message") or "").split())
    quoted = f": {said[:_QUOTED].rstrip('.')}" if said else ""
    headers = {str(k).lower(): str(v) for k, v in meta.get("HTTPHeaders", {}).items()}
    return Fault(
        "ENG026",
        f"bedrock answered with status {status} ({name}){quoted}",
        "Check the model's id, its access in this region, and what the credentials may do.",
        again=passes(status, headers) or status == 424,  # the model, not the request, failed
        wait_s=asked_wait(headers, datetime.now(UTC)),
        fatal=status in _FATAL,
    )


def _gone(error: Exception) -> Fault:
    from botocore.exceptions import (
        ConnectTimeoutError,
        EndpointConnectionError,
        HTTPClientError,
        NoCredentialsError,
        ParamValidationError,
        PartialCredentialsError,
    )

    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        advice = "Set them where the AWS tools look for them: environment, profile or role."
        return Fault("ENG024", "engine bedrock needs AWS credentials", advice, fatal=True)
    if isinstance(error, ParamValidationError):
        return Fault("ENG026", "boto3 refuses the request's body", "Install a newer boto3.")
    unsent = isinstance(error, (EndpointConnectionError, ConnectTimeoutError))
    what = f"bedrock gave no whole answer ({type(error).__name__})"
    again = unsent or isinstance(error, HTTPClientError)
    return Fault("ENG022", what, "Check the network and the region.", again=again, billed=not unsent)
