"""foraker encode: documents and queries to vectors, with a real encoder of ../shared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED, Foraker, write_lines

MODEL = SHARED / "models" / "splade-tiny"
IDF = SHARED / "models" / "idf" / "idf.json"

pytestmark = pytest.mark.skipif(not MODEL.is_dir() or not IDF.is_file(), reason=f"{MODEL} is not there")

DOCUMENTS: list[dict[str, Any]] = [
    {"_id": "whale", "title": "Moby-Dick", "text": "Call me Ishmael. The white whale swims in the cold sea. " * 3},
    {"_id": "fox", "title": "", "text": "A red fox hunts mice — at dusk."},
    {"_id": "empty", "title": "", "text": ""},
]  # fmt: skip
ENCODER: list[str | Path] = ["--encoder", MODEL, "--encoder-idf", IDF, "--precision", "f32"]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "documents.jsonl", DOCUMENTS)


def encode(foraker: Foraker, *arguments: str | Path, **options: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in foraker.ok("encode", *arguments, **options).splitlines()]


def word(line: dict[str, Any], token: str) -> str:
    text = next(d["text"] for d in DOCUMENTS if d["_id"] == line["_id"]).encode()
    begin, end = line["positions"][token]
    return text[begin:end].decode()


def test_a_document_becomes_passages_whose_terms_name_their_words(foraker: Foraker, documents: Path) -> None:
    lines = encode(foraker, *ENCODER, "-i", documents, "--passage-tokens", "40")
    whale = [line for line in lines if line["_id"] == "whale"]
    assert [line["passage"] for line in whale] == [0, 1]
    assert whale[0]["begin"] == 0
    assert whale[0]["end"] == whale[1]["begin"]
    assert all(line["tokens_dropped"] == 0 and line["tokens"] > 0 for line in lines)
    assert word(whale[1], "whale") == "whale"
    assert list(whale[0]["vector"].values()) == sorted(whale[0]["vector"].values(), reverse=True)
    fox = next(line for line in lines if line["_id"] == "fox")
    assert word(fox, "fox") == "fox"
    assert len(fox["vector"]) > 10, "expanded"
    assert not [line for line in lines if line["_id"] == "empty"], "no text, no passage"


def test_the_order_of_the_input_is_kept_on_any_number_of_threads(foraker: Foraker, tmp_path: Path) -> None:
    texts = [{"_id": f"d{i}", "text": f"Number {i} of many, whale {'fox ' * (i % 7)}"} for i in range(300)]
    path = write_lines(tmp_path / "many.jsonl", texts)
    one = foraker.ok("encode", *ENCODER, "-i", path, "--threads", "1")
    assert one == foraker.ok("encode", *ENCODER, "--threads", "3", stdin=path.read_text())
    assert [json.loads(line)["_id"] for line in one.splitlines()] == [text["_id"] for text in texts]


def test_what_the_encoder_has_no_room_for_is_counted(foraker: Foraker, documents: Path) -> None:
    lines = encode(foraker, *ENCODER, "-i", documents, "--passage-tokens", "none", "--max-encoder-tokens", "12")
    assert lines[0]["tokens"] == 10, "two places are taken by the encoder's own"
    assert lines[0]["tokens_dropped"] > 20


def test_encoded_documents_are_imported_as_they_are_printed(foraker: Foraker, documents: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.jsonl"
    vectors.write_text(foraker.ok("encode", *ENCODER, "-i", documents, "--passage-tokens", "0"))
    foraker.ok("index", "-c", "imported", "--vectors", "-i", vectors)
    foraker.ok("index", "-c", "direct", "-i", documents, *ENCODER, "--no-stems", "--no-verify",
               "--passage-tokens", "none", "--idf-source", "encoder")  # fmt: skip
    question = write_lines(tmp_path / "q.jsonl", [{"_id": "q", "text": "hunting in the sea"}])
    query = encode(foraker, *ENCODER, "--query", "-i", question)[0]
    imported = foraker.json("search", "-c", "imported", "--vector", json.dumps(query["vector"]))
    direct = foraker.json("search", "-c", "direct", "hunting in the sea")
    assert [hit["id"] for hit in imported["hits"]] == [hit["id"] for hit in direct["hits"]]
    for ours, theirs in zip(imported["hits"], direct["hits"], strict=True):
        assert ours["score"] == pytest.approx(theirs["score"], rel=1e-5)


def test_queries_are_looked_up_or_encoded(foraker: Foraker) -> None:
    question = json.dumps({"_id": "q", "text": "What's the weather in ny now?", "answers": [{"any": "thing"}]})
    looked_up = encode(foraker, *ENCODER, "--query", stdin=question)[0]
    assert looked_up["vector"]["ny"] == pytest.approx(5.772862434387207, abs=1e-6)
    assert looked_up["vector"]["the"] == pytest.approx(0.1353016495704651, abs=1e-6)
    assert looked_up["positions"]["weather"] == [11, 18]
    assert "passage" not in looked_up
    encoded = encode(foraker, *ENCODER, "--query", "--query-encoding", "encoder", stdin=question)[0]
    assert len(encoded["vector"]) > len(looked_up["vector"])
    assert encoded["tokens"] == 9


def test_a_collection_encodes_as_it_indexes_and_searches(foraker: Foraker, documents: Path) -> None:
    foraker.ok("index", "-c", "c", "-i", documents, *ENCODER, "--no-verify")
    lines = encode(foraker, "-c", "c", "-i", documents)
    whale = lines[0]["vector"]
    assert whale["stem:whale"] > 0
    assert whale["whale"] > 0
    assert whale["title:moby dick"] == 1
    assert lines[0]["positions"]["title:moby dick"] == "title"
    query = encode(foraker, "-c", "c", "--query", stdin='{"_id": "q", "text": "white whales"}')[0]
    result = foraker.json("search", "-c", "c", "white whales", "--explain")
    explained = {term["term"]: term["query_weight"] for term in result["hits"][0]["explanation"]["terms"]
                 if term["kind"] == "token"}  # fmt: skip
    assert explained == {name: pytest.approx(value) for name, value in query["vector"].items() if ":" not in name}


def test_bad_lines_are_named_and_counted_out(foraker: Foraker, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"_id": "a", "text": "fox"}\nnot json\n{"text": "no id"}\n{"_id": "b", "text": "hen"}\n')
    done = foraker.run("encode", *ENCODER, "-i", path)
    assert done.returncode == 0
    assert [json.loads(line)["_id"] for line in done.stdout.splitlines()] == ["a", "b"]
    assert f"{path}:2: expected a JSON object" in done.stderr
    assert f"{path}:3: " in done.stderr
    strict = foraker.run("encode", *ENCODER, "-i", path, "--strict")
    assert strict.returncode == 2
    assert f"{path}:2: " in strict.stderr


def test_mistakes_are_told_in_one_line(foraker: Foraker, tmp_path: Path) -> None:
    assert "one of --encoder DIR and --collection" in foraker.error(2, "encode", stdin="")
    assert "give --query too" in foraker.error(2, "encode", *ENCODER, "--query-encoding", "table", stdin="")
    assert "its own settings" in foraker.error(2, "encode", "-c", "c", "--precision", "f32", stdin="")
    assert "has no idf table" in foraker.error(2, "encode", "--encoder", MODEL, "--query", stdin="")
    assert str(tmp_path / "none") in foraker.error(2, "encode", "--encoder", tmp_path / "none", stdin="")
