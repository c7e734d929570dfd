"""What may not follow what is live."""

from __future__ import annotations

import pytest

from registry.errors import PublishConflict, Usage
from registry.publish.moves import Canary, Move
from registry.publish.order import require_descent, require_no_rollout, require_two
from registry.settings import Settings

LIVE = Move(1, "a" * 64, 1, "b", "c", "publish", "ada", "", "")
CANARY = Canary(2, "b" * 64, 1, "c", "d", 10, 1, "salt", 600, (10, 100), "")
PRODUCTION = Settings().channel("production")


def test_nothing_live_allows_everything():
    require_descent(None, "a", lambda *_: False, PRODUCTION)
    require_no_rollout(None, PRODUCTION)
    require_no_rollout(LIVE, PRODUCTION)


def test_a_channel_does_not_follow_itself():
    with pytest.raises(Usage, match="PUB015"):
        require_two(PRODUCTION, PRODUCTION)


def test_an_older_commit_is_refused():
    require_descent(LIVE, "c", lambda old, new: old <= new, PRODUCTION)
    with pytest.raises(PublishConflict, match="PUB006"):
        require_descent(LIVE, "a", lambda old, new: old <= new, PRODUCTION)


def test_a_second_rollout_is_refused_and_the_same_one_is_not():
    move = Move(**{name: getattr(LIVE, name) for name in Move.__slots__} | {"canary": CANARY})
    require_no_rollout(move, PRODUCTION, but=CANARY.sha256)
    with pytest.raises(PublishConflict, match=r"PUB021 release 2 .* at 10 %") as caught:
        require_no_rollout(move, PRODUCTION)
    assert caught.value.exit_code == 3
