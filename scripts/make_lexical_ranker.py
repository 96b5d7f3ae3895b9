#!/usr/bin/env python3
"""Writes a complete reranker whose weights nobody trained: they are constructed, so that documents with the query's
rare words come first. It shows and tests the whole way of a ranking with an order that a person can judge; it is no
good reranker (models/lexical-ranker/README.md). Needs the standard library alone.

    scripts/make_lexical_ranker.py FOLDER

A hidden state has parts, written by three layers of the Llama architecture without feed-forward networks:

    own       what the token means: one random vector of signs for all words of a stem, nothing for other tokens
    before    what the token before it means                                     written by layer 0
    even      ones, so that the norm divides all states by nearly the same
    weight    how much the word counts in a query; see `query_weight`
    anchor    1 for the token with which the instruction begins

Layer 0 looks at the token before: its attention depends on positions alone. Layer 1 lets the last block, which stands
16,384 positions behind the rest, gather the words of its own block by their weight; other tokens look at the anchor,
which means nothing. Layer 2 scores: the signal tokens' gathered words (their queries) meet the documents' words (keys).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

TOKENS = Path(__file__).resolve().parents[1] / "models" / "lexical-ranker" / "tokens.tsv"
ADDED = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>")
SPECIAL = ADDED[:3]
# The pre-tokenizer of Qwen2 and Qwen3.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
# The prompt's last block without the query: its words mean nothing, in queries neither.
QUESTION = (
    "====== Now let's start! ======\nWhich document is most relevant to answer the query? Print out the ID of the"
    " document.\nQuery: \nThe following document(s) can help answer the query:<|im_end|>\n<|im_start|>assistant\n"
    "<think>\n\n</think>\n\nFinal Answer: "
)
ANCHOR = "You"  # the prompt's first word

MEANING, EVEN, HIDDEN = 40, 28, 128  # widths
OWN, BEFORE, WEIGHT, ANCHORED = 0, MEANING, 2 * MEANING + EVEN, 2 * MEANING + EVEN + 1
EVENS = range(2 * MEANING, 2 * MEANING + EVEN)
SIGN = 0.25  # of a value of a meaning
RMS = math.sqrt((EVEN + 2 * MEANING * SIGN**2) / HIDDEN)  # of a token and the one before it
HEADS, WIDTH, LAYERS, INNER = 2, 128, 3, 16
QUERY_OFFSET = 16384
# The pair of a head that has turned by half a circle between the last block and the rest; those from STILL on have
# hardly turned.
HALF_TURN, STILL = 20, 24
ROPE_THETA = math.exp(WIDTH / 2 / HALF_TURN * math.log(QUERY_OFFSET / math.pi))
SHARPNESS = (35.0, 70.0)  # of the scoring layer's heads: logit of a document's token that is the whole query
BEFORE_SHARE = 0.5  # of what a match of the words before adds
# Logits of layer 1 in the last block.
NEAR, FURTHER_BY_WEIGHT, TO_ANCHOR = 6.0, 8.0, 40.0


def byte_letters() -> list[str]:
    """The character that byte-level BPE writes for each byte: itself where it prints, else one from U+0100 on."""
    prints = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in prints]
    return [chr(byte) if byte in prints else chr(256 + others.index(byte)) for byte in range(256)]


LETTERS = byte_letters()


def words(text: str) -> list[str]:
    """Runs of letters, with the space before them where there is one: what WORDS makes of plain English."""
    return re.findall(r"(?: |(?<![^\W\d_]))[^\W\d_]+", text)


def stem(word: str) -> str:
    """What shares a vector: the endings of plurals and verbs are cut, crudely."""
    for ending in ("ies", "ing", "ed", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def meaning(token: str) -> str | None:
    """The stem of a token's text, which has its own vector; None for what is not two letters at least."""
    word = token.removeprefix(" ").lower()
    return stem(word) if re.fullmatch(r"[^\W\d_]{2,}", word) else None


class Tokens:
    """The merges of tokens.tsv, in order, and in how many texts the meaning of each one's token occurs."""

    def __init__(self, path: Path) -> None:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        self.texts = int(header.removeprefix("# texts: "))
        self.merges: list[tuple[str, str]] = []
        self.frequencies: dict[str, int] = {}
        for line in lines:
            left, right, frequency = line.split("\t")
            self.merges.append((left, right))
            self.frequencies[left + right] = int(frequency)
        self.vocabulary = {token: i for i, token in enumerate([*LETTERS, *self.frequencies])}

    def encode(self, word: str) -> list[str]:
        ranks = {merge: rank for rank, merge in enumerate(self.merges)}
        tokens = [LETTERS[byte] for byte in word.encode()]
        while True:
            pairs = list(pairwise(tokens))
            best = min(pairs, key=lambda pair: ranks.get(pair, len(ranks)), default=None)
            if best not in ranks:
                return tokens
            at = pairs.index(best)
            tokens[at : at + 2] = ["".join(best)]

    def text(self, token: str) -> str:
        return bytes(LETTERS.index(letter) for letter in token).decode(errors="replace")

    def query_weight(self, token: str) -> float:
        """1 for a word in 5 % of the texts; about the square of idf above."""
        idf = math.log((self.texts + 1) / (self.frequencies[token] + 1))
        return max(0.0, 5 + 2 * math.log(max(idf, 0.05) / 3)) / FURTHER_BY_WEIGHT


class Tensor:
    def __init__(self, *shape: int, fill: float = 0.0) -> None:
        self.shape = shape
        self.values = array("f", [fill]) * math.prod(shape)

    def set(self, row: int, column: int, value: float) -> None:
        self.values[row * self.shape[1] + column] = value

    def bfloat16(self) -> bytes:
        """To the nearest, halves to the even one."""
        bits = array("I", self.values.tobytes())
        return array("H", [(each + 0x7FFF + (each >> 16 & 1)) >> 16 for each in bits]).tobytes()


def sign_vector(name: str) -> list[float]:
    bits = int.from_bytes(hashlib.sha256(name.encode()).digest(), "little")
    return [SIGN if bits >> i & 1 else -SIGN for i in range(MEANING)]


def embeddings(tokens: Tokens) -> Tensor:
    table = Tensor(len(tokens.vocabulary) + len(ADDED), HIDDEN)
    anchor = tokens.encode(ANCHOR)[0]
    silent = {token for word in words(QUESTION) for token in tokens.encode(word)} | {anchor}
    for row in range(table.shape[0]):
        for i in EVENS:
            table.set(row, i, 1.0)
    for token, row in tokens.vocabulary.items():
        name = meaning(tokens.text(token))
        if name is None or token in silent:
            continue
        for i, value in enumerate(sign_vector(name)):
            table.set(row, OWN + i, value)
        table.set(row, WEIGHT, tokens.query_weight(token))
    table.set(tokens.vocabulary[anchor], ANCHORED, 1.0)
    return table


class Attention:
    """One layer's. Every setter takes values as they are before the norm; both heads of the queries get the same."""

    def __init__(self) -> None:
        self.query, self.key = Tensor(HEADS * WIDTH, HIDDEN), Tensor(WIDTH, HIDDEN)
        self.value, self.out = Tensor(WIDTH, HIDDEN), Tensor(HIDDEN, HEADS * WIDTH)

    def constant_query(self, dimension: int, value: float) -> None:
        """`value` is in units of a logit, for keys of one."""
        for head in range(HEADS):
            for i in EVENS:
                self.query.set(head * WIDTH + dimension, i, value * math.sqrt(WIDTH) * RMS / EVEN)

    def constant_key(self, dimension: int, value: float) -> None:
        for i in EVENS:
            self.key.set(dimension, i, value * RMS / EVEN)

    def copy(self, source: int, target: int, width: int) -> None:
        """Adds the attended `source` to `target`, from the first head."""
        for i in range(width):
            self.value.set(i, source + i, RMS)
            self.out.set(target + i, i, 1.0)


def frequency(pair: int) -> float:
    return ROPE_THETA ** (-2 * pair / WIDTH)


def look_one_back() -> Attention:
    """Logits sum_i a_i cos(f_i (distance - 1)): largest one token back."""
    layer = Attention()
    for pair, amplitude in enumerate((14, 12, 10, 8, 8, 8, 6, 6, 6)):
        layer.constant_query(pair, amplitude * math.cos(frequency(pair)))
        layer.constant_query(pair + WIDTH // 2, -amplitude * math.sin(frequency(pair)))
        layer.constant_key(pair, 1.0)
    layer.copy(OWN, BEFORE, MEANING)
    return layer


def gather() -> Attention:
    """Near logits are positive, those half a turn away are negative: the last block sees its own words."""
    layer = Attention()
    layer.constant_query(HALF_TURN, 1.0)
    layer.constant_key(HALF_TURN, NEAR)
    layer.key.set(HALF_TURN, WEIGHT, FURTHER_BY_WEIGHT * RMS)
    layer.key.set(HALF_TURN, ANCHORED, TO_ANCHOR * RMS)
    layer.copy(OWN, OWN, 2 * MEANING)
    return layer


def match() -> Attention:
    layer = Attention()
    length = SIGN * math.sqrt(MEANING)  # of a meaning
    for i in range(MEANING):
        for source, dimension, share in (
            (OWN + i, STILL + i, 1.0),
            (BEFORE + i, WIDTH // 2 + STILL + i, BEFORE_SHARE),
        ):
            layer.key.set(dimension, source, RMS / length)
            for head, sharpness in enumerate(SHARPNESS):
                logit = share * sharpness * math.sqrt(WIDTH)
                layer.query.set(head * WIDTH + dimension, source, logit * RMS / length)
    return layer


def tensors(tokens: Tokens) -> dict[str, Tensor]:
    made = {"model.embed_tokens.weight": embeddings(tokens), "model.norm.weight": Tensor(HIDDEN, fill=1.0)}
    for number, layer in enumerate((look_one_back(), gather(), match())):
        prefix = f"model.layers.{number}."
        made |= {
            prefix + "input_layernorm.weight": Tensor(HIDDEN, fill=1.0),
            prefix + "self_attn.q_proj.weight": layer.query,
            prefix + "self_attn.k_proj.weight": layer.key,
            prefix + "self_attn.v_proj.weight": layer.value,
            prefix + "self_attn.o_proj.weight": layer.out,
            prefix + "post_attention_layernorm.weight": Tensor(HIDDEN, fill=1.0),
            prefix + "mlp.gate_proj.weight": Tensor(INNER, HIDDEN),
            prefix + "mlp.up_proj.weight": Tensor(INNER, HIDDEN),
            prefix + "mlp.down_proj.weight": Tensor(HIDDEN, INNER),
        }
    return made


def tokenizer_json(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> dict[str, Any]:
    """Byte-level BPE as of Qwen2 and Qwen3, with the tokens of their chat template behind the vocabulary."""
    added = [
        {
            "id": len(vocabulary) + i,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": token in SPECIAL,
        }
        for i, token in enumerate(ADDED)
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": WORDS}, "behavior": "Isolated", "invert": False}
    return {
        "version": "1.0",
        "added_tokens": added,
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": [" ".join(merge) for merge in merges]},
    }


def config_json(vocabulary: int) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "head_dim": WIDTH,
        "hidden_act": "silu",
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "max_position_embeddings": 2 * QUERY_OFFSET,
        "mlp_bias": False,
        "num_attention_heads": HEADS,
        "num_hidden_layers": LAYERS,
        "num_key_value_heads": 1,
        "rms_norm_eps": 1e-5,
        "rope_theta": ROPE_THETA,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "vocab_size": vocabulary,
    }


def safetensors(tensors: dict[str, Tensor]) -> bytes:
    """An 8-byte length, a JSON header padded with spaces to a multiple of 8, the tensors' bytes."""
    header: dict[str, Any] = {}
    data = b""
    for name, tensor in tensors.items():
        made = tensor.bfloat16()
        header[name] = {"dtype": "BF16", "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(made)]}
        data += made
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def write_lexical_ranker(folder: Path) -> Path:
    """A model directory of 1.4 MB; made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(TOKENS)
    files = {
        "config.json": config_json(len(tokens.vocabulary) + len(ADDED)),
        "tokenizer.json": tokenizer_json(tokens.vocabulary, tokens.merges),
        "tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": False},
        "blockrank.json": {
            "template": "qwen3",
            "layer": LAYERS - 1,
            "query_offset": QUERY_OFFSET,
            "signal_tokens": [":", "Ġ", "["],
        },
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(safetensors(tensors(tokens)))
    return folder


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_lexical_ranker.py FOLDER")
    write_lexical_ranker(Path(sys.argv[1]))
