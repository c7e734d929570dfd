"""What every test may use."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["plugins.s3"]

settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)
settings.load_profile("ci")

os.environ.setdefault("GIT_CONFIG_NOSYSTEM", "1")
