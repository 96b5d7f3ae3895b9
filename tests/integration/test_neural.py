"""Neural collections on the command line and served, with a tiny encoder whose weights are random."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import SOURCE, Foraker, write_lines
from service_client import Messages, Server

ENCODERS = SOURCE / "tests" / "golden" / "encoders"
DOCUMENTS: list[dict[str, Any]] = [
    {"_id": "boat", "title": "Boat", "text": "A blue boat and a bird. The fish eat by day."},
    {"_id": "farm", "title": "", "text": "The farm has a brown cow, and a dog drinks there."},
    {"_id": "forest", "title": "Dark forest", "text": "Grass and flowers; a bear climbs high in the cold."},
]  # fmt: skip
pb = Messages()


class Neural:
    """A collection `c` whose model lies in a directory that a test may take away."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.model = folder / "model"
        shutil.copytree(ENCODERS / "bert", self.model)
        self.foraker = Foraker(folder / "data")
        source = write_lines(folder / "documents.jsonl", DOCUMENTS)
        self.foraker.ok("index", "-c", "c", "-i", source, "--encoder", self.model, "--no-verify", *options)


@pytest.fixture
def neural(tmp_path: Path) -> Neural:
    return Neural(tmp_path)


@pytest.fixture
def server(neural: Neural, tmp_path: Path) -> Iterator[Server]:
    running = Server(neural.foraker.data, log=tmp_path / "log")
    yield running
    assert running.stop() == 0


def explained(result: dict[str, Any], hit: int = 0) -> list[dict[str, Any]]:
    terms: list[dict[str, Any]] = result["hits"][hit]["explanation"]["terms"]
    return terms


def test_learned_terms_and_stems_make_one_query(neural: Neural) -> None:
    result = neural.foraker.json("search", "-c", "c", "blue boats", "--explain")
    kinds = {(term["kind"], term["term"]) for term in explained(result)}
    assert ("token", "boat") in kinds
    assert ("stem", "boat") in kinds
    assert result["hits"][0]["id"] == "boat"
    assert result["exact"] is True


def test_a_learned_term_is_found_and_explained_though_no_text_spells_it(neural: Neural) -> None:
    # Random weights give every passage some tokens that its text lacks.
    lines = neural.foraker.ok("encode", "-c", "c", "-i", neural.foraker.data.parent / "documents.jsonl")
    encoded = [json.loads(line) for line in lines.splitlines()]
    text = {document["_id"]: document["title"] + " " + document["text"] for document in DOCUMENTS}
    token, line = next(
        (token, line) for line in encoded for token, word in line["positions"].items()
        if word != "title" and token.isalpha() and len(token) > 2
        and not any(token in each.lower() for each in text.values())
    )  # fmt: skip
    result = neural.foraker.json("search", "-c", "c", token, "--explain", "--stem-weight", "0")
    hit = next(i for i, hit in enumerate(result["hits"]) if hit["id"] == line["_id"])
    term = next(term for term in explained(result, hit) if term["term"] == token)
    assert term["document_frequency"] == 0
    assert term["word"] == line["positions"][token]
    whole = next(document["text"] for document in DOCUMENTS if document["_id"] == line["_id"])
    assert term["word_text"] == whole[slice(*term["word"])]
    people = neural.foraker.ok("search", "-c", "c", token, "--explain", "--stem-weight", "0")
    assert term["word_text"] in people


def test_a_term_of_the_title_says_so(neural: Neural) -> None:
    result = neural.foraker.json("search", "-c", "c", "forest", "--explain")
    stem = next(term for term in explained(result) if term["kind"] == "stem")
    assert stem["in_title"] is True
    assert "word" not in stem
    people = neural.foraker.ok("search", "-c", "c", "forest", "--explain")
    assert any("stem" in line and "title" in line for line in people.splitlines())


def test_a_query_is_encoded_on_request_and_by_the_collections_setting(neural: Neural, tmp_path: Path) -> None:
    by_table = neural.foraker.json("search", "-c", "c", "cold bear")
    encoded = neural.foraker.json("search", "-c", "c", "cold bear", "--query-encoding", "encoder")
    assert encoded["stats"]["terms_known"] > by_table["stats"]["terms_known"]
    (tmp_path / "other").mkdir()
    other = Neural(tmp_path / "other", "--query-encoding", "encoder").foraker
    again = other.json("search", "-c", "c", "cold bear")
    assert [hit["score"] for hit in again["hits"]] == [hit["score"] for hit in encoded["hits"]]
    assert other.json("search", "-c", "c", "cold bear", "--query-encoding", "table")["hits"] == by_table["hits"]


def test_what_the_model_cannot_read_of_a_query_is_counted(neural: Neural) -> None:
    long = "cold bear " * 200
    assert neural.foraker.json("search", "-c", "c", long)["stats"]["query_tokens_dropped"] == 0
    encoded = neural.foraker.json("search", "-c", "c", long, "--query-encoding", "encoder")
    assert encoded["stats"]["query_tokens_dropped"] > 0
    people = neural.foraker.ok("search", "-c", "c", long, "--query-encoding", "encoder")
    assert "too many for the encoder" in people


def test_without_the_model_queries_are_looked_up_and_no_longer_encoded(neural: Neural, server: Server) -> None:
    shutil.rmtree(neural.model)
    assert neural.foraker.json("search", "-c", "c", "cold bear")["hits"]
    error = neural.foraker.error(1, "search", "-c", "c", "cold bear", "--query-encoding", "encoder")
    assert str(neural.model) in error
    query = pb.Query(text="cold bear", weights={"encoding": "QUERY_ENCODING_ENCODER"})
    with pytest.raises(grpc.RpcError) as raised:
        server.search.Search(pb.SearchRequest(collection="c", query=query))
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert str(neural.model) in raised.value.details()
    assert server.search.Search(pb.SearchRequest(collection="c", query=pb.Query(text="cold bear"))).hits


def test_the_service_encodes_and_explains_as_the_command_line_does(neural: Neural, server: Server) -> None:
    local = neural.foraker.json("search", "-c", "c", "cold bear", "--explain", "--query-encoding", "encoder")
    query = pb.Query(text="cold bear", weights={"encoding": "QUERY_ENCODING_ENCODER"})
    remote = server.search.Search(pb.SearchRequest(collection="c", query=query, explain={"hits": True}))
    assert [hit.retrieval_score for hit in remote.hits] == [pytest.approx(hit["score"]) for hit in local["hits"]]
    for ours, theirs in zip(remote.hits[0].explanation.terms, explained(local), strict=True):
        assert ours.word_text == theirs.get("word_text", "")
        assert ours.in_title == theirs.get("in_title", False)
    assert (
        neural.foraker.json(
            "search", "-c", "c", "cold bear", "--explain", "--query-encoding", "encoder", "--server", server.address
        )["hits"]
        == local["hits"]
    )


def test_tokens_are_named_in_sparse_queries_and_analysed(server: Server) -> None:
    term = {"term": {"token": "boat"}, "weight": 2.0}
    response = server.search.Search(pb.SearchRequest(collection="c", query={"sparse_vector": {"terms": [term]}}))
    assert response.hits
    unknown = {"term": {"token": "zeppelin"}, "weight": 2.0}
    with pytest.raises(grpc.RpcError) as raised:
        server.search.Search(pb.SearchRequest(collection="c", query={"sparse_vector": {"terms": [unknown]}}))
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    analysed = server.search.Analyze(pb.AnalyzeRequest(collection="c", text="the boats")).terms
    named = [(term.term.WhichOneof("name"), getattr(term.term, term.term.WhichOneof("name"))) for term in analysed]
    assert named[:2] == [("token", "the"), ("token", "boat")]
    assert ("stem", "boat") in named
    assert (analysed[1].range.begin, analysed[1].range.end) == (4, 8)


def test_the_gateway_takes_the_encoding_by_name_and_refuses_others(server: Server) -> None:
    def search(encoding: str) -> tuple[int, Any]:
        query = {"text": "cold bear", "weights": {"encoding": encoding}}
        status, text = server.http("/v1/collections/c:search", {"query": query})
        return status, json.loads(text)

    assert search("QUERY_ENCODING_ENCODER")[1]["hits"]
    assert search("QUERY_ENCODING_TABLE")[1]["hits"]
    assert search("QUERY_ENCODING_MAGIC")[0] == 400


def test_a_page_continues_only_the_same_encoding(server: Server) -> None:
    def page(encoding: str, token: str = "") -> Any:
        query = {"text": "cold bear", "weights": {"encoding": encoding}}
        return server.search.Search(
            pb.SearchRequest(collection="c", query=query, page_size=1, with_next_page=True, page_token=token)
        )

    first = page("QUERY_ENCODING_ENCODER")
    second = page("QUERY_ENCODING_ENCODER", first.next_page_token)
    assert second.hits[0].document.id != first.hits[0].document.id
    with pytest.raises(grpc.RpcError) as raised:
        page("QUERY_ENCODING_TABLE", first.next_page_token)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_eval_measures_both_encodings(neural: Neural, tmp_path: Path) -> None:
    queries = write_lines(tmp_path / "q.jsonl", [{"_id": "q", "text": "cold bear"}])
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text("q\tforest\t1\n")
    for encoding in ("table", "encoder"):
        result = neural.foraker.json(
            "eval", "-c", "c", "--queries", queries, "--qrels", qrels, "--query-encoding", encoding
        )
        assert result["queries"] == 1
        assert 0 <= result["nDCG@10"] <= 1
    assert "--query-encoding" in neural.foraker.error(
        2, "eval", "-c", "c", "--queries", queries, "--qrels", qrels, "--query-encoding", "magic"
    )


def test_only_a_neural_collection_encodes_queries(foraker: Foraker, tmp_path: Path) -> None:
    foraker.ok("index", "-c", "plain", "-i", write_lines(tmp_path / "d.jsonl", DOCUMENTS))
    error = foraker.error(2, "search", "-c", "plain", "boat", "--query-encoding", "encoder")
    assert '"bm25"' in error
    shown = foraker.ok("collections", "show", "plain")
    assert "query.idf_source" in shown


def test_a_collection_shows_how_it_encodes(neural: Neural) -> None:
    shown = neural.foraker.ok("collections", "show", "c")
    assert str(neural.model) in shown
    assert "document.precision" in shown
    assert "query.idf_source" in shown
