#!/usr/bin/env python3
"""Writes what the extractive answerer's weights are fitted on, for make_answer_weights.

    answer_questions.py FOLDER [--hotpotqa F.json] [--musique F.json] [--xquad F.json] > Q.jsonl

FOLDER holds `hotpotqa-dev` and `musique-dev` in BEIR's layout (corpus.jsonl, queries.jsonl with
`answer` and `aliases`, qrels.tsv); their lines are marked `held_out`, so that the fit uses one half
alone. The files are questions of the sets' own training parts and of XQuAD (models/answerer/README.md
names them); XQuAD's paragraphs that share eight words in a row with an evaluation corpus are left out.

Passages are read as an agent reads them, crudely: BM25, then titles mentioned in what was read,
four, four and two passages. A question whose gold passages are not all among them is written a
second time with those in the place of the last others.
"""

import argparse
import json
import math
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "not",
        "of",
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
        "who",
        "what",
        "when",
        "where",
        "which",
        "how",
        "did",
        "does",
        "do",
        "has",
        "had",
        "have",
        "from",
        "whose",
        "whom",
    ]
)
READ_A_STEP = (4, 4, 2)
XQUAD_PASSAGES = 6
XQUAD_WEIGHT = 0.3  # single-hop questions teach what answers look like, not which passage holds them


@dataclass
class Question:
    id: str
    text: str
    answers: list[str]
    gold: set[str] = field(default_factory=set)


def stem(word: str) -> str:
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def terms(text: str) -> list[str]:
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def title_key(title: str) -> str:
    return " ".join(words(re.sub(r"\(.*?\)", "", title)))


class Index:
    """BM25 (k1 .9, b .4) over documents with their titles."""

    def __init__(self, documents: list[dict]) -> None:
        self.documents = documents
        self.places = {document["_id"]: i for i, document in enumerate(documents)}
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.titles: dict[str, list[int]] = defaultdict(list)
        self.lengths: list[int] = []
        for i, document in enumerate(documents):
            counts = Counter(terms(document["title"] + " " + document["text"]))
            self.lengths.append(sum(counts.values()))
            self.titles[title_key(document["title"])].append(i)
            for term, count in counts.items():
                self.postings[term].append((i, count))
        self.mean_length = sum(self.lengths) / len(documents)

    def idf(self, term: str) -> float:
        df = len(self.postings.get(term, ()))
        return math.log(1 + (len(self.documents) - df + 0.5) / (df + 0.5))

    def scores(self, query: str) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        for term in sorted(set(terms(query))):
            for i, count in self.postings.get(term, ()):
                norm = 0.9 * (0.6 + 0.4 * self.lengths[i] / self.mean_length)
                scores[i] += self.idf(term) * count * 1.9 / (count + norm)
        return scores

    def links(self, place: int) -> set[int]:
        written = re.findall(r"\w+", self.documents[place]["text"])
        lower = [word.lower() for word in written]
        found: set[int] = set()
        for begin in range(len(lower)):
            for end in range(begin + 1, min(len(lower), begin + 8) + 1):
                key = " ".join(lower[begin:end])
                if key in self.titles and (end - begin > 1 or written[begin][0].isupper()):
                    found.update(self.titles[key])
        return found - {place}

    def read(self, question: str) -> list[tuple[int, int]]:
        """Places and steps of ten passages."""
        first = self.scores(question)
        best = max(first.values(), default=1.0)
        scores, read = dict(first), {}
        for step, count in enumerate(READ_A_STEP):
            if step > 0:
                scores = dict(first)
                linked: dict[int, float] = defaultdict(float)
                for place in read:
                    for other in self.links(place):
                        linked[other] = max(linked[other], min(1.0, first.get(place, 0) / best))
                for other, weight in linked.items():
                    scores[other] = scores.get(other, 0) + 0.5 * best * weight
            new = [place for place in sorted(scores, key=lambda i: (-scores[i], i)) if place not in read]
            read.update({place: step for place in new[:count]})
        return list(read.items())


def write(question: Question, index: Index, read: list[tuple[int, int]], held_out: bool, weight: float) -> None:
    documents = [(index.documents[place], step) for place, step in read]
    line = {
        "id": question.id,
        "question": question.text,
        "answers": question.answers,
        "held_out": held_out,
        "weight": weight,
        "idf": {word: round(index.idf(stem(word)), 4) for word in words(question.text) if word not in STOP_WORDS},
        "passages": [{"title": d["title"], "text": d["text"], "step": step} for d, step in documents],
    }
    print(json.dumps(line, ensure_ascii=False))


def write_all(questions: list[Question], index: Index, held_out: bool) -> None:
    for question in questions:
        read = index.read(question.text)
        write(question, index, read, held_out, 1)
        gold = sorted(index.places[name] for name in question.gold)
        missing = [place for place in gold if place not in dict(read)]
        if missing:
            kept = [(p, s) for p, s in read if p in gold]
            others = [(p, s) for p, s in read if p not in gold]
            kept += others[: max(0, sum(READ_A_STEP) - len(gold))]
            kept += [(place, 1 + i % 2) for i, place in enumerate(missing)]
            write(question, index, sorted(kept, key=lambda pair: pair[1]), held_out, 1)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_collection(folder: Path) -> tuple[list[Question], Index]:
    questions = {
        line["_id"]: Question(line["_id"], line["text"], [line["answer"], *line.get("aliases", [])])
        for line in lines(folder / "queries.jsonl")
    }
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        name, document, _ = line.split("\t")
        questions[name].gold.add(document)
    return list(questions.values()), Index(lines(folder / "corpus.jsonl"))


def read_distractors(path: Path) -> tuple[list[Question], Index]:
    """HotpotQA's and MuSiQue's own files: a question with its paragraphs."""
    documents: dict[str, dict] = {}
    questions = []
    for line in json.loads(path.read_text(encoding="utf-8")):
        name = line.get("_id") or line["id"]
        question = Question(name, line["question"], [line["answer"], *line.get("answer_aliases", [])])
        if "context" in line:
            supporting = {title for title, _ in line["supporting_facts"]}
            paragraphs = [(t, "".join(s).strip(), t in supporting) for t, s in line["context"]]
        else:
            paragraphs = [(p["title"], p["paragraph_text"], p["is_supporting"]) for p in line["paragraphs"]]
        for title, text, is_gold in paragraphs:
            key = title + "|" + text[:40]
            documents[key] = {"_id": key, "title": title, "text": text}
            if is_gold:
                question.gold.add(key)
        questions.append(question)
    return questions, Index(list(documents.values()))


def runs(text: str) -> set[str]:
    all_words = words(text)
    return {" ".join(all_words[i : i + 8]) for i in range(len(all_words) - 7)}


def write_xquad(path: Path, evaluation: set[str]) -> None:
    documents: list[dict] = []
    questions: list[Question] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            name = f"xquad-{len(documents)}"
            documents.append({"_id": name, "title": "", "text": paragraph["context"]})
            if runs(paragraph["context"]) & evaluation:
                continue
            questions += [Question(q["id"], q["question"], [q["answers"][0]["text"]], {name}) for q in paragraph["qas"]]
    index = Index(documents)
    for question in questions:
        scores = index.scores(question.text)
        read = [(place, 0) for place in sorted(scores, key=lambda i: (-scores[i], i))[:XQUAD_PASSAGES]]
        write(question, index, read, False, XQUAD_WEIGHT)


def main() -> None:
    parser = argparse.ArgumentParser(description="questions for make_answer_weights")
    parser.add_argument("folder", type=Path)
    for name in ("hotpotqa", "musique", "xquad"):
        parser.add_argument(f"--{name}", type=Path)
    arguments = parser.parse_args()
    evaluation: set[str] = set()
    names: set[str] = set()
    for name in ("hotpotqa-dev", "musique-dev"):
        questions, index = read_collection(arguments.folder / name)
        names |= {question.id for question in questions}
        for document in index.documents:
            evaluation |= runs(document["text"])
        write_all(questions, index, held_out=True)
    for path in (arguments.hotpotqa, arguments.musique):
        if path:
            questions, index = read_distractors(path)
            write_all([q for q in questions if q.id not in names], index, held_out=False)
    if arguments.xquad:
        write_xquad(arguments.xquad, evaluation)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
