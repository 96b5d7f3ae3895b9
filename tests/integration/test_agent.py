"""Questions that need several searches, over gRPC and HTTP: steps, budgets, keys, a language model, other servers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import Foraker, write_lines
from grpc_health.v1 import health_pb2, health_pb2_grpc
from language_model import LanguageModel
from multi_hop import QUESTION, TEXTS
from service_client import Messages, Server
from tiny_ranker import write_ranker

pb = Messages()
Code = grpc.StatusCode

SEARCH = 'Thought: Who wrote it?\nTool Name: AdvancedSearch\nTool Args: {"search_query": "Mary Shelley born"}'
FINISH = "Thought: She was born in London.\nTool Name: finish\nTool Args: {}"
ANSWER = "Reasoning: Mary Shelley was born in London [1].\nPassages: [1]\nAnswer: London"


@pytest.fixture
def model() -> Iterator[LanguageModel]:
    served = LanguageModel(SEARCH, FINISH, ANSWER)
    yield served
    served.close()


@pytest.fixture(scope="module")
def ranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ranker(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def foraker(tmp_path_factory: pytest.TempPathFactory) -> Foraker:
    folder = tmp_path_factory.mktemp("agent")
    built = Foraker(folder / "data")
    documents = [{"_id": title.lower(), "title": title, "text": text} for title, text in TEXTS.items()]
    built.ok("index", "-c", "wiki", "--input", write_lines(folder / "wiki.jsonl", documents))
    return built


@pytest.fixture
def start(foraker: Foraker, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def run(*arguments: str, environment: dict[str, str] | None = None) -> Server:
        log = tmp_path / f"log{len(servers)}"
        servers.append(Server(foraker.data, "--read-only", *arguments, log=log, environment=environment))
        return servers[-1]

    yield run
    for running in servers:
        assert running.stop() == 0


def question(**options: Any) -> Any:
    return pb.AskRequest(collection="wiki", question=QUESTION, **options)


def ask(server: Server, request: Any, **options: Any) -> tuple[list[Any], Any]:
    """The steps and the result."""
    events = list(server.agent.Ask(request, **options))
    assert [each.WhichOneof("event") for each in events if not each.HasField("thought")][-1] == "result"
    return [each.step for each in events if each.HasField("step")], events[-1].result


def failure(server: Server, request: Any, **options: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as raised:
        list(server.agent.Ask(request, **options))
    return raised.value


# ---- without a language model ----


def test_steps_come_one_by_one_and_the_answer_last(start: Callable[..., Server]) -> None:
    server = start()
    steps, result = ask(server, question(stop=pb.StopOptions(never=True)))
    assert [step.number for step in steps] == list(range(len(steps)))
    assert steps[0].query == QUESTION
    read = [(passage.document_id, passage.passage) for step in steps for passage in step.passages]
    assert len(set(read)) == len(read) == result.bill.passages
    assert ("frankenstein", 0) in read
    for step in steps:
        for passage in step.passages:
            text = TEXTS[passage.title].encode()
            assert passage.text.encode() == text[passage.range.begin : passage.range.end]
    for citation in result.answer.citations:
        text = TEXTS[citation.title].encode()
        assert citation.quote.encode() == text[citation.range.begin : citation.range.end]
    assert result.bill.searches <= 5
    assert result.bill.retrieval_calls >= result.bill.searches >= 1
    assert result.generation > 0


def test_http_streams_the_same_as_json_lines(start: Callable[..., Server]) -> None:
    server = start()
    steps, result = ask(server, question())
    status, text = server.http("/v1/collections/wiki:ask", {"question": QUESTION})
    assert status == 200, text
    lines = [json.loads(line) for line in text.splitlines()]
    there = [line["step"].get("query", "") for line in lines if "step" in line]
    assert there == [step.query for step in steps]
    assert lines[-1]["result"]["answer"].get("text", "") == result.answer.text
    assert lines[-1]["result"]["bill"]["searches"] == result.bill.searches
    status, text = server.http("/v1/collections/wiki:ask", {"question": QUESTION, "budget": {"searches": 99}})
    assert status == 400
    assert json.loads(text)["message"].startswith("budget.searches: ")


def test_what_is_wrong_is_said(start: Callable[..., Server]) -> None:
    server = start()
    wrong = {
        Code.INVALID_ARGUMENT: [question(budget=pb.Budget(passages=501)), pb.AskRequest(collection="wiki")],
        Code.NOT_FOUND: [pb.AskRequest(collection="nothing", question=QUESTION)],
        Code.FAILED_PRECONDITION: [
            question(planner="PLANNER_LLM"),
            question(answerer="ANSWERER_LLM"),
            question(rerank=pb.AgentRerank(candidates=5)),
        ],
    }
    for code, requests in wrong.items():
        for request in requests:
            assert failure(server, request).code() == code, request
    pinned = server.index.Pin(pb.PinRequest(collection="wiki")).snapshot
    assert ask(server, question(snapshot=pinned))[1].generation > 0
    server.index.Release(pb.ReleaseRequest(snapshot=pinned))
    assert failure(server, question(snapshot=pinned)).code() == Code.FAILED_PRECONDITION


def test_health_and_reflection_know_the_agent(start: Callable[..., Server]) -> None:
    server = start()
    health = health_pb2_grpc.HealthStub(server.channel)
    reply = health.Check(health_pb2.HealthCheckRequest(service="foraker.v1.Agent"))
    assert reply.status == health_pb2.HealthCheckResponse.SERVING


def test_parts_may_be_servers_of_their_own(start: Callable[..., Server], ranker: Path) -> None:
    behind = start("--rank-model", str(ranker), "--set", "rank.precision=f32")
    options = (f"agent.search_server={behind.address}", f"agent.rank_server={behind.address}")
    front = start(*(each for option in options for each in ("--set", option)))
    for request in (question(), question(rerank=pb.AgentRerank(candidates=6))):
        here, there = ask(behind, request), ask(front, request)
        for steps, result in (here, there):
            for step in steps:
                step.ClearField("took")
            result.bill.ClearField("timing")
        assert there == here
    assert front.metric("foraker_agent_runs_total") == 2
    assert front.metric("foraker_postings_total") == 0, "the searches were the other server's"


def test_a_key_reaches_its_collections(foraker: Foraker, start: Callable[..., Server], tmp_path: Path) -> None:
    keys = tmp_path / "keys.jsonl"

    def add(name: str, *arguments: str) -> tuple[tuple[str, str], ...]:
        made = foraker.json("keys", "add", "--file", keys, "--name", name, "--scope", "read-only", *arguments)
        return (("api-key", str(made["token"])),)

    reader, other = add("reader", "--collection", "w*"), add("other", "--collection", "films")
    server = start("--set", f"server.keys_file={keys}")
    assert ask(server, question(), metadata=reader)[1].bill.searches > 0
    assert failure(server, question(), metadata=other).code() == Code.PERMISSION_DENIED
    assert failure(server, question()).code() == Code.UNAUTHENTICATED


# ---- with a language model ----


def test_a_language_model_plans_and_answers(start: Callable[..., Server], model: LanguageModel) -> None:
    key = "sk-secret-of-the-model"
    server = start(*model.options(), "--set", "log.level=debug", environment={"FORAKER__LLM__API_KEY": key})
    events = list(server.agent.Ask(question(planner="PLANNER_LLM", with_trace=True)))
    kinds = [each.WhichOneof("event") for each in events]
    assert kinds.index("thought") < len(kinds) - 1 - kinds[::-1].index("step"), "thoughts come before their step"
    steps = [each.step for each in events if each.HasField("step")]
    assert [step.query for step in steps] == [QUESTION, "Mary Shelley born", ""]
    assert steps[-1].finish
    result = events[-1].result
    assert result.answer.text == "London"
    assert result.answer.answerer == pb.Answerer.Value("ANSWERER_LLM")
    assert result.stopped_by == pb.StoppedBy.Value("STOPPED_BY_FINISHED")
    assert (result.bill.chat_calls, result.bill.chat_tokens_in, result.bill.chat_tokens_out) == (3, 150, 21)
    assert model.keys == [f"Bearer {key}"] * 3
    assert model.requests[0]["model"] == "scripted"
    assert server.metric("foraker_agent_chat_calls_total") == 3
    assert key.encode() not in result.trace
    assert key not in server.log_path.read_text()
    logged = [line for line in server.logs("call") if line["method"] == "Ask"][-1]
    assert (logged["stopped_by"], logged["chat_tokens"]) == ("finished", 171)


def test_a_deadline_cuts_a_slow_model_short(start: Callable[..., Server], model: LanguageModel) -> None:
    server = start(*model.options())
    model.gate.clear()
    for timeout in (2.0, 8.0):  # a busy machine may be late once
        try:
            steps, result = ask(server, question(planner="PLANNER_LLM"), timeout=timeout)
            break
        except grpc.RpcError as error:
            assert error.code() == Code.DEADLINE_EXCEEDED
    assert result.stopped_by == pb.StoppedBy.Value("STOPPED_BY_DEADLINE")
    assert steps[0].passages
    steps, result = ask(server, question(planner="PLANNER_LLM", budget=pb.Budget(time={"seconds": 1})))
    assert result.stopped_by == pb.StoppedBy.Value("STOPPED_BY_TIME")
    assert result.bill.timing.total.seconds <= 1


def until(server: Server, running: int, waiting: int = 0) -> None:
    end = time.monotonic() + 60
    while (server.metric("foraker_agent_running"), server.metric("foraker_agent_waiting")) != (running, waiting):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_client_that_goes_away_ends_its_run(start: Callable[..., Server], model: LanguageModel) -> None:
    server = start(*model.options())
    model.gate.clear()
    call = server.agent.Ask(question(planner="PLANNER_LLM"))
    assert next(call).HasField("step")
    until(server, running=1)
    call.cancel()
    until(server, running=0)
    assert server.metric('foraker_agent_runs_total{stopped_by="error"}') == 1


def test_runs_wait_their_turn_and_searches_do_not(start: Callable[..., Server], model: LanguageModel) -> None:
    server = start(*model.options(), "--set", "agent.threads=2", "--set", "agent.queue=1")
    model.replies = [FINISH, FINISH, FINISH, ANSWER]
    model.gate.clear()
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(ask, server, question(planner="PLANNER_LLM", answerer="ANSWERER_EXTRACTIVE"))]
        until(server, running=1)
        calls += [pool.submit(ask, server, question(planner="PLANNER_LLM", answerer="ANSWERER_EXTRACTIVE"))]
        until(server, running=2)
        calls += [pool.submit(ask, server, question(planner="PLANNER_LLM", answerer="ANSWERER_EXTRACTIVE"))]
        until(server, running=2, waiting=1)
        refused = failure(server, question())
        assert refused.code() == Code.RESOURCE_EXHAUSTED
        assert int(dict(refused.trailing_metadata())["retry-after-ms"]) > 0
        search = pb.SearchRequest(collection="wiki", query=pb.Query(text="novel"))
        assert server.search.Search(search, timeout=30).hits
        model.gate.set()
        for call in calls:
            assert call.result(60)[1].bill.searches == 1


def test_runs_under_way_end_before_the_server_stops(start: Callable[..., Server], model: LanguageModel) -> None:
    server = start(*model.options())
    model.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(ask, server, question(planner="PLANNER_LLM"))
        until(server, running=1)
        server.process.terminate()
        time.sleep(0.2)
        model.gate.set()
        assert call.result(60)[1].answer.text == "London"
    assert server.process.wait(timeout=30) == 0


def test_what_outlives_the_drain_is_told_to_go_elsewhere(start: Callable[..., Server], model: LanguageModel) -> None:
    server = start(*model.options(), "--set", "server.drain=200ms")
    model.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(failure, server, question(planner="PLANNER_LLM"))
        until(server, running=1)
        server.process.terminate()
        assert call.result(60).code() in (Code.UNAVAILABLE, Code.CANCELLED)
    assert server.process.wait(timeout=30) == 0
