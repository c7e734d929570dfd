"""The update rule: orthogonalised momentum for matrices, AdamW for embeddings and norms.

torch's own Muon computes in bfloat16, which is slow on a CPU; this one stays in float32 and works on all matrices of
one shape at once. Never decides the learning rate: the training loop does.
Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".
"""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor, nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


class Muon:
    """Momentum whose matrix is replaced by the nearest (semi-)orthogonal one before each step."""

    def __init__(self, weights: list[nn.Parameter], momentum: float = 0.95, decay: float = 0.05) -> None:
        by_shape: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
        for weight in weights:
            by_shape[weight.shape].append(weight)
        self.groups = list(by_shape.values())
        self.buffers = [torch.zeros(len(group), *group[0].shape) for group in self.groups]
        self.momentum = momentum
        self.decay = decay

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Moves every weight by ``rate`` along its orthogonalised momentum."""
        for group, buffer in zip(self.groups, self.buffers, strict=True):
            gradients = torch.stack([_gradient(weight) for weight in group])
            buffer.lerp_(gradients, 1 - self.momentum)
            update = orthogonalise(gradients.lerp(buffer, self.momentum))
            scale = max(1.0, update.shape[-2] / update.shape[-1]) ** 0.5
            for weight, change in zip(group, update, strict=True):
                weight.mul_(1 - rate * self.decay).add_(change, alpha=-rate * scale)


def orthogonalise(matrices: Tensor) -> Tensor:
    """Newton–Schulz iteration towards U Vᵀ for each matrix of a stack [n, rows, columns]."""
    a, b, c = COEFFICIENTS
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


def _gradient(weight: nn.Parameter) -> Tensor:
    return torch.zeros_like(weight) if weight.grad is None else weight.grad
