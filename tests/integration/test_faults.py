"""A server whose disk fails: what is refused is not there, what is acknowledged stays, searches go on.

The system calls of the server fail by rules (tests/faults/faults.cc), which change while it runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import Foraker
from service_client import Messages, Server

pb = Messages()
Code = grpc.StatusCode
LIBRARY = os.environ.get("FORAKER_FAULTS_LIBRARY", "")

if not LIBRARY:
    pytest.skip("FORAKER_FAULTS_LIBRARY names no library of faults", allow_module_level=True)


class Disk:
    """The data directory of a server, on a disk that can be made to fail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.foraker = Foraker(folder / "data")
        self.rules = folder / "rules"
        self.servers: list[Server] = []

    def serve(self) -> Server:
        environment = {"LD_PRELOAD": LIBRARY, "FORAKER_FAULTS": str(self.rules)}
        log = self.folder / f"log{len(self.servers)}"
        self.servers.append(Server(self.foraker.data, log=log, environment=environment))
        return self.servers[-1]

    def fail(self, *rules: str) -> None:
        beside = self.rules.with_suffix(".next")
        beside.write_text("\n".join(rules) + "\n")
        beside.rename(self.rules)

    def repair(self) -> None:
        self.rules.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path)
    yield disk
    for server in disk.servers:
        server.stop()


def make_collection(server: Server) -> None:
    server.index.CreateCollection(pb.CreateCollectionRequest(collection="books"))


def write(server: Server, *names: str) -> Any:
    writes = [pb.DocumentWrite(put=pb.Document(id=name, text="A lens bends light.")) for name in names]
    return server.index.WriteDocuments(pb.WriteDocumentsRequest(collection="books", writes=writes))


def refusal(server: Server, *names: str) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        write(server, *names)
    return raised.value.code(), raised.value.details()


def found(server: Server) -> set[str]:
    request = pb.SearchRequest(collection="books", query=pb.Query(text="lens"), page_size=100)
    return {hit.document.id for hit in server.search.Search(request).hits}


def restart(disk: Disk, server: Server) -> Server:
    """Killed, not stopped: nothing is put in order at the end."""
    server.process.kill()
    server.process.wait()
    return disk.serve()


@pytest.mark.parametrize(
    ("rule", "code", "says"),
    [
        ("write,allocate enospc path=/data/", Code.RESOURCE_EXHAUSTED, "No space left"),
        ("sync eio path=/data/", Code.UNAVAILABLE, "error"),
    ],
)
def test_a_disk_that_fails_refuses_writes_until_it_is_repaired(
    disk: Disk, rule: str, code: grpc.StatusCode, says: str
) -> None:
    server = disk.serve()
    make_collection(server)
    write(server, "a", "b")
    disk.fail(rule)
    for _ in range(3):
        refused, details = refusal(server, "lost", "lost too")
        assert refused == code, details
        assert says in details
        assert found(server) == {"a", "b"}
    disk.repair()
    write(server, "c")
    assert found(server) == {"a", "b", "c"}
    server = restart(disk, server)
    assert found(server) == {"a", "b", "c"}
    write(server, "d")
    assert found(server) == {"a", "b", "c", "d"}


def test_a_flush_that_fails_keeps_the_log_and_succeeds_later(disk: Disk) -> None:
    server = disk.serve()
    make_collection(server)
    write(server, "a")
    disk.fail("write enospc path=.seg")
    with pytest.raises(grpc.RpcError) as raised:
        server.index.FlushCollection(pb.FlushCollectionRequest(collection="books"))
    assert "No space left" in raised.value.details()
    write(server, "b")
    server = restart(disk, server)
    assert found(server) == {"a", "b"}
    disk.repair()
    server.index.FlushCollection(pb.FlushCollectionRequest(collection="books"))
    assert found(server) == {"a", "b"}
    server.stop()
    checked = disk.foraker.ok("collections", "verify", "books")
    assert "books" in checked


@pytest.mark.parametrize("rule", ["write torn path=.seg", "rename after_kill path=.seg", "sync kill path=/catalog/"])
def test_a_server_that_dies_in_a_flush_has_everything_when_it_is_back(disk: Disk, rule: str) -> None:
    server = disk.serve()
    make_collection(server)
    write(server, *[f"d{number}" for number in range(50)])
    disk.fail(rule)
    with pytest.raises(grpc.RpcError) as raised:
        server.index.FlushCollection(pb.FlushCollectionRequest(collection="books"))
    assert raised.value.code() == Code.UNAVAILABLE
    server.process.wait(timeout=30)
    disk.repair()
    server = disk.serve()
    assert len(found(server)) == 50
    folder = disk.foraker.data / "collections" / "books"
    assert [file.name for file in folder.iterdir() if file.name.endswith(".tmp")] == []
