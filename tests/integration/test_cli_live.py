"""The command line as a writer: to a running server and to a data directory of its own."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Foraker, shared_data, write_lines
from relay import Relay
from service_client import Server


class Live:
    """A server on an empty data directory, and commands that go to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "live"
        self.log_count = 0
        self.start()
        self.foraker = Foraker(folder / "local")

    def start(self) -> None:
        self.log_count += 1
        self.server = Server(self.data, log=self.folder / f"log{self.log_count}")

    @property
    def at(self) -> tuple[str, str]:
        return ("--server", self.server.address)

    def ok(self, *arguments: str | Path, **options: Any) -> str:
        return self.foraker.ok(*arguments, *self.at, **options)

    def json(self, *arguments: str | Path, **options: Any) -> Any:
        return self.foraker.json(*arguments, *self.at, **options)

    def error(self, code: int, *arguments: str | Path, **options: Any) -> str:
        return self.foraker.error(code, *arguments, *self.at, **options)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    live = Live(tmp_path)
    yield live
    live.server.stop()


def notes(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [
        {"_id": f"d{number}", "title": f"Note {number}", "text": f"A river note, the {number}th.", "number": number}
        for number in range(first, first + count)
    ]


def ids(result: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in result["hits"]]


# ---- index ----


def test_documents_go_to_a_server_and_are_found(live: Live, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "notes.jsonl", [*notes(1500), *notes(3)])
    done = live.json("index", "-c", "notes", "-i", source, "--field", "number:real")
    assert (done["created"], done["documents"], done["replaced"], done["rejected"]) == (True, 1503, 3, 0)
    assert ids(live.json("search", "-c", "notes", "the 1499th note"))[0] == "d1499"
    shown = live.json("collections", "show", "notes")
    assert shown["documents"] == 1500
    again = live.json("index", "-c", "notes", "-i", source)
    assert (again["created"], again["replaced"]) == (False, 1503)


def test_the_last_line_of_an_id_wins(live: Live, tmp_path: Path) -> None:
    lines = [{"_id": f"d{number % 7}", "text": f"version{number}"} for number in range(2000)]
    live.ok("index", "-c", "notes", "-i", write_lines(tmp_path / "d.jsonl", lines), "--threads", "4")
    texts = {json.loads(line)["text"] for line in live.ok("list", "-c", "notes", "--text", "--json").splitlines()}
    assert texts == {f"version{number}" for number in range(1993, 2000)}


def test_a_server_builds_what_a_batch_builds(live: Live) -> None:
    cranfield = shared_data("cranfield")
    source = cranfield / "corpus.jsonl"
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    live.ok("index", "-c", "c", "-i", source)
    live.ok("collections", "publish-idf", "c")
    live.foraker.ok("index", "-c", "c", "-i", source)
    for query in ("boundary layer", "supersonic flow over a cone", "heat transfer of slender wings"):
        arguments = ("search", "-c", "c", query, "-k", "50")
        remote, local = live.json(*arguments)["hits"], live.foraker.json(*arguments)["hits"]
        assert [(hit["id"], hit["score"]) for hit in remote] == [(hit["id"], hit["score"]) for hit in local]


def test_bad_lines_are_told_by_file_and_line(live: Live, tmp_path: Path) -> None:
    lines = ['{"_id": "a", "text": "river", "number": 1}', "nonsense", '{"_id": "b", "number": "no number"}', ""]
    source = tmp_path / "bad.jsonl"
    source.write_text("\n".join(lines))
    live.ok("collections", "create", "notes", "--field", "number:integer")
    done = live.foraker.run("index", "-c", "notes", "-i", source, "--json", *live.at)
    assert done.returncode == 0
    assert json.loads(done.stdout)["rejected"] == 2
    assert f"foraker: {source}:2: " in done.stderr
    assert f"foraker: {source}:3: " in done.stderr
    assert "number" in done.stderr
    assert f"{source}:2: " in live.error(2, "index", "-c", "notes", "-i", source, "--strict")


def test_settings_are_those_of_the_collection(live: Live, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "d.jsonl", notes(3))
    live.ok("index", "-c", "notes", "-i", source, "--k1", "2", "--passage-tokens", "64", "--stem-weight", ".5")
    settings = live.json("collections", "show", "notes")["settings"]
    assert (settings["document"]["k1"], settings["document"]["passage_tokens"]) == (2, 64)
    assert settings["query"]["stem_weight"] == 0.5
    assert "setting k1" in live.error(2, "index", "-c", "notes", "-i", source, "--k1", "1.5")
    live.ok("index", "-c", "notes", "-i", source, "--stem-weight", ".25")
    assert live.json("collections", "show", "notes")["settings"]["query"]["stem_weight"] == 0.25
    assert "--shard" in live.error(2, "index", "-c", "notes", "-i", source, "--shard", "0/2")


def test_vectors_go_to_a_server(live: Live, tmp_path: Path) -> None:
    lines = [{"id": f"v{number}", "vector": {"a": 1.0 + number, "b": 0.5}, "text": "t"} for number in range(5)]
    live.ok("index", "-c", "v", "--vectors", "-i", write_lines(tmp_path / "v.jsonl", lines))
    assert ids(live.json("search", "-c", "v", "--vector", '{"a": 1}')) == ["v4", "v3", "v2", "v1", "v0"]


def test_a_load_outlives_a_restart_of_the_server(live: Live, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "notes.jsonl", notes(30000))
    live.ok("index", "-c", "notes", "-i", write_lines(tmp_path / "first.jsonl", notes(1)))
    relay = Relay(live.server.address, hold_after=source.stat().st_size // 4)
    arguments = ("index", "-c", "notes", "-i", source, "--json", "--server", relay.address)
    done: list[subprocess.CompletedProcess[str]] = []
    loader = threading.Thread(target=lambda: done.append(live.foraker.run(*arguments)))
    loader.start()
    while not relay.held.wait(1):
        assert loader.is_alive(), done
    while live.server.metric("foraker_writes_total") < 2000:
        assert loader.is_alive(), done
    relay.target = None
    live.server.process.kill()
    live.server.process.wait()
    live.start()
    relay.target = live.server.address
    relay.release()
    loader.join()
    relay.close()
    assert done[0].returncode == 0, done[0].stderr
    assert json.loads(done[0].stdout)["documents"] == 30000
    assert live.json("collections", "show", "notes")["documents"] == 30000


# ---- delete, update ----


@pytest.mark.parametrize("remote", [True, False])
def test_documents_are_deleted_and_updated(live: Live, tmp_path: Path, remote: bool) -> None:
    run = live if remote else live.foraker
    run.ok("index", "-c", "notes", "-i", write_lines(tmp_path / "d.jsonl", notes(10)))
    assert run.json("delete", "-c", "notes", "d1", "d2")["deleted"] == 2
    assert 'no document "d1"' in run.error(2, "delete", "-c", "notes", "d1")
    assert run.json("delete", "-c", "notes", "--filter", "number >= 8")["deleted"] == 2
    version = run.json("update", "-c", "notes", "d3", "--set", "number=33", "--set", "tag=new", "--set", "tag=wet")
    (document,) = [run.json("get", "-c", "notes", "d3")]
    assert document["fields"] == {"number": 33, "tag": ["new", "wet"]}
    assert document["version"] == version["version"]
    run.ok("update", "-c", "notes", "d3", "--clear", "tag", "--if-version", str(document["version"]))
    stale = run.error(1, "update", "-c", "notes", "d3", "--clear", "number", "--if-version", str(document["version"]))
    assert "version" in stale
    found = run.json("search", "-c", "notes", "river", "--filter", "number = 33")
    assert ids(found) == ["d3"]
    assert "FIELD=VALUE" in run.error(2, "update", "-c", "notes", "d3", "--set", "number")
    assert run.error(2, "delete", "-c", "notes")


# ---- collections ----


@pytest.mark.parametrize("remote", [True, False])
def test_collections_are_maintained(live: Live, tmp_path: Path, remote: bool) -> None:
    run = live if remote else live.foraker
    run.ok("collections", "create", "a", "--set", "document.passage_tokens=128", "--field", "number:integer")
    assert "exists" in run.error(2, "collections", "create", "a")
    run.ok("index", "-c", "a", "-i", write_lines(tmp_path / "d.jsonl", notes(10)))
    run.ok("collections", "flush", "a")
    run.ok("collections", "compact", "a")
    run.ok("collections", "publish-idf", "a")
    run.ok("collections", "set", "a", "query.stem_weight=2")
    run.ok("collections", "alias", "current", "a")
    assert "now names b" in run.ok("collections", "rebuild", "current", "b", "--set", "document.k1=1.5")
    shown = run.json("collections", "show", "current")
    assert (shown["name"], shown["documents"], shown["settings"]["document"]["k1"]) == ("b", 10, 1.5)
    run.ok("collections", "drop", "a")
    assert run.error(2, "collections", "flush", "a")
    run.ok("collections", "snapshot", "b", "s")
    run.ok("delete", "-c", "b", "--filter", "number >= 0")
    run.ok("collections", "restore", "b", "s", "--as", "c")
    assert run.json("collections", "show", "c")["documents"] == 10
    run.ok("collections", "restore", "b", "s")
    assert run.json("collections", "show", "b")["documents"] == 10
    run.ok("collections", "alias", "current", "--remove")
    assert run.error(2, "search", "-c", "current", "river")


@pytest.mark.parametrize("remote", [True, False])
def test_a_backup_holds_the_moment_and_is_imported_elsewhere(live: Live, tmp_path: Path, remote: bool) -> None:
    run = live if remote else live.foraker
    data = ("--data", live.data) if remote else ()
    run.ok("index", "-c", "notes", "-i", write_lines(tmp_path / "d.jsonl", notes(200)))
    stop = threading.Event()
    more = write_lines(tmp_path / "more.jsonl", notes(50, first=1000))

    def write() -> None:
        while not stop.is_set():
            run.ok("index", "-c", "notes", "-i", more)

    writer = threading.Thread(target=write)
    if remote:
        writer.start()
    run.ok("collections", "backup", "notes", tmp_path / "backup", *data)
    stop.set()
    if remote:
        writer.join()
    assert "exists" in run.error(2, "collections", "backup", "notes", tmp_path / "backup", *data)
    elsewhere = Foraker(tmp_path / "elsewhere")
    elsewhere.ok("collections", "import", tmp_path / "backup", "copy")
    assert elsewhere.json("collections", "show", "copy")["documents"] in range(200, 251)
    assert ids(elsewhere.json("search", "-c", "copy", "the 199th note"))[0] == "d199"
    assert not run.json("collections", "show", "notes")["snapshots"], "nothing is left behind"


def test_shards_are_attached_by_the_server(live: Live, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "d.jsonl", notes(100))
    shards = [tmp_path / "shard0", tmp_path / "shard1"]
    for number, shard in enumerate(shards):
        live.foraker.ok("index", "-c", "notes", "-i", source, "--shard", f"{number}/2", data=shard)
    live.ok("collections", "attach", "notes", *shards)
    assert live.json("collections", "show", "notes")["documents"] == 100
    live.ok("delete", "-c", "notes", "d0")
    assert live.json("collections", "show", "notes")["documents"] == 99
