from __future__ import annotations

import pytest

from registry.errors import Usage
from registry.evaluation.cluster.address import cluster_of
from registry.evaluation.cluster.local import LocalCluster
from registry.evaluation.cluster.ray import RayCluster


def test_a_number_of_workers_here() -> None:
    assert cluster_of("local:4") == LocalCluster(4)


@pytest.mark.parametrize(
    ("text", "address", "workers"),
    [
        ("ray://auto", "auto", None),
        ("ray://head.example:10001", "ray://head.example:10001", None),
        ("ray://auto?workers=8", "auto", 8),
        ("ray://[::1]:10001?workers=2", "ray://[::1]:10001", 2),
    ],
)
def test_a_cluster_of_ray(text: str, address: str, workers: int | None) -> None:
    made = cluster_of(text)
    assert isinstance(made, RayCluster)
    assert (made._address, made._workers) == (address, workers)


@pytest.mark.parametrize(
    "text",
    ["", "local", "local:0", "local:1000", "local:two", "ray", "ray://", "ray://host", "ray://host:x", "dask://a:1",
     "ray://u:p@host:1", "ray://host:1/path", "ray://auto?workers=0", "ray://auto?workers=", "ray://auto?gpus=1",
     "ray://[::1"],
)  # fmt: skip
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(Usage, match=r"CLU001 .* Write local:4") as refused:
        cluster_of(text)
    assert refused.value.exit_code == 2
