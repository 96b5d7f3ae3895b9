"""`foraker fit-stop` and `foraker eval --stage ask`: the agent on judged questions."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from conftest import Foraker, shared_data, write_lines

Arguments = list[str | Path]


@pytest.fixture
def hotpotqa(foraker: Foraker, tmp_path: Path) -> Arguments:
    """A hundred questions over the whole collection, indexed by words."""
    folder = shared_data("hotpotqa-dev")
    foraker.ok("index", "-c", "hotpotqa", "--input", folder / "corpus.jsonl")
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = write_lines(tmp_path / "queries.jsonl", [json.loads(line) for line in lines[:100]])
    return ["-c", "hotpotqa", "--queries", queries, "--qrels", folder / "qrels.tsv"]


@pytest.fixture
def animals(foraker: Foraker, tmp_path: Path) -> Arguments:
    documents = [
        {"_id": "fox", "title": "Red fox", "text": "The red fox hunts mice in Norland."},
        {"_id": "norland", "title": "Norland", "text": "The capital of Norland is Westport."},
        {"_id": "hen", "title": "Hen", "text": "A hen lays eggs."},
    ]
    foraker.ok("index", "-c", "animals", "--input", write_lines(tmp_path / "animals.jsonl", documents))
    questions = [
        {
            "_id": f"q{i}",
            "text": "What is the capital of the land where the red fox hunts?",
            "answer": "Westport",
            "aliases": ["West Port"],
        }
        for i in range(8)
    ]
    queries = write_lines(tmp_path / "questions.jsonl", questions)
    qrels = tmp_path / "questions.tsv"
    qrels.write_text("".join(f"q{i}\tfox\t1\nq{i}\tnorland\t1\n" for i in range(8)))
    return ["-c", "animals", "--queries", queries, "--qrels", qrels]


def ask(foraker: Foraker, judged: Arguments, *arguments: str | Path) -> Any:
    return foraker.json("eval", "--stage", "ask", *judged, *arguments)


def test_halves_share_no_question_and_miss_none(foraker: Foraker, animals: Arguments) -> None:
    counts = {half: ask(foraker, animals, "--half", half)["questions"] for half in ("training", "evaluation", "all")}
    assert counts["training"] + counts["evaluation"] == counts["all"] == 8
    assert counts["training"] > 0
    assert counts["evaluation"] > 0


def test_the_report_has_its_keys(foraker: Foraker, animals: Arguments) -> None:
    report = ask(foraker, animals)
    assert set(report) >= {"searches", "gold_recall", "all_gold", "em", "f1", "title_recall", "retrieval_calls"}
    assert set(report["searches"]) == {"mean", "p50", "max"}
    assert report["gold_recall"] == 1
    assert report["intervals"]["gold_recall"] == [1, 1]
    assert report["spans"]["questions"] == 8
    assert report["yes_no"]["questions"] == 0
    assert sum(report["stopped_by"].values()) == 8
    assert "gold_recall" in foraker.ok("eval", "--stage", "ask", *animals)


def test_the_plot_holds_every_number_of_searches(foraker: Foraker, animals: Arguments, tmp_path: Path) -> None:
    picture = tmp_path / "stop.svg"
    report = ask(foraker, animals, "--searches", "3", "--plot", picture)
    assert len(report["fixed"]) == 3
    assert set(report["against_fixed"]) == {"searches", "gold_recall"}
    svg = ElementTree.parse(picture).getroot()
    name = "{http://www.w3.org/2000/svg}"
    points = [circle for circle in svg.iter(f"{name}circle") if circle.find(f"{name}title") is not None]
    assert len(points) == 3 * 3  # gold recall, all gold, F1


def test_a_set_without_its_files_is_refused(foraker: Foraker, animals: Arguments, tmp_path: Path) -> None:
    output = ("--output", tmp_path / "stop.json")
    assert "its --qrels" in foraker.error(2, "fit-stop", *animals, "-c", "more", *output)
    (tmp_path / "none.tsv").write_text("q100\tfox\t1\n")
    assert "judges no question" in foraker.error(2, "fit-stop", *animals[:4], "--qrels", tmp_path / "none.tsv", *output)


def test_a_fitted_stop_saves_searches_on_questions_that_it_has_not_seen(
    foraker: Foraker, hotpotqa: Arguments, tmp_path: Path
) -> None:
    policy = tmp_path / "stop.json"
    foraker.ok("fit-stop", *hotpotqa, "--output", policy)
    again = tmp_path / "again.json"
    foraker.ok("fit-stop", *hotpotqa, "--output", again)
    assert policy.read_bytes() == again.read_bytes()

    unseen = ("--half", "evaluation", "--answerer", "none")
    stopping = ask(foraker, hotpotqa, *unseen, "--stop-policy", policy)
    exploring = ask(foraker, hotpotqa, *unseen, "--no-stop")
    once = ask(foraker, hotpotqa, *unseen, "--searches", "1")
    assert stopping["searches"]["mean"] < 0.8 * exploring["searches"]["mean"]
    assert stopping["gold_recall"] > 0.95 * exploring["gold_recall"]
    assert stopping["gold_recall"] > once["gold_recall"]
