"""Clients of other systems against this server: each sends what its own documentation or code says, and reads the
reply as its own code does (FrugalRAG and DSPy: ColBERT's GET /api/search; Search-R1: POST /retrieve; Jina and Cohere:
POST /v1/rerank and /v2/rerank)."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import SOURCE, Foraker, write_lines
from service_client import Server

CAPITAL = "What is the capital of the United States?"
CAPITALS = [
    {"_id": "carson", "title": "Carson City", "text": "Carson City is the capital city of the state of Nevada."},
    {"_id": "saipan", "title": "Saipan", "text": "The Northern Mariana Islands are in the Pacific. Capital: Saipan."},
    {"_id": "washington", "title": "Washington, D.C.", "text": "It is the capital of the United States."},
    {"_id": "punishment", "title": "", "text": "Capital punishment has existed since before there were states."},
]
TEXTS = [f"{each['title']} {each['text']}".strip() for each in CAPITALS]
FILMS = [{"_id": "film", "title": "Capital", "text": "A film about a bank in the United States."}]


@pytest.fixture(scope="module")
def foraker(tmp_path_factory: pytest.TempPathFactory) -> Foraker:
    folder = tmp_path_factory.mktemp("compatible")
    built = Foraker(folder / "data")
    built.ok("index", "-c", "capitals", "--input", write_lines(folder / "capitals.jsonl", CAPITALS))
    built.ok("index", "-c", "films", "--input", write_lines(folder / "films.jsonl", FILMS))
    return built


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "lexical-ranker"
    script = SOURCE / "scripts" / "make_lexical_ranker.py"
    subprocess.run([sys.executable, "-I", "-S", str(script), str(folder)], check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def server(foraker: Foraker, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    settings = ("--set", "server.default_collection=capitals", "--set", "rank.precision=f32")
    running = Server(foraker.data, "--read-only", "--rank-model", str(model), *settings, log=log)
    yield running
    assert running.stop() == 0


@pytest.fixture
def start(foraker: Foraker, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def run(*arguments: str, data: Path = foraker.data) -> Server:
        servers.append(Server(data, "--read-only", *arguments, log=tmp_path / f"log{len(servers)}"))
        return servers[-1]

    yield run
    for running in servers:
        assert running.stop() == 0


def call(server: Server, path: str, body: Any = None, status: int = 200) -> Any:
    got, text = server.http(path, body)
    assert got == status, text
    return json.loads(text)


def own_order(server: Server, query: str, count: int) -> list[tuple[str, float]]:
    """Ids and scores of the gateway's own search."""
    hits = call(server, "/v1/collections/capitals:search", {"query": {"text": query}, "pageSize": count})["hits"]
    return [(hit["document"]["id"], pytest.approx(hit["retrievalScore"], rel=1e-6)) for hit in hits]


# ---- ColBERT's search server: FrugalRAG, DSPy ----


def api_search(server: Server, status: int = 200, **parameters: Any) -> Any:
    return call(server, f"/api/search?{urllib.parse.urlencode(parameters)}", status=status)


def frugal_search(server: Server, query: str, seen: set[str], wanted: int) -> list[dict[str, Any]]:
    """A hop of FrugalRAG's search tool: fifty times as many as it wants, of which it reads the first that are new."""
    passages = []
    for item in api_search(server, query=query, k=wanted * 50)["topk"]:
        if item["text"] not in seen and len(passages) < wanted:
            seen.add(item["text"])
            passages.append({"long_text": item["text"], "score": item["score"]})
    return passages


def test_frugalrags_search_tool_reads_new_passages_hop_by_hop(server: Server) -> None:
    seen: set[str] = set()
    first = frugal_search(server, CAPITAL, seen, 3)
    assert first[0]["long_text"] == "Washington, D.C. | It is the capital of the United States."
    assert [each["score"] for each in first] == sorted((each["score"] for each in first), reverse=True)
    second = frugal_search(server, CAPITAL, seen, 3)
    assert len(first) == 3
    assert len(second) == 1, "what was read is not read again"
    titles = {each["long_text"].split(" | ")[0] for each in first + second}
    assert titles == {"Carson City", "Saipan", "Washington, D.C.", CAPITALS[3]["text"]}


def test_the_reply_holds_what_colberts_server_gives(server: Server) -> None:
    reply = api_search(server, query=CAPITAL, k=2)
    assert set(reply) == {"query", "topk"}
    assert reply["query"] == CAPITAL
    assert all(set(each) == {"text", "pid", "rank", "score", "prob"} for each in reply["topk"])
    assert [each["rank"] for each in reply["topk"]] == [1, 2]
    assert sum(each["prob"] for each in reply["topk"]) == pytest.approx(1)
    assert [(each["pid"], each["score"]) for each in reply["topk"]] == own_order(server, CAPITAL, 2)
    assert len(api_search(server, query=CAPITAL)["topk"]) == len(CAPITALS), "k is 10 where it is not given"


def test_dspys_client_finds_an_error_where_it_looks_for_one(server: Server) -> None:
    for parameters in ({"k": 3}, {"query": CAPITAL, "k": "many"}, {"query": CAPITAL, "limit": 3}):
        reply = api_search(server, status=400, **parameters)
        assert reply["error"] is True
        assert reply["message"]
        assert "topk" not in reply


# ---- Search-R1's retrieval server ----


def test_search_r1s_documented_request(server: Server) -> None:
    queries = [CAPITAL, "capital punishment", "", "qqqq"]
    payload = {"queries": queries, "topk": 3, "return_scores": True}
    result = call(server, "/retrieve", payload)["result"]
    assert [len(documents) for documents in result[2:]] == [0, 0], "an empty query of a model spoils no batch"
    for query, documents in zip(queries[:2], result[:2], strict=True):
        found = [(each["document"]["id"], each["score"]) for each in documents]
        assert found == own_order(server, query, 3)


def test_search_r1s_client_takes_titles_from_first_lines(server: Server) -> None:
    result = call(server, "/retrieve", {"queries": [CAPITAL], "topk": 4, "return_scores": True})["result"]
    references = {}
    for item in result[0]:
        title, _, text = item["document"]["contents"].partition("\n")
        references[title] = text
    assert references == {f'"{each["title"]}"': each["text"] for each in CAPITALS}


def test_without_scores_the_documents_stand_alone(server: Server) -> None:
    asked = {"queries": [CAPITAL], "topk": 4}
    with_scores = call(server, "/retrieve", {**asked, "return_scores": True})["result"][0]
    assert call(server, "/retrieve", asked)["result"] == [[each["document"] for each in with_scores]]
    assert len(call(server, "/retrieve", {"queries": [CAPITAL]})["result"][0]) == 3, "as its server by default"
    assert call(server, "/retrieve", {"queries": [], "topk": 3, "return_scores": True}) == {"result": []}


def test_a_wrong_retrieval_is_fastapis_422(server: Server) -> None:
    for body, word in (({"query": CAPITAL}, "queries"), ({"queries": [CAPITAL], "k": 3}, "k: not known")):
        detail = call(server, "/retrieve", body, status=422)["detail"]
        assert detail[0]["loc"] == ["body"]
        assert word in detail[0]["msg"]


# ---- Jina and Cohere ----


def test_jinas_documented_request(server: Server) -> None:
    body = {"model": "jina-reranker-v2-base-multilingual", "query": CAPITAL, "top_n": 3, "documents": TEXTS}
    reply = call(server, "/v1/rerank", body)
    results = reply["results"]
    assert results[0]["index"] == 2
    assert results[0]["document"] == {"text": TEXTS[2]}
    assert len(results) == 3
    scores = [each["relevance_score"] for each in results]
    assert scores == sorted(scores, reverse=True)
    assert reply["usage"]["total_tokens"] > 0
    assert reply["model"] == "lexical-ranker", "the model that ranked"
    bare = call(server, "/v1/rerank", {**body, "return_documents": False})["results"]
    assert bare == [{name: value for name, value in each.items() if name != "document"} for each in results]


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank"])
def test_coheres_documented_request(server: Server, path: str) -> None:
    body = {"model": "rerank-v3.5", "query": CAPITAL, "documents": TEXTS, "top_n": 3}
    reply = call(server, path, body)
    assert reply["id"]
    assert reply["results"][0]["index"] == 2
    assert reply["meta"]["api_version"] == {"version": path[2]}
    assert reply["meta"]["tokens"]["input_tokens"] > 0
    own = call(server, "/v1/rank", {"query": CAPITAL, "documents": [{"text": {"text": text}} for text in TEXTS]})
    scores = {each.get("index", 0): each["rankScore"] for each in own["documents"]}
    for each in reply["results"]:
        assert each["relevance_score"] == pytest.approx(scores[each["index"]], rel=1e-6)


def test_document_objects_come_back_whole(server: Server) -> None:
    documents = [
        {"text": text, "url": f"https://example.org/{i}", "tags": ["a", {"b": i}]} for i, text in enumerate(TEXTS)
    ]
    body = {"model": "rerank-english-v3.0", "query": CAPITAL, "documents": documents, "rank_fields": ["text"]}
    results = call(server, "/v1/rerank", body)["results"]
    assert [each["document"] for each in results] == [documents[each["index"]] for each in results]
    assert len(results) == len(documents)


def test_a_wrong_reranking_says_what_is_wrong_where_both_clients_look(server: Server) -> None:
    good = {"model": "m", "query": CAPITAL, "documents": TEXTS}
    for wrong, word in (
        ({"documents": []}, "documents"),
        ({"documents": ["a", " "]}, "documents[1]"),
        ({"documents": [{"image": "https://example.org/a.png"}]}, "documents[0]"),
        ({"query": ""}, "query"),
        ({"top_n": "3"}, "top_n"),
        ({"truncation": True}, "truncation: not known"),
        ({"max_tokens_per_doc": 1}, "max_tokens_per_doc"),
    ):
        for path in ("/v1/rerank", "/v2/rerank"):
            reply = call(server, path, {**good, **wrong}, status=400)
            assert word in reply["message"]
            assert reply["detail"] == reply["message"]


# ---- which collection, and who may ----


def test_another_collection_is_named_by_the_request(server: Server) -> None:
    assert api_search(server, query="bank", collection="films")["topk"][0]["pid"] == "film"
    assert api_search(server, query="bank")["topk"] == []
    found = call(server, "/retrieve", {"queries": ["bank"], "collection": "films"})["result"]
    assert found[0][0]["id"] == "film"
    assert "plays" in api_search(server, status=404, query="bank", collection="plays")["message"]


def test_without_a_default_several_collections_are_an_error_that_names_the_setting(
    start: Callable[..., Server],
) -> None:
    without = start()
    assert "server.default_collection" in api_search(without, status=400, query="bank")["message"]
    assert "rank.model" in call(without, "/v1/rerank", {"query": "q", "documents": ["a"]}, status=400)["message"]


def test_the_only_collection_needs_no_setting(start: Callable[..., Server], tmp_path: Path) -> None:
    alone = Foraker(tmp_path / "alone")
    alone.ok("index", "-c", "films", "--input", write_lines(tmp_path / "films.jsonl", FILMS))
    assert api_search(start(data=alone.data), query="bank")["topk"][0]["pid"] == "film"


def test_a_key_is_a_bearer_token_as_these_clients_send_it(start: Callable[..., Server]) -> None:
    guarded = start("--set", "server.api_key=secret", "--set", "server.default_collection=capitals")
    path = "/api/search?query=capital"
    assert api_search(guarded, status=401, query="capital")["error"] is True
    request = urllib.request.Request(f"http://{guarded.http_address}{path}")
    request.add_header("Authorization", "Bearer secret")
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert len(json.load(reply)["topk"]) == 4
