"""Makes tests/golden/evaluation: two random runs with many ties, judgements, and what trec_eval
(through pytrec_eval) and scipy say about them. Run from the repository root with the packages of
tests/requirements.txt:

    python tests/golden/make_evaluation.py
"""

import random
from pathlib import Path

import numpy
import pytrec_eval
from scipy import stats

FOLDER = Path(__file__).parent / "evaluation"
QUERIES = 60
DOCUMENTS = 160
CUT = 10


def judgements(rng):
    """Query -> document -> grade; some queries have no relevant document, some unjudged."""
    qrels = {}
    for query in range(QUERIES):
        if query % 13 == 5:
            continue
        documents = rng.sample(range(DOCUMENTS), rng.randint(1, 60))
        grades = [0] if query % 11 == 3 else [-1, 0, 0, 1, 1, 2, 3]
        qrels[f"q{query}"] = {f"d{d}": rng.choice(grades) for d in documents}
    return qrels


def ranking(rng, query, distinct, boost, grades):
    """Scores of few distinct values, some apart by less than float32 tells."""
    if query in ("q2", "q19", "q36"):
        return {}
    documents = rng.sample(range(DOCUMENTS), rng.choice([1, 5, 50, 150]))
    return {
        f"d{d}": (rng.randint(0, distinct) + boost * max(grades.get(f"d{d}", 0), 0)) / 7 + rng.choice([0, 0, 1e-10])
        for d in documents
    }


def measure(qrels, run):
    """Query -> (nDCG@10, MRR@10, R@10, R@100)."""
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "recip_rank", "recall.10,100"})
    results = {}
    for query, values in evaluator.evaluate(run).items():
        # trec_eval has no cut-off for recip_rank; a rank beyond the tenth counts nothing here.
        reciprocal = values["recip_rank"] if values["recip_rank"] >= 1 / CUT - 1e-9 else 0.0
        results[query] = (values["ndcg_cut_10"], reciprocal, values["recall_10"], values["recall_100"])
    for query in run:
        if not run[query] and query in qrels:
            results[query] = (0.0, 0.0, 0.0, 0.0)
    return results


def write(name, lines):
    (FOLDER / name).write_text("".join(line + "\n" for line in lines))


def main():
    rng = random.Random(9)
    qrels = judgements(rng)
    write("qrels.trec", [f"{q} 0 {d} {g}" for q in qrels for d, g in qrels[q].items()])
    write("qrels.tsv", ["query-id\tcorpus-id\tscore"] + [f"{q}\t{d}\t{g}" for q in qrels for d, g in qrels[q].items()])
    measured = []
    for name, distinct, boost in (("a", 9, 3), ("b", 12, 2)):
        run = {f"q{q}": ranking(rng, f"q{q}", distinct, boost, qrels.get(f"q{q}", {})) for q in range(QUERIES)}
        lines = []
        for query, hits in run.items():
            for document in rng.sample(sorted(hits), len(hits)):
                lines.append(f"{query} Q0 {document} 0 {hits[document]:.12g} {name}")
        write(f"run-{name}.trec", lines)
        results = measure(qrels, run)
        measured.append(results)
        write(f"expected-{name}.tsv", ["\t".join([q, *(f"{v:.9f}" for v in results[q])]) for q in sorted(results)])
    common = sorted(set(measured[0]) & set(measured[1]))
    lines = []
    for column, metric in enumerate(("nDCG@10", "MRR@10", "R@10", "R@100")):
        a = numpy.array([measured[0][q][column] for q in common])
        b = numpy.array([measured[1][q][column] for q in common])
        test = stats.ttest_rel(a, b)
        permuted = stats.permutation_test(
            (a - b,),
            lambda x, axis: x.mean(axis=axis),
            permutation_type="samples",
            n_resamples=200_000,
            vectorized=True,
            batch=2_000,
            rng=numpy.random.default_rng(9),
        )
        lines.append(f"{metric}\t{a.mean():.9f}\t{b.mean():.9f}\t{test.pvalue:.9f}\t{permuted.pvalue:.4f}")
    write("significance.tsv", lines)


if __name__ == "__main__":
    main()
