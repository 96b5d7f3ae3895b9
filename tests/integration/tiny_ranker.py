"""Writes a complete tiny reranker: a Hugging Face directory of the Qwen3 family with blockrank.json beside it.

Weights are the numbers that ranker/decoder/weight_source.h defines for random models, so what it ranks means nothing,
but is the same everywhere. The tokenizer is byte-level BPE: 256 bytes, a few merges, the special tokens of the chat
template.

    python tests/integration/tiny_ranker.py FOLDER
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The pre-tokenizer of Qwen2 and Qwen3.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEXT_TOKENS = ("<think>", "</think>")  # added, yet not special
MERGED_WORDS = (" the", " of", " and", " document", " query", " ID", " relevant", " answer")
LAYERS, SCORING_LAYER = 4, 2


def byte_letters() -> list[str]:
    """The character that byte-level BPE writes for each byte: itself where it prints, else one from U+0100 on."""
    prints = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in prints]
    return [chr(byte) if byte in prints else chr(256 + others.index(byte)) for byte in range(256)]


def tokenizer() -> dict[str, Any]:
    """tokenizer.json"""
    letters = byte_letters()
    vocabulary = {letter: i for i, letter in enumerate(letters)}
    merges: dict[tuple[str, str], None] = {}
    for word in MERGED_WORDS:
        token, *rest = (letters[byte] for byte in word.encode())
        for letter in rest:
            merges[token, letter] = None
            token += letter
            vocabulary.setdefault(token, len(vocabulary))
    added = [
        {
            "id": len(vocabulary) + i,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": token in SPECIAL_TOKENS,
        }
        for i, token in enumerate(SPECIAL_TOKENS + TEXT_TOKENS)
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": WORDS}, "behavior": "Isolated", "invert": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": [" ".join(merge) for merge in merges],
        },
    }


def config(vocabulary: int) -> dict[str, Any]:
    """config.json"""
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "attention_bias": False,
        "head_dim": 32,
        "hidden_act": "silu",
        "hidden_size": 64,
        "intermediate_size": 128,
        "max_position_embeddings": 32768,
        "num_attention_heads": 4,
        "num_hidden_layers": LAYERS,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-6,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "use_sliding_window": False,
        "vocab_size": vocabulary,
    }


def tensor_shapes(model: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Of every tensor in model.safetensors, in its order; matrices are [out, in]."""
    hidden, width, inner = model["hidden_size"], model["head_dim"], model["intermediate_size"]
    queries, keys = model["num_attention_heads"] * width, model["num_key_value_heads"] * width
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (model["vocab_size"], hidden)}
    for layer in range(model["num_hidden_layers"]):
        shapes |= {
            f"model.layers.{layer}.{name}.weight": shape
            for name, shape in {
                "input_layernorm": (hidden,),
                "self_attn.q_proj": (queries, hidden),
                "self_attn.k_proj": (keys, hidden),
                "self_attn.v_proj": (keys, hidden),
                "self_attn.q_norm": (width,),
                "self_attn.k_norm": (width,),
                "self_attn.o_proj": (hidden, queries),
                "post_attention_layernorm": (hidden,),
                "mlp.gate_proj": (inner, hidden),
                "mlp.up_proj": (inner, hidden),
                "mlp.down_proj": (hidden, inner),
            }.items()
        }
    return shapes | {"model.norm.weight": (hidden,)}


def random_tensor(name: str, shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    """Of ranker/decoder/weight_source.h: SplitMix64 from the name's FNV-1a hash, scaled by the tensor's kind."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    z = np.uint64(state ^ seed) + np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    u = (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1
    if len(shape) == 1:
        u = 1 + u / 10
    elif "embed_tokens" not in name:
        u *= math.sqrt(3 / shape[1])
    return u.astype(np.float32).reshape(shape)


def write_safetensors(path: Path, tensors: dict[str, NDArray[np.float32]]) -> None:
    """An 8-byte length, a JSON header padded with spaces to a multiple of 8, the tensors' bytes."""
    header: dict[str, Any] = {}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(tensor.astype("<f4").tobytes() for tensor in tensors.values())
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def write_ranker(folder: Path, seed: int = 1) -> Path:
    """A complete model directory, 0.9 MB; made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = tokenizer()
    model = config(len(tokens["model"]["vocab"]) + len(tokens["added_tokens"]))
    files = {
        "tokenizer.json": tokens,
        "tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": False},
        "config.json": model,
        "blockrank.json": {"template": "qwen3", "layer": SCORING_LAYER, "signal_tokens": [":", "Ġ", "["]},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    tensors = {name: random_tensor(name, shape, seed) for name, shape in tensor_shapes(model).items()}
    write_safetensors(folder / "model.safetensors", tensors)
    return folder


if __name__ == "__main__":
    write_ranker(Path(sys.argv[1]))
