"""The commands of deploy/'s manifests as plain processes: shards are built, attached, served and searched; each step is
killed midway and repeated, and nothing of the result changes."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import Foraker, shared_data
from manifests import KUBERNETES, Machine, Object, containers, of_kind, one, render

QUERIES = ["aerodynamic heating of wings", "boundary layer transition", "supersonic flow past a cone", "shell buckling"]


def free_port() -> int:
    """One that nobody is given who did not ask for it, so that it can be had again after a restart."""
    given_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, given_from)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Cluster:
    """Folders for the volumes, ports for the services, and the pods that run."""

    def __init__(self, folder: Path, overlay: str) -> None:
        self.folder = folder
        self.objects = render(KUBERNETES / "overlays" / overlay)
        self.grpc, self.http = free_port(), free_port()
        mounts = {path: folder / path.strip("/").replace("/", "-") for path in ("/data", "/shards", "/corpus")}
        mounts |= {f"/etc/foraker/{name}": folder / name for name in ("config", "keys")}
        for place in mounts.values():
            place.mkdir(parents=True, exist_ok=True)
        settings = one(self.objects, "ConfigMap", "foraker-config")["data"]["foraker.toml"]
        self.machine = Machine(
            mounts=mounts,
            services={"foraker:7411": f"127.0.0.1:{self.grpc}"},
            settings={
                "FORAKER__SERVER__LISTEN": f"127.0.0.1:{self.grpc}",
                "FORAKER__SERVER__HTTP_LISTEN": f"127.0.0.1:{self.http}",
            },
        )
        (mounts["/etc/foraker/config"] / "foraker.toml").write_text(self.machine.in_text(settings), encoding="utf-8")
        self.make_keys(mounts["/etc/foraker/keys"])
        self.server: subprocess.Popen[str] | None = None

    def make_keys(self, folder: Path) -> None:
        """The file of the Secret, with an admin key of our own."""
        made = Foraker(self.folder).json(
            "keys", "add", "--file", folder / "keys.jsonl", "--name", "admin", "--scope", "admin"
        )
        self.token = made["token"]
        self.machine.secrets["foraker-admin", "token"] = self.token

    # ---- the pods ----

    def serve(self) -> None:
        pod = self.machine.process(one(self.objects, "StatefulSet"))
        self.server = pod.start(stdout=subprocess.PIPE, stderr=(self.folder / "log").open("a"))
        assert self.server.stdout is not None
        announced = self.server.stdout.readline()
        assert "foraker serves" in announced, (self.folder / "log").read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.server is not None
        self.server.send_signal(number)
        code = self.server.wait(timeout=60)
        self.server = None
        return code

    def workload(self, job: str) -> Object:
        """A Job of this overlay, or of the step of its own."""
        own = [each for each in of_kind(self.objects, "Job") if each["metadata"]["name"] == job]
        return own[0] if own else one(render(KUBERNETES / job.removeprefix("foraker-")), "Job", job)

    def complete(self, job: str) -> None:
        workload = self.workload(job)
        for index in range(workload["spec"].get("completions", 1)):
            done = self.machine.process(workload, index).run()
            assert done.returncode == 0, done.stderr

    def kill_midway(self, job: str, after: float, index: int = 0) -> bool:
        """Runs a pod of a job and kills it; whether it was still running."""
        pod = self.machine.process(self.workload(job), index)
        process = pod.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        running = process.poll() is None
        process.kill()
        process.wait()
        return running

    # ---- its client ----

    def search(self, query: str) -> list[tuple[str, float]]:
        foraker = Foraker(self.folder)
        arguments = ["search", "--server", f"127.0.0.1:{self.grpc}", "--key", self.token, "-c", "corpus", query]
        return [(hit["id"], hit["score"]) for hit in foraker.json(*arguments)["hits"]]

    def results(self) -> list[list[tuple[str, float]]]:
        return [self.search(query) for query in QUERIES]


@pytest.fixture(scope="module")
def corpus() -> list[Path]:
    folder = shared_data("cranfield")
    return sorted(folder.glob("corpus*.jsonl*"))


@pytest.fixture(scope="module")
def expected(corpus: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[str, float]]]:
    """What one build of the whole corpus finds."""
    foraker = Foraker(tmp_path_factory.mktemp("whole") / "data")
    foraker.ok("index", "-c", "corpus", "--input", *corpus)
    found = [foraker.json("search", "-c", "corpus", query)["hits"] for query in QUERIES]
    return [[(hit["id"], hit["score"]) for hit in hits] for hits in found]


@pytest.fixture(params=["small", "replicas"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path, corpus: list[Path]) -> Iterator[Cluster]:
    made = Cluster(tmp_path, request.param)
    (made.machine.mounts["/corpus"] / "corpus.jsonl").symlink_to(corpus[0])
    yield made
    if made.server is not None:
        made.server.kill()
        made.server.wait()


def attaches_through_the_server(cluster: Cluster) -> bool:
    (container,) = containers(cluster.workload("foraker-attach"))
    return any(argument.startswith("--server") for argument in container["args"])


def test_the_steps_of_the_manifests_make_a_searchable_collection(
    cluster: Cluster, expected: list[list[tuple[str, float]]]
) -> None:
    cluster.complete("foraker-index")
    if attaches_through_the_server(cluster):
        cluster.serve()
        cluster.complete("foraker-attach")
    else:
        cluster.complete("foraker-attach")
        cluster.serve()
    assert cluster.results() == expected
    assert cluster.stop() == 0


def test_steps_that_are_killed_and_repeated_make_the_same_collection(
    cluster: Cluster, expected: list[list[tuple[str, float]]]
) -> None:
    seed = int(os.environ.get("FORAKER_SEED", random.randrange(1 << 30)))
    print(f"FORAKER_SEED={seed}")
    chance = random.Random(seed)
    shards = cluster.workload("foraker-index")["spec"]["completions"]
    for index in range(shards):
        cluster.kill_midway("foraker-index", chance.uniform(0.01, 0.4), index)
    cluster.complete("foraker-index")
    cluster.complete("foraker-index")  # a Job that runs again finds its work done
    through_server = attaches_through_the_server(cluster)
    if through_server:
        cluster.serve()
    for _ in range(3):
        cluster.kill_midway("foraker-attach", chance.uniform(0.01, 0.2))
        if through_server:  # the server dies as well, in the middle of what the job asked for
            cluster.stop(signal.SIGKILL)
            cluster.serve()
    cluster.complete("foraker-attach")
    cluster.complete("foraker-attach")
    if not through_server:
        cluster.serve()
    assert cluster.results() == expected
    cluster.stop(signal.SIGKILL)
    cluster.serve()
    assert cluster.results() == expected, "what was published survives the server"
    assert cluster.stop() == 0


def test_followers_pick_up_what_a_job_publishes(tmp_path: Path, corpus: list[Path]) -> None:
    cluster = Cluster(tmp_path, "replicas")
    lines = corpus[0].read_text(encoding="utf-8").splitlines(keepends=True)
    file = cluster.machine.mounts["/corpus"] / "corpus.jsonl"
    file.write_text("".join(lines[:200]), encoding="utf-8")
    cluster.complete("foraker-index")
    cluster.complete("foraker-attach")
    cluster.serve()
    try:
        assert cluster.search("zyzzyva") == []
        added = {"_id": "new", "title": "", "text": "A zyzzyva is a weevil."}
        file.write_text("".join([*lines[:200], json.dumps(added) + "\n"]), encoding="utf-8")
        cluster.complete("foraker-index")
        cluster.complete("foraker-attach")
        end = time.monotonic() + 30
        while not (found := cluster.search("zyzzyva")) and time.monotonic() < end:
            time.sleep(0.2)
        assert [name for name, _ in found] == ["new"]
    finally:
        assert cluster.stop() == 0


def test_a_client_without_a_key_is_refused(tmp_path: Path, corpus: list[Path]) -> None:
    cluster = Cluster(tmp_path, "small")
    cluster.serve()
    try:
        foraker = Foraker(tmp_path)
        arguments: list[Any] = ["search", "--server", f"127.0.0.1:{cluster.grpc}", "-c", "corpus", "wings"]
        assert foraker.run(*arguments).returncode != 0
    finally:
        assert cluster.stop() == 0
