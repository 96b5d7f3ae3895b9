"""Writes a complete tiny reranker: a Hugging Face directory of the Qwen3 family with blockrank.json beside it.

Weights are the numbers that ranker/decoder/weight_source.h defines for random models, so what it ranks means nothing,
but is the same everywhere. The tokenizer is byte-level BPE: 256 bytes, a few merges, the special tokens of the chat
template.

    python tests/integration/tiny_ranker.py FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from conftest import SOURCE
from numpy.typing import NDArray

sys.path.append(str(SOURCE / "scripts"))
sys.path.append(str(SOURCE / "tests" / "golden" / "ranker"))

from make_lexical_ranker import ADDED, LETTERS, tokenizer_json
from reference_model import random_weights

MERGED_WORDS = (" the", " of", " and", " document", " query", " ID", " relevant", " answer")
LAYERS, SCORING_LAYER = 4, 2


def tokenizer() -> dict[str, Any]:
    """tokenizer.json"""
    vocabulary = {letter: i for i, letter in enumerate(LETTERS)}
    merges: dict[tuple[str, str], None] = {}
    for word in MERGED_WORDS:
        token, *rest = (LETTERS[byte] for byte in word.encode())
        for letter in rest:
            merges[token, letter] = None
            token += letter
            vocabulary.setdefault(token, len(vocabulary))
    return tokenizer_json(vocabulary, list(merges))


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
    model = config(len(tokens["model"]["vocab"]) + len(ADDED))
    files = {
        "tokenizer.json": tokens,
        "tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": False},
        "config.json": model,
        "blockrank.json": {"template": "qwen3", "layer": SCORING_LAYER, "signal_tokens": [":", "Ġ", "["]},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    weights = random_weights(seed)
    tensors = {name: weights(name, shape) for name, shape in tensor_shapes(model).items()}
    write_safetensors(folder / "model.safetensors", tensors)
    return folder


if __name__ == "__main__":
    write_ranker(Path(sys.argv[1]))
