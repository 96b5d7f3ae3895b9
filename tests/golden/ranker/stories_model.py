"""The file format, the positions and the tokenizer of llama2.c, for reading stories260K.bin and tok512.bin.

    int32   dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size (negative: a head of its own), seq_len
    float32 token_embedding, rms_att, wq, wk, wv, wo, rms_ffn, w1 (gate), w2 (down), w3 (up), each of all layers,
            rms_final, cosines and sines of positions

Queries and keys turn in pairs of neighbours (2i, 2i + 1), where Hugging Face pairs i with i + width / 2.
"""

from __future__ import annotations

import math
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from reference_model import Config, Model, Values, rotary_frequencies


def read_config(path: Path) -> Config:
    hidden, inner, layers, heads, key_heads, vocabulary, positions = struct.unpack("<7i", path.read_bytes()[:28])
    assert vocabulary > 0  # embeddings are the head
    return {
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
    }


def read_weights(path: Path, config: Config) -> dict[str, NDArray[np.float32]]:
    """By the names of Hugging Face; rows of queries and keys in the order of the file."""
    numbers = np.frombuffer(path.read_bytes(), dtype="<f4", offset=28)
    hidden, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    keys = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
    shapes = {
        "input_layernorm": (hidden,),
        "self_attn.q_proj": (hidden, hidden),
        "self_attn.k_proj": (keys, hidden),
        "self_attn.v_proj": (keys, hidden),
        "self_attn.o_proj": (hidden, hidden),
        "post_attention_layernorm": (hidden,),
        "mlp.gate_proj": (inner, hidden),
        "mlp.down_proj": (hidden, inner),
        "mlp.up_proj": (inner, hidden),
    }
    names = {"model.embed_tokens.weight": (config["vocab_size"], hidden)}
    for name, shape in shapes.items():
        names |= {f"model.layers.{layer}.{name}.weight": shape for layer in range(layers)}
    names["model.norm.weight"] = (hidden,)
    tensors = {}
    end = 0
    for name, shape in names.items():
        begin, end = end, end + math.prod(shape)
        tensors[name] = numbers[begin:end].reshape(shape)
    angles = config["max_position_embeddings"] * hidden // config["num_attention_heads"]
    assert end + angles == len(numbers)
    return tensors


class StoriesModel(Model):
    def __init__(self, path: Path) -> None:
        config = read_config(path)
        tensors = read_weights(path, config)

        def weights(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
            assert tensors[name].shape == shape
            return tensors[name]

        super().__init__(config, weights)

    def rotate(self, heads: Values, positions: NDArray[np.int64]) -> Values:
        angles = positions.astype(np.float32)[:, None] * rotary_frequencies(self.config)
        turned = (heads[..., 0::2] + 1j * heads[..., 1::2]) * np.exp(1j * angles.astype(np.float64))[:, None]
        return np.stack([turned.real, turned.imag], axis=-1).reshape(heads.shape)


class StoriesTokenizer:
    """int32 longest token; then of each token a float32 score, an int32 length, its bytes."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self.tokens: list[bytes] = []
        self.scores: list[float] = []
        at = 4
        while at < len(data):
            score, length = struct.unpack_from("<fi", data, at)
            self.tokens.append(data[at + 8 : at + 8 + length])
            self.scores.append(score)
            at += 8 + length
        self.ids = {token: i for i, token in enumerate(self.tokens)}

    def encode(self, text: str) -> list[int]:
        """Characters, then the pair with the best score is joined until none is left. No begin token."""
        ids: list[int] = []
        for letter in " " + text:
            known = self.ids.get(letter.encode())
            ids += [known] if known is not None else [self.ids[b"<0x%02X>" % byte] for byte in letter.encode()]
        while True:
            joined = [self.ids.get(self.tokens[a] + self.tokens[b]) for a, b in pairwise(ids)]
            best = max((i for i, token in enumerate(joined) if token is not None),
                       key=lambda i: (self.scores[joined[i]], -i), default=None)  # fmt: skip
            if best is None:
                return ids
            ids[best : best + 2] = [joined[best]]

    def decode(self, ids: list[int]) -> str:
        return b"".join(self.tokens[i] for i in ids).decode().removeprefix(" ")
