"""A decoder-only language model in numpy, written from the definitions and for being read: one dense mask, explicit
positions, a loop over heads. Mistral, Llama 2 and 3 ("linear" and "llama3" scaling of positions) and Qwen3 (norms of
queries and keys).

Arithmetic is float64 on the weights as they are stored, so what it says is exact for tests in float32. Only the angles
of rotary positions are rounded to float32, where transformers rounds them: at position 16,384 the last bit of a
frequency is a thousandth of a radian. check_reference.py holds it against transformers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Config = dict[str, Any]  # config.json
Weights = Callable[[str, tuple[int, ...]], NDArray[np.float32]]  # by name and shape
Values = NDArray[np.float64]


def random_weights(seed: int) -> Weights:
    """The numbers that ranker/decoder/weight_source.h defines."""

    def tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        state = 0xCBF29CE484222325
        for byte in name.encode():
            state = (state ^ byte) * 0x100000001B3 % 2**64
        steps = np.arange(1, math.prod(shape) + 1, dtype=np.uint64)
        z = np.uint64(state ^ seed) + steps * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
        u = (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1
        if len(shape) == 1:
            u = 1 + u / 10
        elif name != "model.embed_tokens.weight":
            u *= math.sqrt(3 / shape[1])
        return u.astype(np.float32).reshape(shape)

    return tensor


def rounded_to_bfloat16(weights: Weights) -> Weights:
    """To the nearest, halves to the even one."""

    def tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        bits = weights(name, shape).view(np.uint32)
        bits = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
        return (bits & np.uint32(0xFFFF0000)).view(np.float32)

    return tensor


def head_width(config: Config) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])


def rotary_frequencies(config: Config) -> NDArray[np.float32]:
    """Of a head's pairs (i, i + width / 2)."""
    width = head_width(config)
    exponents = np.arange(0, width, 2, dtype=np.float32) / np.float32(width)
    powers = (float(config["rope_theta"]) ** exponents.astype(np.float64)).astype(np.float32)
    frequencies = np.float32(1) / powers
    scaling = config.get("rope_scaling")
    if scaling is None:
        return frequencies
    if scaling["rope_type"] == "linear":
        return frequencies / np.float32(scaling["factor"])
    assert scaling["rope_type"] == "llama3"
    original = scaling["original_max_position_embeddings"]
    low, high, factor = scaling["low_freq_factor"], scaling["high_freq_factor"], np.float32(scaling["factor"])
    waves = np.float32(2 * math.pi) / frequencies
    smooth = (np.float32(original) / waves - np.float32(low)) / np.float32(high - low)
    blended = (1 - smooth) * frequencies / factor + smooth * frequencies
    return np.where(
        waves > original / low, frequencies / factor, np.where(waves < original / high, frequencies, blended)
    )


def rms_norm(values: Values, weight: NDArray[np.float32], epsilon: float) -> Values:
    return values / np.sqrt((values**2).mean(axis=-1, keepdims=True) + epsilon) * weight


def softmax(logits: Values) -> Values:
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


class Model:
    def __init__(self, config: Config, weights: Weights) -> None:
        self.config = config
        self.weights = weights
        self.hidden, self.width = config["hidden_size"], head_width(config)
        self.heads, self.key_heads = config["num_attention_heads"], config["num_key_value_heads"]

    def matrix(self, name: str, outputs: int, inputs: int) -> Values:
        return self.weights(name + ".weight", (outputs, inputs)).astype(np.float64)

    def norm(self, name: str, values: Values) -> Values:
        weight = self.weights(name + ".weight", (values.shape[-1],))
        return rms_norm(values, weight, self.config["rms_norm_eps"])

    def embed(self, ids: list[int]) -> Values:
        return self.matrix("model.embed_tokens", self.config["vocab_size"], self.hidden)[ids]

    def rotate(self, heads: Values, positions: NDArray[np.int64]) -> Values:
        """heads [rows, heads, width]"""
        angles = positions.astype(np.float32)[:, None] * rotary_frequencies(self.config)
        cosine, sine = np.cos(angles.astype(np.float64))[:, None], np.sin(angles.astype(np.float64))[:, None]
        first, second = np.split(heads, 2, axis=-1)
        return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)

    def queries_and_keys(self, layer: int, normed: Values, positions: NDArray[np.int64]) -> tuple[Values, Values]:
        """[rows, heads, width] each, rotated; a key head stands once for every query head that shares it."""
        prefix = f"model.layers.{layer}.self_attn."
        made = []
        for name, count in (("q", self.heads), ("k", self.key_heads)):
            flat = normed @ self.matrix(f"{prefix}{name}_proj", count * self.width, self.hidden).T
            heads = flat.reshape(-1, count, self.width)
            if self.config["model_type"] == "qwen3":
                heads = self.norm(f"{prefix}{name}_norm", heads)
            made.append(self.rotate(heads, positions))
        return made[0], made[1].repeat(self.heads // self.key_heads, axis=1)

    def attention_logits(self, layer: int, hidden: Values, positions: NDArray[np.int64]) -> Values:
        """[heads, rows, rows], before any mask."""
        normed = self.norm(f"model.layers.{layer}.input_layernorm", hidden)
        queries, keys = self.queries_and_keys(layer, normed, positions)
        return np.einsum("ihd,jhd->hij", queries, keys) / math.sqrt(self.width)

    def layer(self, layer: int, hidden: Values, positions: NDArray[np.int64], mask: NDArray[np.bool_]) -> Values:
        """mask [rows, rows]: whether row i sees row j."""
        prefix = f"model.layers.{layer}."
        normed = self.norm(prefix + "input_layernorm", hidden)
        logits = self.attention_logits(layer, hidden, positions)
        shares = softmax(np.where(mask, logits, -np.inf))
        values = normed @ self.matrix(prefix + "self_attn.v_proj", self.key_heads * self.width, self.hidden).T
        values = values.reshape(-1, self.key_heads, self.width).repeat(self.heads // self.key_heads, axis=1)
        mixed = np.einsum("hij,jhd->ihd", shares, values).reshape(len(hidden), -1)
        hidden = hidden + mixed @ self.matrix(prefix + "self_attn.o_proj", self.hidden, self.heads * self.width).T

        normed = self.norm(prefix + "post_attention_layernorm", hidden)
        inner = self.config["intermediate_size"]
        gate = normed @ self.matrix(prefix + "mlp.gate_proj", inner, self.hidden).T
        up = normed @ self.matrix(prefix + "mlp.up_proj", inner, self.hidden).T
        return hidden + (gate / (1 + np.exp(-gate)) * up) @ self.matrix(prefix + "mlp.down_proj", self.hidden, inner).T

    def states(self, ids: list[int], positions: NDArray[np.int64], mask: NDArray[np.bool_]) -> list[Values]:
        """The hidden states [rows, hidden] before the first layer and behind each one."""
        states = [self.embed(ids)]
        for layer in range(self.config["num_hidden_layers"]):
            states.append(self.layer(layer, states[-1], positions, mask))
        return states

    def logits(self, hidden: Values) -> Values:
        """[rows, vocabulary], of the states behind the last layer."""
        head = "model.embed_tokens" if self.config["tie_word_embeddings"] else "lm_head"
        return self.norm("model.norm", hidden) @ self.matrix(head, self.config["vocab_size"], self.hidden).T
