"""What the integration tests share: the built binary, runs of its commands, servers, and the data of ../shared."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("FORAKER_BINARY", SOURCE / "build" / "foraker"))
SHARED = Path(os.environ.get("FORAKER_SHARED", SOURCE.parent / "shared"))


class Foraker:
    """Runs commands of the binary, by default on one data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(
        self, *arguments: str | Path, stdin: str = "", data: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FORAKER")}
        environment["FORAKER_DATA"] = str(data or self.data)
        return subprocess.run(
            [str(BINARY), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            timeout=300,
            check=False,
        )

    def ok(self, *arguments: str | Path, **options: Any) -> str:
        """Standard output of a command that must succeed."""
        done = self.run(*arguments, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str | Path, **options: Any) -> Any:
        """The one object that a command prints with --json."""
        return json.loads(self.ok(*arguments, "--json", **options))

    def json_lines(self, *arguments: str | Path, **options: Any) -> list[Any]:
        return [json.loads(line) for line in self.ok(*arguments, "--json", **options).splitlines()]

    def error(self, code: int, *arguments: str | Path, **options: Any) -> str:
        """The one line that a command prints on standard error when it fails with this code."""
        done = self.run(*arguments, **options)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("foraker: ")
        return lines[0]


@pytest.fixture
def foraker(tmp_path: Path) -> Foraker:
    return Foraker(tmp_path / "data")


def write_lines(path: Path, documents: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    return path


def shared_data(name: str) -> Path:
    folder = SHARED / "data" / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture
def serve() -> Iterator[Any]:
    """serve(data) starts a server on free ports and gives its gRPC address; it is stopped after the test."""
    servers: list[subprocess.Popen[str]] = []

    def start(data: Path, *arguments: str) -> str:
        command = [str(BINARY), "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
        server = subprocess.Popen(
            [*command, "--http-listen", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        servers.append(server)
        assert server.stdout is not None
        announced = server.stdout.readline()
        found = re.search(r"gRPC on ([^ ,]+)", announced)
        assert found, f"the server said {announced!r}"
        return found.group(1)

    yield start
    for server in servers:
        server.terminate()
        assert server.wait(timeout=30) == 0
