"""BlockRank on top of reference_model.py: the mask and the positions of a prompt, and what its documents score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from reference_model import Model, Values, softmax

# How many tokens at the prompt's end are signals, whether the softmax runs over all keys, and whether signals are
# summed (ranker/scoring/scoring.h). The paper's signals are ":" and "[", with one token between them.
VARIANTS = {
    "paper": ((-3, -1), False, True),
    "last_token": ((-1,), False, False),
    "two_tokens": ((-2, -1), False, False),
    "all_keys": ((-1,), True, False),
}


@dataclass
class Prompt:
    ids: list[int]
    block_ends: list[int]  # instruction, documents, query
    query_offset: int

    def blocks(self) -> list[range]:
        return [range(begin, end) for begin, end in zip([0, *self.block_ends], self.block_ends, strict=False)]

    def positions(self) -> NDArray[np.int64]:
        """From 0 for the instruction; behind it for every document; from query_offset for the last block."""
        instruction, *documents, _ = self.blocks()
        starts = [0, *[len(instruction) for _ in documents], self.query_offset]
        counted = [start + np.arange(len(block)) for start, block in zip(starts, self.blocks(), strict=True)]
        return np.concatenate(counted)

    def mask(self) -> NDArray[np.bool_]:
        """Causal in a block; documents see the instruction, the last block sees everything."""
        rows = len(self.ids)
        sees = np.zeros((rows, rows), dtype=bool)
        for block in self.blocks():
            for i in block:
                sees[i, block.start : i + 1] = True
        instruction, *documents, query = self.blocks()
        for document in documents:
            sees[document.start : document.stop, : instruction.stop] = True
        sees[query.start :, : query.start] = True
        return sees


def causal(length: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Positions and mask of an ordinary sequence."""
    return np.arange(length), np.tril(np.ones((length, length), dtype=bool))


def scores(model: Model, prompt: Prompt, layer: int, hidden: Values, variant: str) -> Values:
    """Of each document, from the states before `layer`."""
    places, over_all_keys, summed = VARIANTS[variant]
    signals = [len(prompt.ids) + place for place in places]
    logits = model.attention_logits(layer, hidden, prompt.positions())[:, signals]  # [heads, signals, rows]
    seen = prompt.mask()[signals]
    _, *documents, query = prompt.blocks()
    if not over_all_keys:
        seen[:, : documents[0].start] = False
        seen[:, query.start :] = False
    shares = softmax(np.where(seen, logits, -np.inf)).mean(axis=0)  # [signals, rows]
    tokens = shares.sum(axis=0) if summed else shares.mean(axis=0)
    return np.array([tokens[document.start : document.stop].sum() for document in documents])
