"""Ten times the load that a server sustains: it goes on working at its peak, refuses the rest, and recovers at once.

FORAKER_OVERLOAD_SECONDS sets how long (5; the measurement of docs/operations.md took 60). Client and server share the
machine, perhaps with others, so the test looks at answers for a second of the server's processor time, which others do
not change, and bounds answers a second generously; FORAKER_OVERLOAD_SHARE is the share of peak that must be left.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Foraker, write_lines
from service_client import Server

SECONDS = float(os.environ.get("FORAKER_OVERLOAD_SECONDS", "5"))
LEAST_SHARE = float(os.environ.get("FORAKER_OVERLOAD_SHARE", "0.25"))
LEAST_SHARE_OF_PROCESSOR = max(LEAST_SHARE, 0.75)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Foraker, Server, Path]]:
    """A collection whose searches take milliseconds, so that a refusal costs a small part of one."""
    folder = tmp_path_factory.mktemp("overload")
    words = random.Random(11)
    vocabulary = [f"word{number}" for number in range(200)]
    documents = [
        {"_id": f"d{number}", "text": " ".join(words.choices(vocabulary, k=60)) + "."} for number in range(60_000)
    ]
    queries = [{"_id": f"q{number}", "text": " ".join(words.sample(vocabulary, 180))} for number in range(100)]
    foraker = Foraker(folder / "data")
    foraker.ok("index", "-c", "texts", "--input", write_lines(folder / "texts.jsonl", documents))
    server = Server(foraker.data, "--set", "server.threads=1", log=folder / "log")
    yield foraker, server, write_lines(folder / "queries.jsonl", queries)
    assert server.stop() == 0


def processor_seconds(server: Server) -> float:
    """What all threads of the server used so far."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def answers(server: Server) -> float:
    return server.metric('foraker_requests_total{code="OK",method="Search"}')


def load(loaded: tuple[Foraker, Server, Path], seconds: float, *arguments: str) -> dict[str, Any]:
    foraker, server, queries = loaded
    answered, used = answers(server), processor_seconds(server)
    command = ["bench", "load", "-c", "texts", "--queries", str(queries), "--server", server.address, "--ids-only"]
    report = foraker.json(*command, "--seconds", str(seconds), *arguments)
    assert isinstance(report, dict)
    report["answers_a_processor_second"] = (answers(server) - answered) / (processor_seconds(server) - used)
    print(json.dumps(report))
    return report


def flood(loaded: tuple[Foraker, Server, Path]) -> bool:
    """Peak, ten times of it, and peak again: whether little was lost. What must hold at any speed is asserted."""
    server = loaded[1]
    peak = load(loaded, SECONDS, "--concurrency", "4")
    assert set(peak["codes"]) == {"OK"}
    before = server.metric("foraker_process_resident_memory_bytes")
    flooded = load(loaded, SECONDS, "--rate", str(10 * peak["throughput"]), "--connections", "2")
    assert set(flooded["codes"]) <= {"OK", "RESOURCE_EXHAUSTED"}
    assert flooded["codes"]["RESOURCE_EXHAUSTED"] > flooded["codes"]["OK"]
    grown = server.metric("foraker_process_resident_memory_bytes") - before
    assert grown < 256 * 2**20, f"{grown / 2**20:.0f} MiB more than before"
    after = load(loaded, 2, "--concurrency", "4", "--warm-up", "0")
    assert set(after["codes"]) == {"OK"}, "it recovered at once"

    cost = "answers_a_processor_second"
    return (
        flooded["throughput"] >= LEAST_SHARE * peak["throughput"]
        and after["throughput"] >= LEAST_SHARE * peak["throughput"]
        and flooded[cost] >= LEAST_SHARE_OF_PROCESSOR * peak[cost]
        # server.max_wait bounds the wait of those that are let in.
        and flooded["p99_ms"] < 5_000
    )


def test_ten_times_the_sustainable_load_costs_little_and_passes_without_a_trace(
    loaded: tuple[Foraker, Server, Path],
) -> None:
    # What others do on the machine meanwhile may spoil a measurement, but hardly three in a row.
    assert any(flood(loaded) for _ in range(3))
