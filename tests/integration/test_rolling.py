"""Restarts under load: servers end and start again as a StatefulSet would restart them, and a client that retries
UNAVAILABLE never sees a call fail."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import BINARY, Foraker, write_lines
from service_client import Messages, generated
from test_deploy import free_port

pb = Messages()

# What gRPC's own service configuration asks of a client: nothing but retries with backoff.
RETRIES = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{"service": "foraker.v1.Search"}, {"service": "foraker.v1.Index"}],
                "retryPolicy": {
                    "maxAttempts": 5,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
        "loadBalancingConfig": [{"round_robin": {}}],
    }
)
PATIENCE = 20.0  # seconds that a call may be tried again in all


class Pod:
    """A server on ports that stay its own across restarts."""

    def __init__(self, data: Path, log: Path, *arguments: str) -> None:
        self.grpc, self.http = free_port(), free_port()
        self.log = log
        self.command = [str(BINARY), "serve", "--data", str(data), "--listen", f"127.0.0.1:{self.grpc}"]
        self.command += ["--http-listen", f"127.0.0.1:{self.http}", *arguments]
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when it is ready: the server announces itself when it takes calls."""
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=self.log.open("a"), text=True, env={}
        )
        assert self.process.stdout is not None
        assert "foraker serves" in self.process.stdout.readline(), self.log.read_text()

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


class Client:
    """Calls that are tried again while the answer is UNAVAILABLE, not before the server wants it."""

    def __init__(self, pods: list[Pod]) -> None:
        addresses = ",".join(f"127.0.0.1:{pod.grpc}" for pod in pods)
        options = [("grpc.service_config", RETRIES), ("grpc.max_reconnect_backoff_ms", 500)]
        self.channel = grpc.insecure_channel(f"ipv4:{addresses}", options=options)
        self.search = generated()["search_pb2_grpc"].SearchStub(self.channel)
        self.index = generated()["index_pb2_grpc"].IndexStub(self.channel)

    def call(self, method: Any, request: Any) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return method(request, timeout=10)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > end:
                    raise
                wait = dict(error.trailing_metadata() or ()).get("retry-after-ms", "0")
                time.sleep(max(0.05, int(wait) / 1000))


class Load:
    """Threads that call until they are told to end; the first failure is kept."""

    def __init__(self, bodies: list[Any]) -> None:
        self.ending = threading.Event()
        self.failures: list[BaseException] = []
        self.calls = 0
        self.threads = [threading.Thread(target=self.run, args=(body,)) for body in bodies]

    def run(self, body: Any) -> None:
        try:
            while not self.ending.is_set():
                body()
                self.calls += 1
        except BaseException as error:
            self.failures.append(error)

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.threads:
            thread.join()


def documents(count: int) -> list[dict[str, Any]]:
    return [{"_id": f"d{number}", "text": f"A river note, the {number}th of many."} for number in range(count)]


@pytest.fixture
def notes(tmp_path: Path) -> Foraker:
    foraker = Foraker(tmp_path / "data")
    foraker.ok("index", "-c", "notes", "--input", write_lines(tmp_path / "notes.jsonl", documents(200)))
    return foraker


@pytest.fixture
def pods(notes: Foraker, tmp_path: Path) -> Iterator[list[Pod]]:
    """Three followers of one directory."""
    made = [Pod(notes.data, tmp_path / f"log{number}", "--set", "server.read_only=true") for number in range(3)]
    for pod in made:
        pod.start()
    yield made
    for pod in made:
        pod.kill()


def searcher(client: Client) -> Any:
    request = pb.SearchRequest(collection="notes", query=pb.Query(text="river"), page_size=5)

    def search() -> None:
        response = client.call(client.search.Search, request)
        assert len(response.hits) == 5
        assert response.certificate.exact

    return search


def test_a_rolling_restart_of_followers_fails_no_search(pods: list[Pod]) -> None:
    clients = [Client(pods) for _ in range(4)]
    with Load([searcher(client) for client in clients]) as load:
        for _ in range(2):
            for pod in reversed(pods):  # as a StatefulSet does: the last first, each ready before the next
                time.sleep(0.3)
                pod.stop()
                pod.start()
    assert load.failures == []
    assert load.calls > 100


@pytest.mark.parametrize("way", ["terminated", "killed"])
def test_restarts_of_the_writing_server_fail_no_call_and_lose_no_write(
    notes: Foraker, tmp_path: Path, way: str
) -> None:
    pod = Pod(notes.data, tmp_path / "log")
    pod.start()
    acknowledged: list[dict[str, int]] = [{}, {}]

    def writer(number: int) -> Any:
        client, written, chance = Client([pod]), acknowledged[number], random.Random(number)

        def write() -> None:
            serial = len(written)
            names = [f"w{number}-{serial}", f"w{number}-{chance.randrange(serial + 1)}"]
            request = pb.WriteDocumentsRequest(collection="notes", request_id=f"{number}-{serial}")
            for name in names:
                put = pb.Document(id=name, text=f"written note {name} of {serial}")
                request.writes.add(put=put)
            response = client.call(client.index.WriteDocuments, request)
            for name, result in zip(names, response.results, strict=True):
                assert not result.HasField("error"), result
                written[name] = result.version

        return write

    reader = Client([pod])
    with Load([writer(0), writer(1), searcher(Client([pod])), searcher(Client([pod]))]) as load:
        for _ in range(3):
            time.sleep(0.7)
            pod.stop() if way == "terminated" else pod.kill()
            pod.start()
    assert load.failures == []
    for written in acknowledged:
        assert len(written) > 20
        names = list(written)
        for first in range(0, len(names), 500):
            some = names[first : first + 500]
            got = reader.call(reader.index.GetDocuments, pb.GetDocumentsRequest(collection="notes", ids=some))
            assert {each.id: each.version for each in got.documents} == {name: written[name] for name in some}
    pod.stop()
