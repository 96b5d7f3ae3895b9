"""The models and prompts of the parity tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from reference_ranking import Prompt

COMMON: dict[str, Any] = {
    "hidden_act": "silu",
    "attention_bias": False,
    "mlp_bias": False,
    "max_position_embeddings": 32768,
    "vocab_size": 160,
}
# Shapes differ in what kernels stumble over: heads that share a key head or do not, widths that fill no vector.
MODELS: dict[str, dict[str, Any]] = {
    "mistral": COMMON
    | {
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        "hidden_size": 64,
        "intermediate_size": 112,
        "num_hidden_layers": 5,
        "num_attention_heads": 8,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "rms_norm_eps": 1e-5,
        "rope_theta": 1000000.0,
        "sliding_window": None,
        "tie_word_embeddings": False,
    },
    "llama2": COMMON
    | {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 48,
        "intermediate_size": 100,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
    },
    "llama2-linear": COMMON
    | {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "rope_scaling": {"rope_type": "linear", "factor": 4.0},
        "tie_word_embeddings": True,
    },
    "llama3": COMMON
    | {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 96,
        "intermediate_size": 160,
        "num_hidden_layers": 4,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "rms_norm_eps": 1e-5,
        "rope_theta": 500000.0,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
        "tie_word_embeddings": True,
    },
    "qwen3": COMMON
    | {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "hidden_size": 64,
        "intermediate_size": 144,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1000000.0,
        "use_sliding_window": False,
        "sliding_window": None,
        "tie_word_embeddings": True,
    },
}
# Documents' lengths, instruction's, last block's, its position.
SHAPES = {
    "one document of one token": ((1,), 1, 3, 16384),
    "a few": ((5, 1, 12, 7), 9, 8, 16384),
    "a long list": ((17, 3, 40, 33, 16, 1, 32, 25, 8, 20, 12), 37, 21, 8192),
}


def prompts(model: str) -> dict[str, Prompt]:
    """By name; the ids are random."""
    rng = np.random.default_rng(sorted(MODELS).index(model))
    made = {}
    for name, (documents, instruction, query, offset) in SHAPES.items():
        ends = np.cumsum([instruction, *documents, query]).tolist()
        made[name] = Prompt(rng.integers(0, MODELS[model]["vocab_size"], ends[-1]).tolist(), ends, offset)
    return made


def scoring_layers(model: str) -> tuple[int, int]:
    """One in the middle and the last one."""
    layers = MODELS[model]["num_hidden_layers"]
    return layers // 2, layers - 1
