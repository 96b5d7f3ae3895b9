"""Writes tests/golden/ranker/stories260k.json: what a real language model of 260 thousand parameters says, computed
from its own file with its own kind of positions (stories_model.py). tests/ranker/stories_test.cc reads it.

    python tests/golden/ranker/stories.py ../shared/models/stories260k

    {"sequences": [{"text", "ids", "rows": [{"row", "ids" and "values" of the five largest logits, "sum" and
                    "square_sum" of the row's logits}]}],
     "greedy": {"ids": the begin, "continuation": ids, "text"},
     "lists": [{"query", "documents", "ids", "block_ends", "query_offset", "layer",
                "scores": [{"variant", "signals", "scores"}]}]}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from reference_ranking import VARIANTS, Prompt, causal, scores
from stories_model import StoriesModel, StoriesTokenizer

BEGIN = 1
TEXTS = [
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park.",
    "One day, Tom saw a big dog. The dog was sad because it lost its",
    "Zażółć 42 ∴ an unusual text; bytes it is.",
]
DOCUMENTS = [
    "The big red ball was in the park. Tom and Lily played with the ball.",
    "Mom made a cake. It was yummy.",
    "A little dog ran to the tree. The dog saw a cat in the tree, and the cat was scared.",
    "The sun was hot. Ben wanted to swim in the lake.",
    "Lily had a toy car. She gave it to her friend.",
]
QUERIES = ["Where did they play with the ball?", "What did the dog see?"]
LAYER, QUERY_OFFSET = 3, 256  # the model's positions end at 511


def rounded(values: Any) -> list[float]:
    return [float(f"{value:.7g}") for value in values]


def sequence(model: StoriesModel, tokenizer: StoriesTokenizer, text: str) -> dict[str, Any]:
    ids = [BEGIN, *tokenizer.encode(text)]
    logits = model.logits(model.states(ids, *causal(len(ids)))[-1])
    rows = []
    for row in (0, len(ids) // 2, len(ids) - 1):
        best = np.argsort(-logits[row])[:5]
        sums = rounded([logits[row].sum(), (logits[row] ** 2).sum()])
        rows.append({"row": row, "ids": best.tolist(), "values": rounded(logits[row][best])})
        rows[-1] |= {"sum": sums[0], "square_sum": sums[1]}
    return {"text": text, "ids": ids, "rows": rows}


def greedy(model: StoriesModel, tokenizer: StoriesTokenizer, text: str, length: int) -> dict[str, Any]:
    ids = [BEGIN, *tokenizer.encode(text)]
    begin = len(ids)
    for _ in range(length):
        last = model.logits(model.states(ids, *causal(len(ids)))[-1])[-1]
        second, best = np.sort(last)[-2:]
        assert best - second > 0.01  # no choice is left to rounding
        ids.append(int(last.argmax()))
    return {"ids": ids[:begin], "continuation": ids[begin:], "text": tokenizer.decode(ids[1:])}


def ranked_list(model: StoriesModel, tokenizer: StoriesTokenizer, query: str) -> dict[str, Any]:
    pieces = [f"Query: {query} Documents:", *DOCUMENTS, f"Query: {query} Answer: ["]
    blocks = [tokenizer.encode(piece) for piece in pieces]
    blocks[0].insert(0, BEGIN)
    prompt = Prompt([i for block in blocks for i in block], np.cumsum([*map(len, blocks)]).tolist(), QUERY_OFFSET)
    states = model.states(prompt.ids, prompt.positions(), prompt.mask())
    made = [
        {
            "variant": variant,
            "signals": [len(prompt.ids) + place for place in VARIANTS[variant][0]],
            "scores": rounded(scores(model, prompt, LAYER, states[LAYER], variant)),
        }
        for variant in VARIANTS
    ]
    record = {"query": query, "documents": DOCUMENTS, "ids": prompt.ids, "block_ends": prompt.block_ends}
    return record | {"query_offset": QUERY_OFFSET, "layer": LAYER, "scores": made}


def main(folder: Path) -> None:
    model, tokenizer = StoriesModel(folder / "stories260K.bin"), StoriesTokenizer(folder / "tok512.bin")
    record = {
        "sequences": [sequence(model, tokenizer, text) for text in TEXTS],
        "greedy": greedy(model, tokenizer, "Once upon a time", 40),
        "lists": [ranked_list(model, tokenizer, query) for query in QUERIES],
    }
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    (Path(__file__).parent / "stories260k.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
