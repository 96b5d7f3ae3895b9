"""What `foraker index` does with a model directory, with tiny encoders whose weights are random."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import SOURCE, Foraker, write_lines

ENCODERS = SOURCE / "tests" / "golden" / "encoders"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    words = ["bear", "bird", "bank", "blue", "boat", "about", "animal"]
    texts = [" ".join(words[(i * 5 + j * j) % 7] for j in range(12)) for i in range(30)]
    return write_lines(tmp_path / "in.jsonl", [{"_id": f"d{i}", "text": text} for i, text in enumerate(texts)])


def settings(foraker: Foraker) -> dict[str, Any]:
    shown: dict[str, Any] = foraker.json("collections", "show", "c")["settings"]
    return shown


def test_every_setting_of_an_encoder_is_an_option(foraker: Foraker, source: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(ENCODERS / "bert", model)
    table = tmp_path / "idf.json"
    table.write_text('{"bear": 2.5}')
    foraker.ok(
        "index", "-c", "c", "-i", source, "--encoder", model, "--encoder-idf", table, "--precision", "f32",
        "--max-encoder-tokens", "20", "--passage-tokens", "none", "--no-stems", "--learned-share", "0.9",
        "--idf-source", "encoder", "--query-encoding", "encoder",
    )  # fmt: skip
    shown = settings(foraker)
    expected = {
        "encoder": str(model), "encoder_idf": str(table), "precision": "f32", "max_encoder_tokens": 20,
        "passage_tokens": 0, "stems": False, "learned_share": 0.9,
    }  # fmt: skip
    assert {name: shown["document"][name] for name in expected} == expected
    assert shown["query"]["idf_source"] == "encoder"
    assert shown["query"]["query_encoding"] == "encoder"
    people = foraker.ok("collections", "show", "c")
    assert shown["document"]["encoder_fingerprint"] in people


def test_defaults_of_a_neural_collection_give_way_to_what_is_asked(foraker: Foraker, source: Path) -> None:
    built = foraker.json("index", "-c", "c", "-i", source, "--encoder", ENCODERS / "bert")
    assert built["passages_per_second"] > 0
    assert built["dropped_tokens"] == 0
    assert settings(foraker)["query"]["stem_weight"] == 1.0
    assert settings(foraker)["document"]["precision"] in ("f32", "int8")
    foraker.ok("index", "-c", "d", "-i", source, "--encoder", ENCODERS / "bert", "--stem-weight", "1.5")
    assert foraker.json("collections", "show", "d")["settings"]["query"]["stem_weight"] == 1.5


def test_what_the_encoder_has_no_room_for_is_told(foraker: Foraker, source: Path) -> None:
    told = foraker.ok("index", "-c", "c", "-i", source, "--encoder", ENCODERS / "bert", "--max-encoder-tokens", "10")
    assert "120 tokens beyond the encoder's reach left out" in told
    assert "passages a second" in told


def test_shards_of_a_neural_collection_can_be_attached(foraker: Foraker, source: Path, tmp_path: Path) -> None:
    shards = [tmp_path / "shard0", tmp_path / "shard1"]
    for i, shard in enumerate(shards):
        options = ("--encoder", ENCODERS / "bert", "--shard", f"{i}/2")
        foraker.ok("index", "-c", "c", "-i", source, *options, data=shard)
    foraker.ok("collections", "attach", "c", *shards)
    assert foraker.json("search", "-c", "c", "bear")["hits"]
    assert list((foraker.data / "encoders").iterdir())


def test_mistakes_are_told_in_one_line(foraker: Foraker, source: Path, tmp_path: Path) -> None:
    index = ("index", "-c", "c", "-i", source)
    assert "bm52" in foraker.error(2, *index, "--encoder", "bm52")
    assert "tokenizer.json" in foraker.error(2, *index, "--encoder", tmp_path)
    assert "precision" in foraker.error(2, *index, "--encoder", ENCODERS / "bert", "--precision", "f16")
    assert "learned_share" in foraker.error(2, *index, "--encoder", ENCODERS / "bert", "--learned-share", "0")
    foraker.ok(*index, "--encoder", ENCODERS / "bert")
    assert "encoder_fingerprint" in foraker.error(2, *index, "--encoder", ENCODERS / "distilbert")
    assert "encoder" in foraker.error(2, *index, "--encoder", "bm25")


def test_verify_reads_what_queries_need_of_the_encoder(foraker: Foraker, source: Path) -> None:
    foraker.ok("index", "-c", "c", "-i", source, "--encoder", ENCODERS / "bert-double-log")
    assert all(check["ok"] for check in foraker.json_lines("collections", "verify", "c"))
    (table,) = foraker.data.glob("encoders/*/idf.json")
    table.write_text(table.read_text().replace("1", "2", 1))
    checks = [json.loads(line) for line in foraker.run("collections", "verify", "c", "--json").stdout.splitlines()]
    assert [check["file"] for check in checks if not check["ok"]] == [f"encoders/{table.parent.name}"]
    assert "damaged" in foraker.error(1, "collections", "verify", "c")
