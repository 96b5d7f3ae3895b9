"""A plain float32 forward pass of the GTE "new" masked language model for make_encoders.py: rotary positions
with fixed NTK scaling (https://kexue.fm/archives/9706, equation 6), a gated feed-forward, LayerNorm after each
residual sum."""

import math

import numpy
import torch
from torch.nn import functional


class NewEncoder:
    def __init__(self, config, state):
        self.config = config
        self.state = state
        self.heads = config["num_attention_heads"]
        self.width = config["hidden_size"] // self.heads

    @staticmethod
    def shapes(config):
        """Shape of every tensor by its name."""
        vocabulary, hidden, intermediate = (config[k] for k in ("vocab_size", "hidden_size", "intermediate_size"))
        shapes = {"new.embeddings.word_embeddings.weight": (vocabulary, hidden), "lm_head.decoder.bias": (vocabulary,)}
        linear = {"lm_head.dense": (hidden, hidden)}
        norms = ["new.embeddings.LayerNorm", "lm_head.norm"]
        for layer in range(config["num_hidden_layers"]):
            prefix = f"new.encoder.layer.{layer}."
            linear[prefix + "attention.qkv_proj"] = (3 * hidden, hidden)
            linear[prefix + "attention.o_proj"] = (hidden, hidden)
            shapes[prefix + "mlp.up_gate_proj.weight"] = (2 * intermediate, hidden)
            linear[prefix + "mlp.down_proj"] = (hidden, intermediate)
            norms += [prefix + "attn_ln", prefix + "mlp_ln"]
        for name, shape in linear.items():
            shapes[name + ".weight"] = shape
            shapes[name + ".bias"] = shape[:1]
        for name in norms:
            shapes[name + ".weight"] = shapes[name + ".bias"] = (hidden,)
        return shapes

    def get(self, name):
        return self.state[name].to(torch.float32)

    def linear(self, x, name):
        return x @ self.get(name + ".weight").T + self.get(name + ".bias")

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred * centred).mean(-1, keepdim=True)
        scaled = centred / torch.sqrt(variance + self.config["layer_norm_eps"])
        return scaled * self.get(name + ".weight") + self.get(name + ".bias")

    def angles(self, tokens):
        """[tokens, width / 2]"""
        factor = self.config["rope_scaling"]["factor"]
        exponents = torch.arange(0, self.width, 2, dtype=torch.float32) / self.width
        frequencies = (self.config["rope_theta"] * factor) ** -exponents / factor ** (2 / self.width)
        return torch.outer(torch.arange(tokens, dtype=torch.float32), frequencies)

    def rotate(self, x):
        """Of x [heads, tokens, width]: each dimension of the first half turns with its partner in the second."""
        angles = self.angles(x.shape[1])
        first, second = x.split(self.width // 2, dim=-1)
        cos, sin = angles.cos(), angles.sin()
        return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)

    def attend(self, x, prefix):
        query, key, value = (
            part.reshape(-1, self.heads, self.width).transpose(0, 1)
            for part in self.linear(x, prefix + "qkv_proj").chunk(3, dim=-1)
        )
        scores = self.rotate(query) @ self.rotate(key).transpose(1, 2) / math.sqrt(self.width)
        mixed = (scores.softmax(-1) @ value).transpose(0, 1).reshape(x.shape)
        return self.linear(mixed, prefix + "o_proj")

    def feed_forward(self, x, prefix):
        up, gate = (x @ self.get(prefix + "up_gate_proj.weight").T).chunk(2, dim=-1)
        return self.linear(functional.gelu(gate) * up, prefix + "down_proj")

    def __call__(self, ids):
        """States after the embeddings and each layer, [tokens, hidden] each, and logits
        [tokens, vocabulary]."""
        words = self.get("new.embeddings.word_embeddings.weight")
        states = [self.norm(words[torch.tensor(ids)], "new.embeddings.LayerNorm")]
        for layer in range(self.config["num_hidden_layers"]):
            prefix = f"new.encoder.layer.{layer}."
            x = self.norm(states[-1] + self.attend(states[-1], prefix + "attention."), prefix + "attn_ln")
            states.append(self.norm(x + self.feed_forward(x, prefix + "mlp."), prefix + "mlp_ln"))
        head = self.norm(functional.gelu(self.linear(states[-1], "lm_head.dense")), "lm_head.norm")
        logits = head @ words.T + self.get("lm_head.decoder.bias")
        return [numpy.array(state) for state in states], numpy.array(logits)
