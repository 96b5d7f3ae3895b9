#!/usr/bin/env python3
"""Makes models/lexical-ranker/tokens.tsv: byte-pair merges learned from the words of texts, and in how many texts the
meaning of each one's token occurs (make_lexical_ranker.py reads it). Deterministic; half a minute.

    scripts/train_lexical_tokens.py PACKAGES.jsonl MERGES > models/lexical-ranker/tokens.tsv
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from itertools import pairwise

from make_lexical_ranker import LETTERS, meaning, words

LEAST = 5  # occurrences of a word that merges are learned from


class Trainer:
    """Words as sequences of tokens; the commonest pair of neighbours is joined, again and again."""

    def __init__(self, counts: Counter[str]) -> None:
        self.words = sorted(counts)
        self.counts = [counts[word] for word in self.words]
        self.tokens = [[LETTERS[byte] for byte in word.encode()] for word in self.words]
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self.merges: list[tuple[str, str]] = []
        for word in range(len(self.words)):
            self.count(word, 1)

    def count(self, word: int, sign: int) -> None:
        for pair in pairwise(self.tokens[word]):
            self.pairs[pair] += sign * self.counts[word]
            self.places[pair].add(word)

    def merge(self) -> None:
        best = max(self.pairs, key=lambda pair: (self.pairs[pair], pair))
        self.merges.append(best)
        for word in self.places.pop(best):
            self.count(word, -1)
            old, new = self.tokens[word], []
            for token in old:
                if new and (new[-1], token) == best:
                    new[-1] += token
                else:
                    new.append(token)
            self.tokens[word] = new
            self.count(word, 1)
        self.pairs.pop(best, None)


def main(path: str, merges: int) -> None:
    with open(path, encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    counts = Counter(word for text in texts for word in words(text))
    trainer = Trainer(Counter({word: count for word, count in counts.items() if count >= LEAST}))
    for _ in range(merges):
        trainer.merge()
    text_of = {"".join(merge): "".join(merge) for merge in trainer.merges}
    for token in text_of:
        text_of[token] = bytes(LETTERS.index(letter) for letter in token).decode(errors="replace")
    meanings = {token: meaning(text) for token, text in text_of.items()}
    of_word = {
        word: {meanings.get(token) for token in tokens}
        for word, tokens in zip(trainer.words, trainer.tokens, strict=True)
    }
    frequencies: Counter[str | None] = Counter()
    for text in texts:
        frequencies.update(set().union(*(of_word.get(word, set()) for word in words(text))))
    print(f"# texts: {len(texts)}")
    for left, right in trainer.merges:
        print(left, right, frequencies[meanings[left + right]], sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: train_lexical_tokens.py TEXTS.jsonl MERGES")
    main(sys.argv[1], int(sys.argv[2]))
