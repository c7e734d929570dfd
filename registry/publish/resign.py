"""The same release under a later expiry: the daily signature that keeps services from reporting stale.

Needs the online key alone, so the job that runs it can publish nothing. Safe to repeat, from anywhere.
It must never change what is live.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from securesystemslib.signer import Signer

from registry.errors import PublishConflict, Usage
from registry.publish import keys, metadata
from registry.publish.channels import Now, utc_now
from registry.publish.renewal import Renewal, require_short
from registry.publish.state import Live, State, read_state, require_fresh
from registry.publish.target import Conflict, Target, metadata_key
from registry.publish.times import iso
from registry.settings import Channel

SNAPSHOT_LEFT = timedelta(days=15)
SKIPS = 64


def resign(
    target: Target,
    channel: Channel,
    *,
    older_than: timedelta = timedelta(0),
    actor: str = "",
    reason: str = "",
    root: Path = Path(),
    now: Now = utc_now,
) -> bool:
    """Sign a channel's timestamp again when its signature is older than asked; False when it is young enough.

    A snapshot with less than 15 days left is signed again as well. Somebody else's publish in the same moment
    counts as a signature. ``actor`` and ``reason`` are signed along.

    Raises:
        Usage: PUB007 nothing published, PUB026 too long a reason, KEY00x. SignatureRefused, StoreUnavailable: nothing
            is changed then.
    """
    require_short(actor=actor, reason=reason)
    state, moment = read_state(target, channel, root), now()
    live = state.live
    if live is None:
        raise Usage("PUB007", f"channel {channel.name} has no release to sign again", "Publish to it first.")
    signed_at = live.timestamp_expires - timedelta(days=metadata.TIMESTAMP_DAYS)
    if moment - signed_at < older_than:
        return False
    require_fresh(state.root, channel.name, moment)
    signer = keys.load(channel.online_key, metadata.role_keys(state.root, "timestamp"), root)
    version, snapshot = _snapshot(target, state, live, signer, moment)
    renewal = Renewal(
        actor=actor,
        at=iso(moment),
        commit=live.move.commit,
        release=live.move.release,
        was=live.timestamp_version,
        version=live.timestamp_version + 1,
        reason=reason,
    )
    data = metadata.timestamp(renewal.version, version, snapshot, signer, moment, renewal)
    try:
        target.replace_if(metadata_key(channel.name, "timestamp"), data, live.etag)
    except Conflict:
        return False
    return True


def _snapshot(
    target: Target, state: State, live: Live, signer: Signer, moment: datetime
) -> tuple[int, bytes]:
    """The snapshot to point at: the live one, or a new one under the first number free."""
    if live.snapshot_expires - moment > SNAPSHOT_LEFT:
        return live.snapshot_version, live.snapshot
    first = max(live.snapshot_version, live.move.version) + 1
    for number in range(first, first + SKIPS):
        data = metadata.snapshot(number, live.move.version, live.targets, signer, moment)
        try:
            target.put_once(metadata_key(state.channel, "snapshot", number), data)
        except Conflict:
            continue
        return number, data
    raise PublishConflict(
        "PUB004",
        f"{SKIPS} numbers in a row of {state.channel} are taken by unfinished publishes",
        "Run promptyard store check.",
    )
