"""Our tokenizers beside Hugging Face `tokenizers`: one thread, in turn, processor time, best round of each.

    python3 bench/peer_tokenizers.py BENCH TOKENIZER_DIRECTORY TEXTS.jsonl... [--rounds 5]

BENCH is the program tokenizer_bench; tokenizer.json says whether it is WordPiece or a decoder's BPE. The library gets
its best of encode, encode_batch and encode_batch_fast (which leaves the offsets out), without special tokens and
truncation. Both count the same tokens, or the run fails.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path


def open_peer(directory):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(directory) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def read_texts(paths):
    for path in paths:
        with open(path) as lines:
            for line in lines:
                fields = json.loads(line)
                yield f"{fields.get('title', '')} {fields['text']}"


def timed(work, texts):
    """Processor seconds and tokens of one pass."""
    start = time.process_time()
    encodings = work(texts)
    seconds = time.process_time() - start
    return seconds, sum(len(encoding) for encoding in encodings)


def kind_of(tokenizer):
    return "decoder" if type(tokenizer.model).__name__ == "BPE" else "wordpiece"


def run_foraker(program, kind, directory, path):
    result = json.loads(subprocess.run([program, kind, directory, path], check=True, stdout=subprocess.PIPE).stdout)
    return result["seconds"], result["tokens"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bench")
    parser.add_argument("directory")
    parser.add_argument("texts", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    tokenizer = open_peer(arguments.directory)
    texts = list(read_texts(arguments.texts))
    size = sum(len(text.encode()) for text in texts)

    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as merged:
        merged.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        merged.flush()
        runs = {
            "foraker": lambda: run_foraker(arguments.bench, kind_of(tokenizer), arguments.directory, merged.name),
            "encode": lambda: timed(lambda t: [tokenizer.encode(x, add_special_tokens=False) for x in t], texts),
            "encode_batch": lambda: timed(lambda t: tokenizer.encode_batch(t, add_special_tokens=False), texts),
            "encode_batch_fast": lambda: timed(
                lambda t: tokenizer.encode_batch_fast(t, add_special_tokens=False), texts
            ),
        }
        best = {}
        counts = set()
        for _ in range(arguments.rounds):
            for name, run in runs.items():
                seconds, tokens = run()
                best[name] = min(best.get(name, seconds), seconds)
                counts.add(tokens)
    if len(counts) != 1:
        raise SystemExit(f"different numbers of tokens: {sorted(counts)}")
    tokens = counts.pop()
    peer = min(seconds for name, seconds in best.items() if name != "foraker")
    print(f"{len(texts)} texts, {size / 1e6:.1f} MB, {tokens} tokens")
    for name, seconds in best.items():
        print(f"{name:18} {seconds:7.3f} s  {size / seconds / 1e6:7.1f} MB/s  {seconds / tokens * 1e9:6.1f} ns a token")
    print(f"ratio {peer / best['foraker']:.1f}")


if __name__ == "__main__":
    main()
