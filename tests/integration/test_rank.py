"""Ranking by a language model: the same over command line, gRPC and HTTP, alone and behind a search; what is refused.

The model is a tiny one with random weights (tiny_ranker.py): its order means nothing, but it is the same everywhere.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from conftest import Foraker, write_lines
from grpc_health.v1 import health_pb2, health_pb2_grpc
from service_client import Messages, Server
from tiny_ranker import write_ranker

pb = Messages()
Code = grpc.StatusCode
QUERY = "Who built the bridge over the river?"
WORDS = ["river", "bridge", "stone", "mill", "valley", "old", "new", "wooden", "iron", "tower", "city", "king", "road"]


def documents(count: int, words: int = 30) -> list[dict[str, Any]]:
    """Texts without a pattern, all with the word that the searches of these tests look for."""
    chance = random.Random(5)
    return [
        {
            "_id": f"d{number:03}",
            "title": f"Bridge {number}" if number % 3 else "",
            "text": f"A bridge. {' '.join(chance.choices(WORDS, k=words))}.",
        }
        for number in range(count)
    ]


DOCUMENTS = documents(60)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ranker(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def foraker(tmp_path_factory: pytest.TempPathFactory) -> Foraker:
    folder = tmp_path_factory.mktemp("rank")
    built = Foraker(folder / "data")
    built.ok("index", "-c", "places", "--input", write_lines(folder / "places.jsonl", DOCUMENTS))
    return built


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("input") / "documents.jsonl", DOCUMENTS)


@pytest.fixture(scope="module")
def server(foraker: Foraker, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    precisions = ("--set", "rank.precision=f32,bf16")
    running = Server(foraker.data, "--read-only", "--rank-model", str(model), *precisions, log=log)
    yield running
    assert running.stop() == 0


@pytest.fixture
def start(foraker: Foraker, model: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def run(*arguments: str) -> Server:
        command = ("--read-only", "--rank-model", str(model), "--set", "rank.precision=f32", *arguments)
        servers.append(Server(foraker.data, *command, log=tmp_path / f"log{len(servers)}"))
        return servers[-1]

    yield run
    for running in servers:
        assert running.stop() == 0


def texts(count: int = len(DOCUMENTS), **options: Any) -> Any:
    """A request of texts."""
    request = pb.RankRequest(query=QUERY, options=pb.RankOptions(**options))
    for document in DOCUMENTS[:count]:
        request.documents.add(text=pb.DocumentText(title=document["title"], text=document["text"]))
    return request


def failure(call: Any, message: Any, **options: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        call(message, **options)
    return raised.value.code(), raised.value.details()


def order(response: Any) -> list[tuple[int, float]]:
    return [(each.index, each.rank_score) for each in response.documents]


# ---- one order, however it is asked for ----


def test_command_line_grpc_and_http_give_the_same_scores(
    foraker: Foraker, model: Path, source: Path, server: Server
) -> None:
    ask = ("rank", "--query", QUERY, "--input", source)
    here = foraker.json(*ask, "--model", model, "--precision", "f32")
    scores = [each["rank_score"] for each in here["documents"]]
    assert len(scores) == len(DOCUMENTS)
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > len(scores) / 2, "the model tells documents apart"
    assert {each["id"] for each in here["documents"]} == {each["_id"] for each in DOCUMENTS}
    assert here["prompt_tokens"] > sum(each["tokens_read"] for each in here["documents"])
    assert (here["model"], here["precision"]) == ("tiny", "f32")

    there = foraker.json(*ask, "--server", server.address)
    assert there["documents"] == here["documents"]

    response = server.rank.Rank(texts())
    expected = [(each["index"], np.float32(each["rank_score"])) for each in here["documents"]]
    assert order(response) == expected
    assert response.model == "tiny"
    assert response.precision == pb.RANK_PRECISION_F32
    assert response.timing.compute.nanos > 0

    body = {"query": QUERY, "documents": [{"text": {"title": d["title"], "text": d["text"]}} for d in DOCUMENTS]}
    status, text = server.http("/v1/rank", body)
    assert status == 200, text
    gateway = [(each.get("index", 0), np.float32(each["rankScore"])) for each in json.loads(text)["documents"]]
    assert gateway == expected


def test_documents_of_a_collection_are_ranked_by_their_ids(server: Server) -> None:
    request = pb.RankRequest(query=QUERY, collection="places")
    for document in DOCUMENTS:
        request.documents.add(id=document["_id"])
    named = server.rank.Rank(request)
    assert order(named) == order(server.rank.Rank(texts()))
    assert [each.id for each in named.documents] == [DOCUMENTS[each.index]["_id"] for each in named.documents]
    body = {"query": QUERY, "documents": [{"id": "d001"}, {"id": "d002"}], "options": {"topN": 1}}
    status, text = server.http("/v1/collections/places:rank", body)
    assert status == 200
    assert len(json.loads(text)["documents"]) == 1
    request.documents.add(id="nobody")
    code, message = failure(server.rank.Rank, request)
    assert code == Code.NOT_FOUND
    assert "nobody" in message


def test_options_change_what_is_ranked(server: Server) -> None:
    everything = server.rank.Rank(texts())
    assert order(server.rank.Rank(texts(top_n=5))) == order(everything)[:5]
    short = server.rank.Rank(texts(max_document_tokens=40))
    assert all(each.tokens_read <= 40 for each in short.documents)
    assert sum(each.tokens_dropped for each in short.documents) > 0
    windows = server.rank.Rank(texts(max_document_tokens=40, windows=True))
    assert all(each.tokens_dropped == 0 for each in windows.documents)
    assert max(each.windows for each in windows.documents) > 1
    variants = ("PAPER", "LAST_TOKEN", "TWO_TOKENS", "ALL_KEYS")
    answers = [server.rank.Rank(texts(variant=f"RANK_VARIANT_{name}")) for name in variants]
    assert len({tuple(order(answer)) for answer in answers}) == len(variants)
    assert order(answers[2]) == order(everything), "two tokens are the default"
    coarse = server.rank.Rank(texts(precision="RANK_PRECISION_BF16"))
    assert order(coarse) != order(everything)
    code, message = failure(server.rank.Rank, texts(precision="RANK_PRECISION_INT8"))
    assert code == Code.FAILED_PRECONDITION
    assert "int8" in message


def test_the_model_is_described(server: Server) -> None:
    described = server.rank.GetRankModel(pb.GetRankModelRequest())
    assert (described.name, described.family, described.layer, described.layers) == ("tiny", "qwen3", 2, 4)
    assert len(described.precisions) == 2
    assert described.max_documents == 500
    assert json.loads(server.http("/v1/rank/model")[1])["family"] == "qwen3"


def test_scores_do_not_depend_on_who_shares_the_pass(server: Server) -> None:
    alone = [order(server.rank.Rank(texts(count))) for count in (3, 20, 60)]
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(lambda count: order(server.rank.Rank(texts(count))), [3, 20, 60] * 8))
    assert together == alone * 8


# ---- behind a search ----


def search(**options: Any) -> Any:
    return pb.SearchRequest(collection="places", query=pb.Query(text="old bridge"), **options)


def test_a_search_is_reranked_and_its_pages_walk_one_order(server: Server) -> None:
    plain = server.search.Search(search(page_size=30))
    whole = server.search.Search(search(page_size=30, rerank=pb.RerankStage(candidates=30)))
    assert {each.document.id for each in whole.hits} == {each.document.id for each in plain.hits}
    scores = [each.rank_score for each in whole.hits]
    assert scores == sorted(scores, reverse=True)
    found = {each.document.id: each.retrieval_score for each in plain.hits}
    assert all(each.retrieval_score == found[each.document.id] for each in whole.hits)
    assert whole.stats.rank_tokens > 0
    assert whole.timing.rerank.nanos > 0
    assert not any(each.HasField("rank_score") for each in plain.hits)

    request = search(page_size=7, with_next_page=True, rerank=pb.RerankStage(candidates=30))
    pages, tokens_read = [], server.metric("foraker_rank_tokens_total")
    while True:
        page = server.search.Search(request)
        pages += [(each.document.id, each.rank_score, each.document.text) for each in page.hits]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
        assert len(page.hits) == 7
    assert pages == [(each.document.id, each.rank_score, each.document.text) for each in whole.hits]
    again = server.metric("foraker_rank_tokens_total") - tokens_read
    assert again == whole.stats.rank_tokens, "the candidates were read once"


def test_the_command_line_reranks_here_and_there(foraker: Foraker, model: Path, server: Server) -> None:
    ask = ("search", "-c", "places", "old bridge", "--rerank", "--candidates", "20", "-k", "20")
    here = foraker.json(*ask, "--rank-model", model, "--rank-precision", "f32")
    there = foraker.json(*ask, "--server", server.address)
    assert there["hits"] == here["hits"]
    assert {"score", "rank_score"} <= set(here["hits"][0])
    assert here["stats"]["rank_tokens"] == there["stats"]["rank_tokens"] > 0
    mixed = foraker.json(*ask, "--server", server.address, "--rank-model", model, "--rank-precision", "f32")
    assert mixed["hits"] == here["hits"]
    second = foraker.json(*ask[:-1], "6", "--page", "2", "--server", server.address)
    assert second["hits"] == here["hits"][6:12]
    shown = foraker.ok(*ask, "--rank-model", model, "--explain")
    assert "found with" in shown
    assert "the model read" in shown
    assert "--rank-model" in foraker.error(2, *ask)


def test_evaluation_measures_the_stage(foraker: Foraker, model: Path, tmp_path: Path) -> None:
    queries = write_lines(tmp_path / "q.jsonl", [{"_id": "q1", "text": "old bridge"}, {"_id": "q2", "text": "king"}])
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text("query-id\tcorpus-id\tscore\nq1\td003\t1\nq2\td007\t1\n")
    measure = ("eval", "-c", "places", "--queries", queries, "--qrels", qrels)
    reranked = foraker.json(*measure, "--stage", "rerank", "--rank-model", model, "--run", tmp_path / "run")
    assert reranked["queries"] == 2
    rows = [line.split() for line in (tmp_path / "run").read_text().splitlines()]
    best = foraker.json("search", "-c", "places", "old bridge", "--rerank", "--rank-model", model, "-k", "1")["hits"][0]
    assert next(row for row in rows if row[0] == "q1")[2] == best["id"]
    assert "--rank-model" in foraker.error(2, *measure, "--stage", "rerank")


# ---- deadlines, cancellation, overload ----


def slow() -> Any:
    """A request that takes seconds."""
    request = pb.RankRequest(query=QUERY)
    for document in documents(500, words=200):
        request.documents.add(text=pb.DocumentText(text=document["text"]))
    return request


def until_idle(server: Server) -> None:
    end = time.monotonic() + 60
    while server.metric("foraker_rank_waiting_lists") > 0 or server.metric("foraker_calls_running") > 0:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_deadline_ends_the_list(start: Callable[..., Server], foraker: Foraker, tmp_path: Path) -> None:
    server = start()
    for _ in range(2):  # the second time the server knows how fast it is
        code, _ = failure(server.rank.Rank, slow(), timeout=0.2)
        assert code in (Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED)
    file = write_lines(tmp_path / "many.jsonl", documents(500, words=200))
    ask = ("rank", "--query", QUERY, "--input", file, "--server", server.address, "--time-limit", "200")
    assert foraker.run(*ask).returncode == 1
    until_idle(server)
    assert server.rank.Rank(texts(3)).documents


def test_a_client_that_goes_away_frees_the_model(start: Callable[..., Server]) -> None:
    server = start("--set", "rank.queue_tokens=10000000")
    before = time.monotonic()
    server.rank.Rank(slow())
    whole = time.monotonic() - before
    calls = [server.rank.Rank.future(slow()) for _ in range(3)]
    time.sleep(whole / 10)
    for call in calls:
        call.cancel()
    assert [call.code() for call in calls] == [Code.CANCELLED] * 3
    assert len(server.rank.Rank(texts(3)).documents) == 3
    assert server.metric("foraker_rank_lists_total") == 2, "what was cancelled was not read to the end"


def test_overload_is_refused_with_the_time_to_wait_and_searches_go_on(start: Callable[..., Server]) -> None:
    server = start("--set", "rank.queue_tokens=20000", "--set", "rank.pass_tokens=4096")
    calls = [server.rank.Rank.future(texts()) for _ in range(40)]
    before = time.monotonic()
    server.search.Search(search(), timeout=30)
    searched = time.monotonic() - before
    codes = []
    for call in calls:
        codes.append(call.code())
        if call.code() == Code.RESOURCE_EXHAUSTED:
            assert int(dict(call.trailing_metadata())["retry-after-ms"]) > 0
    assert set(codes) == {Code.OK, Code.RESOURCE_EXHAUSTED}
    assert searched < 10
    assert server.metric("foraker_rank_refused_total") == codes.count(Code.RESOURCE_EXHAUSTED)
    assert server.metric("foraker_rank_lists_total") == codes.count(Code.OK)
    assert server.rank.Rank(texts(3)).documents, "it has recovered"


def test_lists_under_way_end_before_the_server_stops(start: Callable[..., Server]) -> None:
    server = start()
    call = server.rank.Rank.future(texts())
    while server.metric("foraker_rank_passes_total") + server.metric("foraker_rank_waiting_lists") == 0:
        if call.done():
            break
        time.sleep(0.001)
    server.process.terminate()
    assert len(call.result(timeout=30).documents) == len(DOCUMENTS)
    assert server.process.wait(timeout=30) == 0


# ---- keys ----


def test_keys_bind_to_collections_and_scopes(foraker: Foraker, start: Callable[..., Server], tmp_path: Path) -> None:
    keys = tmp_path / "keys.jsonl"

    def add(name: str, *arguments: str) -> tuple[tuple[str, str], ...]:
        made = foraker.json("keys", "add", "--file", keys, "--name", name, "--scope", "read-only", *arguments)
        return (("api-key", str(made["token"])),)

    reader = add("reader")
    bound = add("bound", "--collection", "elsewhere")
    server = start("--set", f"server.keys_file={keys}")
    named = pb.RankRequest(query=QUERY, collection="places", documents=[pb.RankDocument(id="d001")])
    assert failure(server.rank.Rank, named)[0] == Code.UNAUTHENTICATED
    assert server.rank.Rank(named, metadata=reader).documents[0].id == "d001"
    assert failure(server.rank.Rank, named, metadata=bound)[0] == Code.PERMISSION_DENIED
    assert len(server.rank.Rank(texts(2), metadata=bound).documents) == 2, "its own texts are no collection's"
    assert failure(server.search.Search, search(rerank=pb.RerankStage()), metadata=bound)[0] == Code.PERMISSION_DENIED


# ---- bad input ----


def test_bad_requests_name_the_field(server: Server) -> None:
    request = texts(2)
    request.documents[1].text.text = request.documents[1].text.title = ""
    for bad, expected in (
        (pb.RankRequest(query=QUERY), "documents: expected 1 to 500 documents, got 0"),
        (pb.RankRequest(documents=texts(1).documents), "query: must be given"),
        (pb.RankRequest(query="x" * 16_385, documents=texts(1).documents), "query"),
        (request, "documents[1]"),
        (pb.RankRequest(query=QUERY, documents=[pb.RankDocument(id="d001")]), "collection: must be given"),
        (pb.RankRequest(query=QUERY, documents=[pb.RankDocument()]), "documents[0]: expected one of text, id"),
        (texts(2, variant=9), "options.variant"),
    ):
        code, message = failure(server.rank.Rank, bad)
        assert code == Code.INVALID_ARGUMENT, message
        assert expected in message
    many = pb.RankRequest(query=QUERY, documents=[texts(1).documents[0]] * 501)
    assert "got 501" in failure(server.rank.Rank, many)[1]
    huge = texts(2)
    huge.documents[1].text.text = "bridge " * 200_000
    code, message = failure(server.rank.Rank, huge)
    assert code == Code.INVALID_ARGUMENT
    assert "documents[1]" in message
    wide = search(page_size=20, rerank=pb.RerankStage(candidates=10))
    assert "page_size" in failure(server.search.Search, wide)[1]
    like = pb.SearchRequest(collection="places", query=pb.Query(document_id="d001"), rerank=pb.RerankStage())
    assert failure(server.search.Search, like)[0] == Code.INVALID_ARGUMENT


def test_a_server_without_a_model_says_which_setting_names_one(foraker: Foraker, tmp_path: Path) -> None:
    server = Server(foraker.data, "--read-only", log=tmp_path / "log")
    code, message = failure(server.rank.Rank, texts(1))
    assert code == Code.FAILED_PRECONDITION
    assert "rank.model" in message
    assert failure(server.search.Search, search(rerank=pb.RerankStage()))[0] == Code.FAILED_PRECONDITION
    health = health_pb2_grpc.HealthStub(server.channel)
    status = health.Check(health_pb2.HealthCheckRequest(service="foraker.v1.Rank")).status
    assert status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert server.stop() == 0
