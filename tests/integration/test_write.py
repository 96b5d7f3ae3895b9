"""Writing to a running server: what replies promise, conditions, retries, streams, crashes, followers, collections."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import Foraker, write_lines
from service_client import Messages, Server

pb = Messages()
Code = grpc.StatusCode


class Library:
    """A data directory, its server, and short ways to write to its collection "books"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.foraker = Foraker(folder / "data")
        self.servers: list[Server] = []
        self.start()
        self.index.CreateCollection(pb.CreateCollectionRequest(collection="books"))

    def start(self, *arguments: str) -> Server:
        log = self.folder / f"log{len(self.servers)}"
        self.servers.append(Server(self.foraker.data, *arguments, log=log))
        return self.servers[-1]

    @property
    def server(self) -> Server:
        return self.servers[-1]

    @property
    def index(self) -> Any:
        return self.server.index

    def kill(self) -> None:
        self.server.process.kill()
        self.server.process.wait()

    def write(self, *writes: Any, **options: Any) -> Any:
        return self.index.WriteDocuments(pb.WriteDocumentsRequest(collection="books", writes=writes, **options))

    def search(self, text: str, server: Server | None = None, **options: Any) -> list[str]:
        request = pb.SearchRequest(collection="books", query=pb.Query(text=text), page_size=100, **options)
        return [hit.document.id for hit in (server or self.server).search.Search(request).hits]

    def count(self) -> int:
        collection = self.index.GetCollection(pb.GetCollectionRequest(collection="books"))
        return int(collection.document_count)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path)
    yield library
    for server in library.servers:
        server.stop()


def value(plain: Any) -> Any:
    kinds = {str: "keyword", bool: "boolean", int: "integer", float: "real"}
    return pb.Value(**{kinds[type(plain)]: plain})


def fields(**plain: Any) -> dict[str, Any]:
    return {name: pb.ValueList(values=[value(one)]) for name, one in plain.items()}


def put(name: str, text: str = "A lens bends light.", title: str = "", **options: Any) -> Any:
    plain = {key: options.pop(key) for key in list(options) if key != "if_version"}
    return pb.DocumentWrite(put=pb.Document(id=name, title=title, text=text, fields=fields(**plain)), **options)


def delete(name: str, **options: Any) -> Any:
    return pb.DocumentWrite(delete_id=name, **options)


def equals(field: str, plain: Any) -> Any:
    return pb.Filter(equals=pb.Filter.Equals(field=field, value=value(plain)))


def failure(call: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code(), raised.value.details()


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


# ---- what a reply promises ----


def test_a_write_is_found_by_the_next_search(library: Library) -> None:
    for number in range(20):
        library.write(put(f"d{number}", f"The {number}th telescope."))
        assert len(library.search("telescope")) == number + 1


def test_versions_rise_and_replies_tell_what_was_there(library: Library) -> None:
    first = library.write(put("d1")).results[0]
    second = library.write(put("d1", "Another lens.")).results[0]
    assert (first.existed, second.existed) == (False, True)
    assert second.version > first.version
    (document,) = library.index.GetDocuments(pb.GetDocumentsRequest(collection="books", ids=["d1"])).documents
    assert (document.text, document.version) == ("Another lens.", second.version)


def test_writes_of_a_request_take_effect_in_their_order(library: Library) -> None:
    reply = library.write(put("d1", "old words"), put("d1", "new words"), put("d2"), delete("d2"))
    assert [result.existed for result in reply.results] == [False, True, False, True]
    assert library.search("words lens") == ["d1"]
    assert library.search("old") == []


def test_deleted_documents_are_gone(library: Library) -> None:
    library.write(put("d1"), put("d2"))
    reply = library.write(delete("d1"), delete("nothing"))
    assert reply.results[0].version == 0
    assert reply.results[1].error.code == Code.NOT_FOUND.value[0]
    assert library.search("lens") == ["d2"]
    code, _ = failure(lambda: library.index.GetDocuments(pb.GetDocumentsRequest(collection="books", ids=["d1"])))
    assert code == Code.NOT_FOUND


def test_a_filter_deletes_what_it_permits(library: Library) -> None:
    library.write(*[put(f"d{number}", year=2000 + number % 2) for number in range(100)])
    request = pb.DeleteDocumentsRequest(collection="books", filter=equals("year", 2001))
    assert library.index.DeleteDocuments(request).deleted_count == 50
    assert library.index.DeleteDocuments(request).deleted_count == 0
    assert len(library.search("lens")) == 50
    code, details = failure(lambda: library.index.DeleteDocuments(pb.DeleteDocumentsRequest(collection="books")))
    assert (code, details.split(":")[0]) == (Code.INVALID_ARGUMENT, "filter")


def test_fields_change_without_the_text(library: Library) -> None:
    library.write(put("d1", year=1999, shelf="a"))
    before = library.server.search.Search(pb.SearchRequest(collection="books", query=pb.Query(text="lens"))).hits[0]
    update = pb.FieldUpdate(id="d1", set=fields(year=2001), clear=["shelf"])
    library.write(pb.DocumentWrite(update_fields=update))
    after = library.server.search.Search(pb.SearchRequest(collection="books", query=pb.Query(text="lens"))).hits[0]
    assert after.retrieval_score == before.retrieval_score
    assert after.document.text == before.document.text
    assert dict(after.document.fields) == fields(year=2001)
    assert library.search("lens", filter=equals("year", 2001)) == ["d1"]
    assert library.search("lens", filter=equals("year", 1999)) == []


def test_a_condition_that_fails_refuses_its_write_alone(library: Library) -> None:
    version = library.write(put("d1")).results[0].version
    reply = library.write(put("d1", "Stale.", if_version=version + 5), put("d2"), put("d1", if_version=0))
    assert [result.error.code for result in reply.results] == [Code.ABORTED.value[0], 0, Code.ABORTED.value[0]]
    assert reply.results[0].version == version
    assert library.write(put("d1", "Fresh.", if_version=version)).results[0].version > version
    assert library.search("lens stale") == ["d2"]


def test_only_one_of_many_writers_of_a_version_wins(library: Library) -> None:
    version = library.write(put("d1", count=0)).results[0].version
    winners: list[int] = []

    def write(number: int) -> None:
        if not library.write(put("d1", count=number, if_version=version)).results[0].HasField("error"):
            winners.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert library.search("lens", filter=equals("count", winners[0])) == ["d1"]


# ---- retries ----


def test_a_request_is_not_done_twice(library: Library) -> None:
    first = library.write(put("d1"), request_id="r1")
    library.write(delete("d1"))
    again = library.write(put("d1"), request_id="r1")
    assert again.repeated_request
    assert again.results == first.results
    assert library.search("lens") == [], "the delete stands"
    code, details = failure(lambda: library.write(put("d2"), request_id="r1"))
    assert code == Code.INVALID_ARGUMENT
    assert "request" in details


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_requests_are_remembered_over_a_restart(library: Library, number: int) -> None:
    first = library.write(put("d1"), request_id="r1")
    library.server.stop(number)
    library.start()
    again = library.write(put("d1"), request_id="r1")
    assert again.repeated_request
    assert [result.version for result in again.results] == [result.version for result in first.results]


# ---- streams ----


def batches(count: int, size: int = 10) -> Iterable[Any]:
    for number in range(count):
        writes = [put(f"d{number}-{part}", f"Lens {number}.") for part in range(size)]
        yield pb.WriteDocumentsRequest(collection="books" if number == 0 else "", writes=writes)


def test_a_stream_acknowledges_each_batch_in_order(library: Library) -> None:
    replies = list(library.index.StreamDocuments(iter(batches(30))))
    assert len(replies) == 30
    assert [reply.sequence for reply in replies] == sorted(reply.sequence for reply in replies)
    assert library.count() == 300


def test_a_document_that_is_refused_leaves_the_stream_alone(library: Library) -> None:
    library.write(put("d0", year=1999))
    bad = pb.WriteDocumentsRequest(collection="books", writes=[put("a"), put("b", year="no year"), delete("x")])
    good = pb.WriteDocumentsRequest(writes=[put("c")])
    first, second = library.index.StreamDocuments(iter([bad, good]))
    codes = [result.error.code for result in first.results]
    assert codes == [0, Code.INVALID_ARGUMENT.value[0], Code.NOT_FOUND.value[0]]
    assert "year" in first.results[1].error.message
    assert not second.results[0].HasField("error")
    assert sorted(library.search("lens")) == ["a", "c", "d0"]


def test_a_batch_that_makes_no_sense_ends_the_stream(library: Library) -> None:
    requests = [*batches(2), pb.WriteDocumentsRequest(writes=[pb.DocumentWrite()]), *batches(1)]
    replies = library.index.StreamDocuments(iter(requests))
    received = []
    with pytest.raises(grpc.RpcError) as raised:
        for reply in replies:
            received.append(reply)
    assert len(received) == 2
    assert raised.value.code() == Code.INVALID_ARGUMENT
    assert raised.value.details().startswith("writes[0]: expected one of put")


# ---- crashes and followers ----


def test_acknowledged_writes_outlive_a_kill(library: Library) -> None:
    acknowledged: list[str] = []

    def write(worker: int) -> None:
        for number in range(1000):
            name = f"w{worker}-{number}"
            try:
                library.write(put(name, "A kept lens."), wait_for="WAIT_LOG")
            except grpc.RpcError:
                return
            acknowledged.append(name)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(acknowledged) > 100)
    library.kill()
    for thread in threads:
        thread.join()
    kept = list(acknowledged)
    library.start()
    for first in range(0, len(kept), 1000):
        request = pb.GetDocumentsRequest(collection="books", ids=kept[first : first + 1000])
        assert len(library.index.GetDocuments(request).documents) == len(kept[first : first + 1000])
    assert len(kept) <= library.count() <= len(kept) + 4, "and nothing but what was under way"


def test_a_clean_stop_leaves_an_empty_log(library: Library) -> None:
    library.write(put("d1"))
    assert library.server.stop() == 0
    described = library.foraker.json("collections", "show", "books")
    assert (described["documents"], described["segments"]) == (1, 1)
    library.start()
    assert library.search("lens") == ["d1"]


def test_a_follower_sees_what_is_written_and_writes_nothing(library: Library) -> None:
    follower = Server(
        library.foraker.data, "--read-only", "--set", "server.refresh=50ms", log=library.folder / "follower"
    )
    try:
        library.write(put("d1"))
        wait_for(lambda: library.search("lens", server=follower) == ["d1"])
        library.index.FlushCollection(pb.FlushCollectionRequest(collection="books"))
        library.write(delete("d1"), put("d2"))
        wait_for(lambda: library.search("lens", server=follower) == ["d2"])
        request = pb.WriteDocumentsRequest(collection="books", writes=[put("d3")])
        code, details = failure(lambda: follower.index.WriteDocuments(request))
        assert code == Code.FAILED_PRECONDITION
        assert "only reads" in details
    finally:
        follower.stop()


def test_a_directory_has_one_writer(library: Library, tmp_path: Path) -> None:
    arguments = ("--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0")
    line = library.foraker.run("serve", *arguments).stderr.splitlines()[-1]
    assert f"is being written by process {library.server.process.pid}" in line
    assert "--read-only" in line
    source = write_lines(tmp_path / "d.jsonl", [{"_id": "d1", "text": "A lens."}])
    assert "--server HOST:PORT" in library.foraker.error(1, "index", "-c", "books", "-i", source)


def test_pages_of_a_moving_collection_neither_repeat_nor_miss(library: Library) -> None:
    library.write(*[put(f"d{number:03}") for number in range(100)])
    request = pb.SearchRequest(collection="books", query=pb.Query(text="lens"), page_size=10, with_next_page=True)
    seen: list[str] = []
    while True:
        response = library.server.search.Search(request)
        seen += [hit.document.id for hit in response.hits]
        if not response.next_page_token:
            break
        request.page_token = response.next_page_token
        library.write(delete(f"d{len(seen) - 1:03}"), put(f"new{len(seen)}"))
    assert seen == [f"d{number:03}" for number in range(100)]


# ---- collections ----


def test_flushing_and_compacting_change_no_hit(library: Library) -> None:
    request = pb.SearchRequest(collection="books", query=pb.Query(text="lens light"), page_size=100)
    for number in range(4):
        library.write(*[put(f"d{number}-{part}", f"A lens, light {part}.") for part in range(20)])
        library.index.FlushCollection(pb.FlushCollectionRequest(collection="books"))
    library.write(*[delete(f"d1-{part}") for part in range(20)])
    before = [(hit.document.id, hit.retrieval_score) for hit in library.server.search.Search(request).hits]
    compacted = library.index.CompactCollection(pb.CompactCollectionRequest(collection="books"))
    assert (compacted.segment_count, compacted.document_count) == (1, 60)
    after = library.server.search.Search(request).hits
    assert [(hit.document.id, hit.retrieval_score) for hit in after] == before


def test_a_rebuild_moves_the_alias_when_it_is_done(library: Library) -> None:
    library.write(*[put(f"d{number}", f"Lenses bend the {number}th light.") for number in range(50)])
    library.index.SetAlias(pb.SetAliasRequest(alias="shelf", collection="books"))
    request = pb.RebuildCollectionRequest(
        alias="shelf", new_collection="books2", settings={"document.passage_tokens": "64"}
    )
    stages = [progress.stage for progress in library.index.RebuildCollection(request)]
    assert stages[-1] == "done"
    made = library.index.GetCollection(pb.GetCollectionRequest(collection="shelf"))
    assert (made.name, made.document_count) == ("books2", 50)
    assert json.loads(made.settings_json)["document"]["passage_tokens"] == 64
    assert library.count() == 50, "the old one stays"


def test_snapshots_are_restored_in_place_and_beside(library: Library) -> None:
    library.write(put("d1"))
    library.index.CreateSnapshot(pb.CreateSnapshotRequest(collection="books", snapshot_name="monday"))
    library.write(put("d2"))
    restore = pb.RestoreSnapshotRequest(collection="books", snapshot_name="monday", new_collection="then")
    assert library.index.RestoreSnapshot(restore).document_count == 1
    assert sorted(library.search("lens")) == ["d1", "d2"]
    restore.new_collection = ""
    library.index.RestoreSnapshot(restore)
    assert library.search("lens") == ["d1"]
    library.write(put("d3"))
    assert sorted(library.search("lens")) == ["d1", "d3"], "writing goes on"
    library.index.DropSnapshot(pb.DropSnapshotRequest(collection="books", snapshot_name="monday"))
    assert not library.index.GetCollection(pb.GetCollectionRequest(collection="books")).snapshot_names


def test_a_dropped_collection_can_be_made_again(library: Library) -> None:
    library.write(put("d1"))
    library.index.DropCollection(pb.DropCollectionRequest(collection="books"))
    code, _ = failure(lambda: library.write(put("d1")))
    assert code == Code.NOT_FOUND
    create = pb.CreateCollectionRequest(collection="books", fields={"year": pb.FieldType.FIELD_TYPE_INTEGER})
    assert library.index.CreateCollection(create).document_count == 0
    library.write(put("d2"))
    assert library.search("lens") == ["d2"]
    assert failure(lambda: library.index.CreateCollection(create))[0] == Code.ALREADY_EXISTS


def test_vectors_are_written_as_they_are(library: Library) -> None:
    library.index.CreateCollection(pb.CreateCollectionRequest(collection="vectors", encoder="vectors"))
    terms = [pb.SparseTerm(term=pb.Term(imported=name), weight=weight) for name, weight in (("a", 2.0), ("b", 0.5))]
    write = pb.DocumentWrite(put=pb.Document(id="d1"), vector=pb.SparseVector(terms=terms))
    library.index.WriteDocuments(pb.WriteDocumentsRequest(collection="vectors", writes=[write]))
    query = pb.Query(sparse_vector=pb.SparseVector(terms=terms[:1]))
    (hit,) = library.server.search.Search(pb.SearchRequest(collection="vectors", query=query)).hits
    assert (hit.document.id, hit.retrieval_score) == ("d1", 4.0)
    code = library.write(pb.DocumentWrite(put=pb.Document(id="x"), vector=pb.SparseVector(terms=terms)))
    assert code.results[0].error.code == Code.INVALID_ARGUMENT.value[0]


# ---- limits ----


def refusals(library: Library, write: Any) -> str:
    """How a write is refused: by its request or by its result."""
    try:
        reply = library.write(write)
    except grpc.RpcError as error:
        assert error.code() in (Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED)
        return str(error.details())
    assert reply.results[0].error.code == Code.INVALID_ARGUMENT.value[0]
    return str(reply.results[0].error.message)


def test_requests_have_limits(library: Library) -> None:
    code, details = failure(lambda: library.write(*[delete("x")] * 1001))
    assert (code, details) == (Code.INVALID_ARGUMENT, "writes: expected 1 to 1000 writes, got 1001")
    assert failure(lambda: library.write())[0] == Code.INVALID_ARGUMENT
    assert failure(lambda: library.write(put("d"), request_id="r" * 129))[0] == Code.INVALID_ARGUMENT
    huge = [put(f"d{number}", "x" * (7 << 20)) for number in range(3)]
    assert failure(lambda: library.write(*huge))[0] == Code.RESOURCE_EXHAUSTED, "16 MiB a message"
    unknown = pb.WriteDocumentsRequest.FromString(b"\x98\x06\x01")
    unknown.collection = "books"
    assert "unknown field 99" in failure(lambda: library.index.WriteDocuments(unknown))[1]
    settings = {f"query.s{number}": "1" for number in range(65)}
    update = pb.UpdateCollectionRequest(collection="books", settings=settings)
    assert "settings" in failure(lambda: library.index.UpdateCollection(update))[1]
    attach = pb.AttachShardsRequest(collection="books", directories=["/x"] * 1025)
    assert "directories" in failure(lambda: library.index.AttachShards(attach))[1]


def test_documents_have_limits(library: Library) -> None:
    assert "id" in refusals(library, put("x" * 513))
    assert "id" in refusals(library, put(""))
    assert "title" in refusals(library, put("d", title="x" * ((64 << 10) + 1)))
    assert "text" in refusals(library, put("d", "x" * ((8 << 20) + 1)))
    many = pb.Document(id="d", fields={f"f{number}": pb.ValueList(values=[value(1)]) for number in range(257)})
    assert "fields" in refusals(library, pb.DocumentWrite(put=many))
    assert "f" in refusals(library, put("d", **{"f": "x" * ((64 << 10) + 1)}))
    assert "fields" in refusals(library, put("d", **{"f" * 513: 1}))


# ---- HTTP and metrics ----


def test_the_json_gateway_writes(library: Library) -> None:
    path = "/v1/collections/books/documents:write"
    writes = [{"put": {"id": "d1", "text": "A lens.", "fields": {"year": {"values": [{"integer": "1999"}]}}}}]
    status, text = library.server.http(path, {"writes": writes})
    assert status == 200, text
    assert library.search("lens", filter=equals("year", 1999)) == ["d1"]
    status, text = library.server.http(path, {"writes": [{"deleteId": "d1", "ifVersion": "99"}]})
    assert json.loads(text)["results"][0]["error"]["code"] == Code.ABORTED.value[0]
    assert library.server.http("/v1/collections/books:compact", {})[0] == 200


def test_metrics_follow_the_writes(library: Library) -> None:
    library.write(put("d1"), put("d2"), delete("nothing"))
    metric = library.server.metric
    assert metric('foraker_writes_total{code="OK"}') == 2
    assert metric('foraker_writes_total{code="NOT_FOUND"}') == 1
    assert metric("foraker_log_sequence") == 2
    assert metric("foraker_buffer_bytes") > 0
    assert metric("foraker_unflushed_seconds") > 0
    library.index.FlushCollection(pb.FlushCollectionRequest(collection="books"))
    assert metric("foraker_flushes_total") == 1
    assert metric("foraker_flushed_sequence") == 2
    assert metric("foraker_unflushed_seconds") == 0
    assert metric("foraker_background_error") == 0
