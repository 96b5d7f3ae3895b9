"""Ranking with a model whose order a person can judge (scripts/make_lexical_ranker.py): it puts the document with the
query's words first, so a wrong mask, position, template or reading of signals shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import SOURCE, Foraker, write_lines

DOCUMENTS: list[dict[str, Any]] = [
    {"_id": "boat", "text": "A blue boat and a bird. The fish eat by day."},
    {"_id": "farm", "text": "The farm has a brown cow, and a dog drinks there."},
    {"_id": "bear", "text": "Grass and flowers; a bear climbs high in the cold."},
    {"_id": "plants", "text": "Photosynthesis turns light into chemical energy in plants."},
    {"_id": "photo", "text": "Edit and organise raw photographs from digital cameras."},
    {"_id": "words", "text": "You need to read carefully: the query, the list of documents, the answer."},
]
FIRST = {
    "blue boats": "boat",
    "which dog drinks on a farm?": "farm",
    "how do plants get energy from light": "plants",
    "bears": "bear",
    "raw photo organiser": "photo",
    "photosynthesis": "plants",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "lexical-ranker"
    script = SOURCE / "scripts" / "make_lexical_ranker.py"
    subprocess.run([sys.executable, "-I", "-S", str(script), str(folder)], check=True, timeout=120)
    return folder


def rank(foraker: Foraker, model: Path, folder: Path, query: str, documents: list[dict[str, Any]], *more: str) -> Any:
    source = write_lines(folder / "documents.jsonl", documents)
    return foraker.json("rank", "--model", model, "--query", query, "--input", source, *more)["documents"]


@pytest.mark.parametrize("precision", ["f32", "bf16", "int8"])
@pytest.mark.parametrize("variant", ["paper", "last_token", "two_tokens", "all_keys"])
def test_the_document_with_the_querys_words_comes_first(
    foraker: Foraker, model: Path, tmp_path: Path, variant: str, precision: str
) -> None:
    if precision == "int8" and "vnni" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("int8 needs VNNI")
    made = {
        query: rank(foraker, model, tmp_path, query, DOCUMENTS, "--variant", variant, "--precision", precision)[0]["id"]
        for query in FIRST
    }
    assert made == FIRST


def test_a_place_in_the_list_makes_no_difference(foraker: Foraker, model: Path, tmp_path: Path) -> None:
    for turn in range(len(DOCUMENTS)):
        turned = DOCUMENTS[turn:] + DOCUMENTS[:turn]
        assert rank(foraker, model, tmp_path, "blue boats", turned, "--precision", "f32")[0]["id"] == "boat"


def test_words_far_down_are_found_in_a_window_only(foraker: Foraker, model: Path, tmp_path: Path) -> None:
    long = {"_id": "long", "text": "The grass is cold and high. " * 60 + "A blue boat."}
    near = {"_id": "near", "text": "A boat and a bird. The fish eat by day."}
    ask = ("blue boats", [long, near, *DOCUMENTS[1:]], "--max-tokens", "64")
    cut = rank(foraker, model, tmp_path, *ask)
    assert cut[0]["id"] == "near"
    assert next(each for each in cut if each["id"] == "long")["tokens_dropped"] > 0
    read = rank(foraker, model, tmp_path, *ask, "--windows")
    assert [each["id"] for each in read[:2]] == ["long", "near"]
    assert read[0]["windows"] > 1
    assert read[0]["tokens_dropped"] == 0
