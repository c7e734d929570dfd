"""A Llama-shaped network whose training step shares one system prompt among many tickets.

The shipped model is an ordinary Llama; this class exists because ten tickets under one system prompt cost a third of
ten full prompts. Tokens lie flat, each attention row gathers what it may see, and nothing is computed for padding but
the attention scores. Weight names are those of ``LlamaForCausalLM``. Never used to answer: CTranslate2 does that.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network; defaults are those of the shipped model."""

    vocabulary: int = 2048
    hidden: int = 192
    layers: int = 5
    heads: int = 6
    kv_heads: int = 2
    feed_forward: int = 512
    context: int = 1024
    rope_theta: float = 10_000.0
    epsilon: float = 1e-5

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.heads


@dataclass(frozen=True, slots=True)
class Rows:
    """Attention rows of equal padded length: which flat tokens ask, which they may see, and where answers go back.

    ``queries`` [R, Q] and ``keys`` [R, K] index flat tokens, ``mask`` [R, 1, Q, K] is true where a query may look,
    ``back`` [N] takes the real tokens out of the R × Q grid.
    """

    queries: Tensor
    keys: Tensor
    mask: Tensor
    back: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """One training step: flat ``tokens`` and ``positions`` [N], attention rows in flat order, and what to predict.

    ``asked`` indexes the flat tokens whose next token is learnt, ``targets`` and ``weights`` belong to them.
    """

    tokens: Tensor
    positions: Tensor
    rows: tuple[Rows, ...]
    asked: Tensor
    targets: Tensor
    weights: Tensor


class Attention(nn.Module):
    """Grouped-query attention over gathered rows."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv = shape.kv_heads * shape.head_size
        self.q_proj = nn.Linear(shape.hidden, shape.hidden, bias=False)
        self.k_proj = nn.Linear(shape.hidden, kv, bias=False)
        self.v_proj = nn.Linear(shape.hidden, kv, bias=False)
        self.o_proj = nn.Linear(shape.hidden, shape.hidden, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], rows: tuple[Rows, ...]) -> Tensor:
        size = self.shape.head_size
        q = rotate(self.q_proj(x).view(-1, self.shape.heads, size), turn)
        k = rotate(self.k_proj(x).view(-1, self.shape.kv_heads, size), turn)
        v = self.v_proj(x).view(-1, self.shape.kv_heads, size)
        seen = [self._attend(q, k, v, row) for row in rows]
        return self.o_proj(torch.cat(seen))

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, row: Rows) -> Tensor:
        groups = self.shape.heads // self.shape.kv_heads
        keys = k[row.keys].transpose(1, 2).repeat_interleave(groups, dim=1)
        values = v[row.keys].transpose(1, 2).repeat_interleave(groups, dim=1)
        out = F.scaled_dot_product_attention(q[row.queries].transpose(1, 2), keys, values, attn_mask=row.mask)
        return out.transpose(1, 2).reshape(-1, self.shape.hidden)[row.back]


class FeedForward(nn.Module):
    """SwiGLU, as Llama has it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.feed_forward, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.feed_forward, bias=False)
        self.down_proj = nn.Linear(shape.feed_forward, shape.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """One pre-norm block with dropout on both branches."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(shape.hidden, eps=shape.epsilon)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = nn.RMSNorm(shape.hidden, eps=shape.epsilon)
        self.mlp = FeedForward(shape)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], rows: tuple[Rows, ...]) -> Tensor:
        x = x + self.drop(self.self_attn(self.input_layernorm(x), turn, rows))
        return x + self.drop(self.mlp(self.post_attention_layernorm(x)))


class Network(nn.Module):
    """Embeddings, layers and final norm; the output projection is the embedding itself (tied)."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.hidden, eps=shape.epsilon)
        self.drop = nn.Dropout(dropout)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                final = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(weight, std=0.02 / (2 * shape.layers) ** 0.5 if final else 0.02)

    def forward(self, batch: Batch) -> Tensor:
        """Logits [len(batch.asked), vocabulary]."""
        x = self.drop(self.embed_tokens(batch.tokens))
        turn = self._turn(batch.positions)
        for layer in self.layers:
            x = layer(x, turn, batch.rows)
        return F.linear(self.norm(x[batch.asked]), self.embed_tokens.weight)

    def _turn(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        size = self.shape.head_size
        frequencies = self.shape.rope_theta ** -(torch.arange(0, size, 2, dtype=torch.float32) / size)
        angles = (positions[:, None] * frequencies).repeat(1, 2)[:, None]
        return angles.cos(), angles.sin()


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary position embedding in Llama's half-split order (arXiv 2104.09864)."""
    cosine, sine = turn
    left, right = x.chunk(2, dim=-1)
    return x * cosine + torch.cat((-right, left), dim=-1) * sine
