"""The server as its operator meets it: start, settings, health, metrics, logs, new generations, shutdown, overload."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import BINARY, Foraker, write_lines
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from service_client import Messages, Server

pb = Messages()


def documents(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [
        {"_id": f"d{number}", "title": f"Note {number}", "text": f"A river note, the {number}th of many."}
        for number in range(first, first + count)
    ]


@pytest.fixture
def notes(tmp_path: Path) -> Foraker:
    foraker = Foraker(tmp_path / "data")
    foraker.ok("index", "-c", "notes", "--input", write_lines(tmp_path / "notes.jsonl", documents(50)))
    return foraker


@pytest.fixture
def start(notes: Foraker, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """start(...) runs a server on the notes; what the test leaves running is ended."""
    servers: list[Server] = []

    def run(*arguments: str, **options: Any) -> Server:
        servers.append(Server(notes.data, *arguments, log=tmp_path / f"log{len(servers)}", **options))
        return servers[-1]

    yield run
    for server in servers:
        server.stop()


def request(text: str = "river", **options: Any) -> Any:
    return pb.SearchRequest(collection="notes", query=pb.Query(text=text), **options)


def serve_error(*arguments: str | Path, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and standard error of a server that does not start."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FORAKER")}
    done = subprocess.run(
        [str(BINARY), "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**clean, **(environment or {})},
        check=False,
    )
    return done.returncode, done.stderr


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


# ---- starting ----


def test_health_and_reflection_are_served(start: Callable[..., Server]) -> None:
    server = start()
    health = health_pb2_grpc.HealthStub(server.channel)
    for service in ("", "foraker.v1.Search", "foraker.v1.Index"):
        reply = health.Check(health_pb2.HealthCheckRequest(service=service))
        assert reply.status == health_pb2.HealthCheckResponse.SERVING
    reply = health.Check(health_pb2.HealthCheckRequest(service="foraker.v1.Rank"))
    assert reply.status == health_pb2.HealthCheckResponse.NOT_SERVING, "it has no model"
    reflection = reflection_pb2_grpc.ServerReflectionStub(server.channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    reply = next(iter(reflection.ServerReflectionInfo(iter([asked]))))
    names = {each.name for each in reply.list_services_response.service}
    assert {"foraker.v1.Search", "foraker.v1.Index", "foraker.v1.Rank", "grpc.health.v1.Health"} <= names


def test_settings_come_from_file_environment_and_flags(start: Callable[..., Server], tmp_path: Path) -> None:
    file = tmp_path / "foraker.toml"
    file.write_text('[log]\nslow_query = "1us"\nquery_text = true\nlevel = "error"\n[server]\nthreads = 1\n')
    environment = {"FORAKER__LOG__LEVEL": "warn", "FORAKER__LOG__QUERY_TEXT": "true"}
    server = start("--config", str(file), "--set", "log.query_text=false", environment=environment)
    server.search.Search(request())
    assert server.logs("listening") == [], "the environment's level wins over the file's"
    slow = server.logs("slow_query")
    assert slow[0]["query_text"] == "", "the flag wins over the environment"


def test_an_unknown_setting_names_file_and_line(notes: Foraker, tmp_path: Path) -> None:
    file = tmp_path / "foraker.toml"
    file.write_text("[server]\nthreads = 1\nthread = 2\n")
    code, error = serve_error("--data", notes.data, "--config", file)
    assert code == 2
    assert f'{file}:3: unknown setting "server.thread"' in error
    code, error = serve_error("--data", notes.data, environment={"FORAKER__SERVER__PORT": "1"})
    assert code == 2
    assert "FORAKER__SERVER__PORT: unknown setting" in error


def test_an_address_that_others_reach_needs_insecure(notes: Foraker) -> None:
    code, error = serve_error("--data", notes.data, "--listen", "0.0.0.0:0")
    assert code == 2
    assert "other machines can reach 0.0.0.0:0" in error


def test_no_data_directory_to_read_is_one_clear_line(tmp_path: Path) -> None:
    code, error = serve_error(
        "--data", tmp_path / "nothing", "--read-only", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"
    )
    assert code != 0
    assert "nothing" in error


def test_a_port_that_is_taken_is_one_clear_line(start: Callable[..., Server], notes: Foraker) -> None:
    server = start()
    code, error = serve_error("--data", notes.data, "--listen", server.address, "--http-listen", "127.0.0.1:0")
    assert code == 1
    assert f"cannot listen on {server.address}" in error
    code, error = serve_error("--data", notes.data, "--listen", "127.0.0.1:0", "--http-listen", server.http_address)
    assert code == 1
    assert f"cannot listen on {server.http_address}" in error


# ---- HTTP ----


def test_probes_metrics_and_the_json_gateway(start: Callable[..., Server]) -> None:
    server = start()
    assert server.http("/livez")[0] == server.http("/healthz")[0] == server.http("/readyz")[0] == 200
    status, text = server.http("/v1/collections/notes:search", {"query": {"text": "river"}, "pageSize": 3})
    assert status == 200
    found = json.loads(text)
    assert len(found["hits"]) == 3
    assert found["certificate"] == {"exact": True}
    status, text = server.http("/v1/collections/notes:search", {"query": {"txt": "river"}})
    assert (status, json.loads(text)["status"]) == (400, "INVALID_ARGUMENT")
    assert server.http("/v1/collections/films")[0] == 404
    status, text = server.http("/v1/collections/notes/documents/d7")
    assert json.loads(text)["title"] == "Note 7"
    assert server.metric('foraker_requests_total{code="OK",method="Search"}') == 1
    assert server.metric('foraker_collection_documents{collection="notes"}') == 50
    assert server.metric("foraker_process_resident_memory_bytes") > 1e6


# ---- logs ----


def test_slow_queries_are_logged_without_their_text(start: Callable[..., Server]) -> None:
    server = start("--set", "log.slow_query=1us")
    server.search.Search(request("secret river"), metadata=[("x-request-id", "trace-17")])
    (line,) = server.logs("slow_query")
    assert line["method"] == "Search"
    assert line["request_id"] == "trace-17"
    assert line["collection"] == "notes"
    assert line["postings_scanned"] > 0
    assert line["latency_us"] > 0
    assert "secret" not in server.log_path.read_text()
    server.stop()
    spoken = start("--set", "log.slow_query=1us", "--set", "log.query_text=true")
    spoken.search.Search(request("secret river"))
    assert spoken.logs("slow_query")[0]["query_text"] == "secret river"


# ---- a moving collection ----


def test_a_new_generation_is_picked_up_and_a_pin_holds_the_old(
    start: Callable[..., Server], notes: Foraker, tmp_path: Path
) -> None:
    server = start("--read-only", "--set", "server.refresh=100ms")
    lease = server.index.Pin(pb.PinRequest(collection="notes"))
    page = server.search.Search(request(page_size=20, with_next_page=True))
    more = write_lines(tmp_path / "more.jsonl", documents(70, first=50))
    notes.ok("index", "-c", "notes", "--input", more)
    wait_for(lambda: server.search.Search(request()).generation == 2)
    assert server.search.Search(request(page_size=0)).stats.filtered_documents == 120
    held = server.search.Search(request(snapshot=lease.snapshot, page_size=0))
    assert (held.generation, held.stats.filtered_documents) == (1, 50)
    seen = {hit.document.id for hit in page.hits}
    while page.next_page_token:
        page = server.search.Search(request(page_size=20, page_token=page.next_page_token))
        assert page.generation == 1
        assert seen.isdisjoint(hit.document.id for hit in page.hits)
        seen |= {hit.document.id for hit in page.hits}
    assert seen == {f"d{number}" for number in range(50)}


def test_searches_never_fail_while_generations_come(
    start: Callable[..., Server], notes: Foraker, tmp_path: Path
) -> None:
    server = start("--read-only", "--set", "server.refresh=50ms")
    failures: list[str] = []
    sizes: list[int] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                sizes.append(server.search.Search(request(page_size=1)).stats.filtered_documents)
            except grpc.RpcError as error:
                failures.append(f"{error.code()}: {error.details()}")

    searchers = [threading.Thread(target=search) for _ in range(4)]
    for thread in searchers:
        thread.start()
    for batch in range(4):
        more = write_lines(tmp_path / f"more{batch}.jsonl", documents(10, first=1000 * (batch + 1)))
        notes.ok("index", "-c", "notes", "--input", more)
    wait_for(lambda: server.search.Search(request(page_size=1)).generation == 5)
    done.set()
    for thread in searchers:
        thread.join()
    assert failures == []
    assert set(sizes) <= {50, 60, 70, 80, 90}


# ---- stopping ----


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_calls_under_way_end_when_the_server_is_stopped(start: Callable[..., Server], number: int) -> None:
    server = start("--set", "server.threads=1")
    outcomes: list[grpc.StatusCode | None] = []
    lock = threading.Lock()

    def search() -> None:
        channel = grpc.insecure_channel(server.address)
        call = channel.unary_unary(
            "/foraker.v1.Search/Search",
            request_serializer=pb.SearchRequest.SerializeToString,
            response_deserializer=pb.SearchResponse.FromString,
        )
        while True:
            try:
                call(request(page_size=50))
                outcome = None
            except grpc.RpcError as error:
                outcome = error.code()
            with lock:
                outcomes.append(outcome)
            if outcome is not None:
                channel.close()
                return

    callers = [threading.Thread(target=search) for _ in range(8)]
    for thread in callers:
        thread.start()
    wait_for(lambda: len(outcomes) > 100)
    server.process.send_signal(number)
    assert server.process.wait(timeout=30) == 0
    for thread in callers:
        thread.join()
    # Calls that were taken were answered; each caller then found nobody.
    assert {outcome for outcome in outcomes if outcome is not None} == {grpc.StatusCode.UNAVAILABLE}
    assert sum(outcome is not None for outcome in outcomes) == len(callers)
    assert server.logs("stopped")


def test_an_overloaded_server_refuses_and_recovers(start: Callable[..., Server]) -> None:
    server = start("--set", "server.threads=1", "--set", "server.queue=2")
    searches = [pb.SearchRequest(query=pb.Query(text="river"), page_size=50) for _ in range(1000)]
    batch = pb.BatchSearchRequest(collection="notes", requests=searches)
    calls = [server.search.BatchSearch.future(batch) for _ in range(20)]
    codes = [call.code() for call in calls]
    refused = [call for call in calls if call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert all(int(dict(call.trailing_metadata())["retry-after-ms"]) >= 10 for call in refused)
    assert len(server.search.Search(request()).hits) == 10


def test_a_killed_server_leaves_the_data_as_it_was(start: Callable[..., Server]) -> None:
    first = start()
    before = first.search.Search(request()).SerializeToString(deterministic=True)
    first.process.kill()
    first.process.wait()
    again = start().search.Search(request())
    message = pb.SearchResponse.FromString(before)
    for response in (again, message):
        response.ClearField("timing")
    assert again == message


def test_bytes_that_are_no_grpc_do_not_hurt(start: Callable[..., Server]) -> None:
    server = start()
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    for address in (server.address, server.http_address):
        host, port = address.rsplit(":", 1)
        for rubbish in (b"", b"\x00" * 1000, b"GET / HTTP/9.9\r\n\r\n", preface + b"\xff" * 500):
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.sendall(rubbish)
    assert server.http("/v1/collections/notes/documents/" + "x" * 8000)[0] in (400, 404)
    assert len(server.search.Search(request()).hits) == 10


# ---- the command line as a client ----


def test_the_command_line_finds_the_same_on_a_server(start: Callable[..., Server], notes: Foraker) -> None:
    server = start()
    arguments = ("search", "-c", "notes", "river 7th", "-k", "5", "--explain")
    local = notes.json(*arguments)
    remote = notes.json(*arguments, "--server", server.address)
    assert remote["hits"] == local["hits"]
    server.stop()
    error = notes.error(1, *arguments, "--server", server.address)
    assert f"cannot reach {server.address}: is `foraker serve` running there?" in error
