"""Quality on real test collections, and the shape of what `foraker eval` and `foraker bench` print."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Foraker, shared_data, write_lines


@pytest.mark.parametrize(("name", "least"), [("scifact", 0.685), ("cranfield", 0.350), ("nfcorpus-test", 0.330)])
def test_bm25_reaches_its_quality(foraker: Foraker, name: str, least: float) -> None:
    folder = shared_data(name)
    foraker.ok("index", "-c", name, "--input", folder / "corpus.jsonl")
    judged = ("--queries", folder / "queries.jsonl", "--qrels", folder / "qrels.tsv")
    report = foraker.json("eval", "-c", name, *judged)
    assert set(report) >= {"nDCG@10", "MRR@10", "R@10", "R@100", "queries", "latency_ms"}
    assert set(report["latency_ms"]) == {"mean", "p50", "p99"}
    assert report["nDCG@10"] >= least


@pytest.fixture
def judged(foraker: Foraker, tmp_path: Path) -> list[str | Path]:
    documents = [{"_id": f"d{i}", "text": text} for i, text in enumerate(["red fox", "red hen", "grey owl", "owl egg"])]
    foraker.ok("index", "-c", "some", "--input", write_lines(tmp_path / "some.jsonl", documents))
    queries = write_lines(
        tmp_path / "queries.jsonl", [{"_id": "q1", "text": "red fox"}, {"_id": "q2", "text": "grey egg"}]
    )
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text("query-id\tcorpus-id\tscore\nq1\td0\t1\nq2\td2\t1\nq2\td3\t1\n")
    return ["eval", "-c", "some", "--queries", queries, "--qrels", qrels]


def test_a_perfect_ranking_has_perfect_figures(foraker: Foraker, judged: list[str | Path]) -> None:
    report = foraker.json(*judged)
    assert (report["queries"], report["nDCG@10"], report["R@10"]) == (2, 1.0, 1.0)
    assert "nDCG@10" in foraker.ok(*judged)


def test_a_run_against_itself_shows_no_difference(foraker: Foraker, judged: list[str | Path], tmp_path: Path) -> None:
    run = tmp_path / "run.trec"
    foraker.ok(*judged, "--run", run)
    query, q0, document, rank, score, tag = run.read_text().splitlines()[0].split()
    assert (query, q0, document, rank, tag) == ("q1", "Q0", "d0", "1", "foraker")
    assert float(score) > 0
    report = foraker.json(*judged, "--against", run)
    assert report["against"]["nDCG@10"]["difference"] == 0
    assert report["against"]["nDCG@10"]["p_randomization"] == 1


def test_a_bad_judgement_names_its_line(foraker: Foraker, judged: list[str | Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("q1\td0\t1\nq1\td1\tmany\n")
    assert f"{bad}:2" in foraker.error(2, *judged[:-1], bad)


def test_bench_prints_times_and_sizes(foraker: Foraker, judged: list[str | Path], tmp_path: Path) -> None:
    run = tmp_path / "bench.trec"
    command = ("bench", "-c", "some", "--queries", tmp_path / "queries.jsonl", "--rounds", "2", "--run", run)
    report = foraker.json(*command)
    assert report["queries"] == 2
    assert report["exact_share"] == 1
    assert 0 < report["p50_ms"] <= report["p99_ms"]
    assert report["saved_bytes"] > 0
    assert report["rss_bytes"] > 0
    assert report["sections"]["forward"] > 0
    assert run.read_text().startswith("q1 Q0 d0 1 ")
    assert "bytes a passage" in foraker.ok(*command)
