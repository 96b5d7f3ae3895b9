"""Every limit of the table in docs/api.md: the largest request passes, a larger one is refused by the field's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from conftest import Foraker, write_lines
from service_client import Messages, Server

pb = Messages()
Code = grpc.StatusCode
MIB = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("limits")
    foraker = Foraker(folder / "data")
    documents = [{"_id": f"d{n}", "title": f"Note {n}", "text": "A river note.", "tag": "a"} for n in range(10)]
    foraker.ok("index", "-c", "notes", "--input", write_lines(folder / "notes.jsonl", documents))
    running = Server(foraker.data, log=folder / "log")
    running.index.CreateCollection(pb.CreateCollectionRequest(collection="imported", encoder="vectors"))
    running.index.WriteDocuments(writes([put()], collection="notes"))
    yield running
    assert running.stop() == 0


def search(text: str = "river", **options: Any) -> Any:
    return pb.SearchRequest(collection=options.pop("collection", "notes"), query=pb.Query(text=text), **options)


def sparse(count: int, size: int = 8) -> Any:
    terms = [
        pb.SparseTerm(term=pb.Term(stem=f"{number:0{size}}"), weight=1.0) for number in range(count)
    ]
    return pb.SparseVector(terms=terms)


def sparse_search(count: int, size: int = 8) -> Any:
    return pb.SearchRequest(collection="notes", query=pb.Query(sparse_vector=sparse(count, size)))


def equals(value: str = "a", field: str = "tag") -> Any:
    return pb.Filter(equals=pb.Filter.Equals(field=field, value=pb.Value(keyword=value)))


def deep(levels: int) -> Any:
    filter_ = equals()
    for _ in range(levels - 1):
        filter_ = pb.Filter(all_of=pb.Filter.FilterList(filters=[filter_]))
    return search(filter=filter_)


def wide(conditions: int) -> Any:
    """So many conditions, the one around them included."""
    return search(filter=pb.Filter(any_of=pb.Filter.FilterList(filters=[equals()] * (conditions - 1))))


def one_of(count: int, size: int = 1) -> Any:
    values = [pb.Value(keyword="v" * size)] * count
    return search(filter=pb.Filter(in_values=pb.Filter.In(field="tag", values=values)))


def facets(count: int = 1, limit: int = 10, best_hits: int = 0) -> Any:
    return search(facets=[pb.FacetRequest(field="tag", limit=limit, best_hits=best_hits)] * count)


def snippets(count: int = 1, max_chars: int = 100) -> Any:
    return search(snippets=pb.SnippetOptions(count=count, max_chars=max_chars))


def explain(count: int) -> Any:
    return search(explain=pb.ExplainOptions(document_ids=[f"d{number}" for number in range(count)]))


def names(count: int) -> Any:
    return search(field_names=[f"f{number}" for number in range(count)])


def batch(count: int, page_size: int = 1) -> Any:
    one = pb.SearchRequest(query=pb.Query(text="river"), page_size=page_size)
    return pb.BatchSearchRequest(collection="notes", requests=[one] * count)


def ids(count: int, size: int = 1) -> Any:
    return pb.GetDocumentsRequest(collection="notes", ids=["d" * size] * count)


def links(count: int) -> Any:
    return pb.LinksRequest(collection="notes", passages=[pb.PassageName(document_id="d1")] * count)


def put(id_: str = "new", title: str = "T", text: str = "A river.", **options: Any) -> Any:
    return pb.DocumentWrite(put=pb.Document(id=id_, title=title, text=text, **options))


def writes(changes: list[Any], collection: str = "notes", request_id: str = "") -> Any:
    return pb.WriteDocumentsRequest(collection=collection, writes=changes, request_id=request_id)


def field_values(count: int, size: int = 1) -> dict[str, Any]:
    return {"f": pb.ValueList(values=[pb.Value(keyword="v" * size)] * count)}


def fields(count: int, size: int = 4) -> dict[str, Any]:
    return {f"{number:0{size}}": pb.ValueList(values=[pb.Value(integer=1)]) for number in range(count)}


def imported(count: int, size: int = 8) -> Any:
    terms = [pb.SparseTerm(term=pb.Term(imported=f"{n:0{size}}"), weight=1.0) for n in range(count)]
    return pb.DocumentWrite(put=pb.Document(id="v"), vector=pb.SparseVector(terms=terms))


def create(settings: int = 0, declared: int = 0) -> Any:
    return pb.CreateCollectionRequest(
        collection="created",
        settings={f"document.s{n}": "1" for n in range(settings)},
        fields={f"f{n}": "FIELD_TYPE_INTEGER" for n in range(declared)},
    )


def attach(count: int) -> Any:
    return pb.AttachShardsRequest(collection="notes", directories=[f"/nowhere/{n}" for n in range(count)])


def lease(seconds: int) -> Any:
    return pb.PinRequest(collection="notes", lease={"seconds": seconds})


@dataclass
class Limit:
    """A message that is as large as allowed, one that is larger, and what its refusal says."""

    name: str
    method: str
    largest: Callable[[], Any]
    over: Callable[[], Any]
    says: str


LIMITS = [
    Limit("page_size", "Search", lambda: search(page_size=10_000), lambda: search(page_size=10_001), "page_size"),
    Limit(
        "page_size of a list",
        "ListDocuments",
        lambda: pb.ListDocumentsRequest(collection="notes", page_size=1_000),
        lambda: pb.ListDocumentsRequest(collection="notes", page_size=1_001),
        "page_size",
    ),
    Limit(
        "page_size of collections",
        "ListCollections",
        lambda: pb.ListCollectionsRequest(page_size=1_000),
        lambda: pb.ListCollectionsRequest(page_size=1_001),
        "page_size",
    ),
    Limit("query text", "Search", lambda: search("a" * 65_536), lambda: search("a" * 65_537), "query.text"),
    Limit("query terms", "Search", lambda: sparse_search(10_000), lambda: sparse_search(10_001), "query.sparse_vector"),
    Limit("term", "Search", lambda: sparse_search(1, 1_024), lambda: sparse_search(1, 1_025), "query.sparse_vector"),
    Limit("filter depth", "Search", lambda: deep(32), lambda: deep(33), "filter"),
    Limit("filter conditions", "Search", lambda: wide(1_024), lambda: wide(1_025), "filter"),
    Limit("filter values", "Search", lambda: one_of(10_000), lambda: one_of(10_001), "filter"),
    Limit("filter value", "Search", lambda: one_of(1, 65_536), lambda: one_of(1, 65_537), "filter"),
    Limit(
        "field name",
        "Search",
        lambda: search(filter=equals(field="f" * 512)),
        lambda: search(filter=equals(field="f" * 513)),
        "filter",
    ),
    Limit(
        "collection name",
        "Search",
        lambda: search(collection="c" * 512),
        lambda: search(collection="c" * 513),
        "collection",
    ),
    Limit("facets", "Search", lambda: facets(16), lambda: facets(17), "facets"),
    Limit("facet values", "Search", lambda: facets(limit=1_000), lambda: facets(limit=1_001), "facets"),
    Limit("facet hits", "Search", lambda: facets(best_hits=10_000), lambda: facets(best_hits=10_001), "facets"),
    Limit("snippets", "Search", lambda: snippets(16), lambda: snippets(17), "snippet"),
    Limit("snippet", "Search", lambda: snippets(1, 10_000), lambda: snippets(1, 10_001), "snippet"),
    Limit("explained documents", "Search", lambda: explain(100), lambda: explain(101), "explain"),
    Limit("field_names", "Search", lambda: names(256), lambda: names(257), "field_names"),
    Limit("batch", "BatchSearch", lambda: batch(1_000), lambda: batch(1_001), "requests"),
    Limit("batch hits", "BatchSearch", lambda: batch(10, 10_000), lambda: batch(11, 10_000), "requests"),
    Limit("ids", "GetDocuments", lambda: ids(1_000), lambda: ids(1_001), "ids"),
    Limit("document id", "GetDocuments", lambda: ids(1, 512), lambda: ids(1, 513), "ids"),
    Limit("links", "Links", lambda: links(256), lambda: links(257), "passages"),
    Limit(
        "analysed text",
        "Analyze",
        lambda: pb.AnalyzeRequest(collection="notes", text="a" * MIB),
        lambda: pb.AnalyzeRequest(collection="notes", text="a" * (MIB + 1)),
        "text",
    ),
    Limit("lease", "Pin", lambda: lease(3_600), lambda: lease(3_601), "lease"),
    Limit(
        "writes",
        "WriteDocuments",
        lambda: writes([pb.DocumentWrite(delete_id="nobody")] * 1_000),
        lambda: writes([pb.DocumentWrite(delete_id="nobody")] * 1_001),
        "writes",
    ),
    Limit(
        "request id",
        "WriteDocuments",
        lambda: writes([put()], request_id="r" * 128),
        lambda: writes([put()], request_id="r" * 129),
        "request_id",
    ),
    Limit("directories", "AttachShards", lambda: attach(1_024), lambda: attach(1_025), "directories"),
    Limit("settings", "CreateCollection", lambda: create(settings=64), lambda: create(settings=65), "settings"),
    Limit("declared fields", "CreateCollection", lambda: create(declared=256), lambda: create(declared=257), "fields"),
]

# Of a document that is written.
DOCUMENTS = [
    Limit("title", "notes", lambda: put(title="t" * 65_536), lambda: put(title="t" * 65_537), "title"),
    Limit("text", "notes", lambda: put(text="t " * (4 * MIB)), lambda: put(text="t " * (4 * MIB) + "t"), "text"),
    Limit("id of a document", "notes", lambda: put("i" * 512), lambda: put("i" * 513), "id"),
    Limit("fields of a document", "notes", lambda: put(fields=fields(256)), lambda: put(fields=fields(257)), "fields"),
    Limit(
        "values of a document",
        "notes",
        lambda: put(fields=field_values(10_000)),
        lambda: put(fields=field_values(10_001)),
        "fields",
    ),
    Limit("terms of a vector", "imported", lambda: imported(10_000), lambda: imported(10_001), "vector"),
    Limit("term of a vector", "imported", lambda: imported(1, 1_024), lambda: imported(1, 1_025), "vector"),
]


def outcome(server: Server, method: str, message: Any) -> tuple[grpc.StatusCode, str]:
    stub = server.search if hasattr(server.search, method) else server.index
    try:
        getattr(stub, method)(message, timeout=60)
    except grpc.RpcError as error:
        return error.code(), error.details()
    return Code.OK, ""


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_a_request_may_be_as_large_as_its_limit(server: Server, limit: Limit) -> None:
    code, details = outcome(server, limit.method, limit.over())
    assert code == Code.INVALID_ARGUMENT, details
    assert limit.says in details
    code, allowed = outcome(server, limit.method, limit.largest())
    assert code in (Code.OK, Code.NOT_FOUND, Code.INVALID_ARGUMENT), allowed
    # What is as large as allowed may be wrong in another way (a setting that does not exist).
    assert allowed != details


@pytest.mark.parametrize("limit", DOCUMENTS, ids=lambda limit: limit.name)
def test_a_document_may_be_as_large_as_its_limit(server: Server, limit: Limit) -> None:
    collection = limit.method
    code, details = outcome(server, "WriteDocuments", writes([limit.over()], collection))
    assert code == Code.INVALID_ARGUMENT, details
    assert limit.says in details
    (accepted,) = server.index.WriteDocuments(writes([limit.largest()], collection)).results
    assert not accepted.HasField("error"), accepted.error.message


@pytest.mark.parametrize(
    ("over", "largest", "says"),
    [(fields(1, 256), fields(1, 255), "name"), (field_values(1, 65_536), field_values(1, 65_535), "65535")],
    ids=["field's name", "keyword"],
)
def test_what_a_field_cannot_hold_is_the_error_of_its_document_alone(
    server: Server, over: dict[str, Any], largest: dict[str, Any], says: str
) -> None:
    refused, accepted = server.index.WriteDocuments(writes([put(fields=over), put(fields=largest)])).results
    assert refused.error.code == Code.INVALID_ARGUMENT.value[0]
    assert says in refused.error.message
    assert not accepted.HasField("error"), accepted.error.message


def test_a_message_over_its_size_is_refused_before_it_is_read(server: Server) -> None:
    large = writes([put(text="t" * MIB)] * 17)
    assert outcome(server, "WriteDocuments", large)[0] == Code.RESOURCE_EXHAUSTED
    status, _ = server.http("/v1/collections/notes:search", {"query": {"text": "a" * (17 * MIB)}})
    assert status == 413


def test_the_writes_of_a_request_have_a_size_together(tmp_path: Any, server: Server) -> None:
    roomy = Foraker(tmp_path / "data")
    roomy.ok("index", "-c", "notes", "--input", write_lines(tmp_path / "one.jsonl", [{"_id": "a", "text": "River."}]))
    running = Server(roomy.data, "--set", "server.max_message_mib=64", log=tmp_path / "log")
    code, details = outcome(running, "WriteDocuments", writes([put(text="t" * MIB)] * 17))
    assert code == Code.INVALID_ARGUMENT, details
    assert "writes" in details
    assert running.stop() == 0


def test_leases_are_counted(server: Server) -> None:
    leases = []
    with pytest.raises(grpc.RpcError) as raised:
        for _ in range(4_097):
            leases.append(server.index.Pin(lease(60)))
    assert raised.value.code() == Code.RESOURCE_EXHAUSTED
    assert 4_000 <= len(leases) <= 4_096
    for held in leases:
        server.index.Release(pb.ReleaseRequest(snapshot=held.snapshot))
