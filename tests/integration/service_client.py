"""A client of the service as a user would make one: stubs generated from the protos, and servers to call."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import grpc
import grpc_tools
from conftest import BINARY, SOURCE
from grpc_tools import protoc


@cache
def generated() -> dict[str, ModuleType]:
    """The generated modules by name: collection_pb2, search_pb2, search_pb2_grpc, ..."""
    folder = TemporaryDirectory()
    proto_root = SOURCE / "proto"
    builtin = Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(path) for path in (proto_root / "foraker" / "v1").glob("*.proto"))
    options = [f"-I{proto_root}", f"-I{builtin}", f"--python_out={folder.name}", f"--grpc_python_out={folder.name}"]
    assert protoc.main(["protoc", *options, *files]) == 0
    sys.path.insert(0, folder.name)
    names = [f"{Path(file).stem}_pb2{suffix}" for file in files for suffix in ("", "_grpc")]
    modules = {name: importlib.import_module(f"foraker.v1.{name}") for name in names}
    modules["folder"] = folder  # type: ignore[assignment]  # lives as long as the modules
    return modules


class Messages:
    """All messages of the API: Messages().SearchRequest(...)."""

    def __getattr__(self, name: str) -> Any:
        for module in ("search_pb2", "index_pb2", "rank_pb2", "agent_pb2", "collection_pb2"):
            if hasattr(generated()[module], name):
                return getattr(generated()[module], name)
        raise AttributeError(name)


class Server:
    """A running `foraker serve` on free ports, with stubs for its services."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        log: Path,
        listen: str = "127.0.0.1:0",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.log_path = log
        command = [str(BINARY), "serve", "--data", str(data), "--listen", listen]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FORAKER")}
        self.process = subprocess.Popen(
            [*command, "--http-listen", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
            env={**clean, **(environment or {})},
        )
        assert self.process.stdout is not None
        announced = self.process.stdout.readline()
        found = re.search(r"gRPC on (\S+), HTTP on (\S+)", announced)
        assert found, f"the server said {announced!r} and {log.read_text()!r}"
        self.address, self.http_address = found.groups()
        unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self.channel = grpc.insecure_channel(self.address, options=unlimited)
        self.search = generated()["search_pb2_grpc"].SearchStub(self.channel)
        self.index = generated()["index_pb2_grpc"].IndexStub(self.channel)
        self.rank = generated()["rank_pb2_grpc"].RankStub(self.channel)
        self.agent = generated()["agent_pb2_grpc"].AgentStub(self.channel)

    def stop(self, number: int = signal.SIGTERM, timeout: float = 30) -> int:
        """Ends the server and gives its exit code."""
        self.channel.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=timeout)

    def logs(self, event: str | None = None) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log_path.read_text().splitlines()]
        return [line for line in lines if event is None or line["event"] == event]

    def http(self, path: str, body: Any = None) -> tuple[int, str]:
        """Status and text of a GET, or of a POST of JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.http_address}{path}", data=data)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name: str) -> float:
        """The sum of a metric's samples, by its name and perhaps some of its labels."""
        pattern = re.compile(rf"^{re.escape(name)}(?:\{{.*\}})? (\S+)$", re.MULTILINE)
        return sum(float(value) for value in pattern.findall(self.http("/metrics")[1]))
