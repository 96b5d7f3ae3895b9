"""Searching over gRPC: hits, masks, filters, facets, explanations, pages, batches, snapshots, errors."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from conftest import Foraker, write_lines
from service_client import Messages, Server

pb = Messages()
COLORS = ["red", "green", "blue"]


def document(number: int) -> dict[str, Any]:
    color = COLORS[number % 3]
    words = " ".join(["river"] * (1 + number % 7) + ["stone"] * (number % 5) + ["bridge"] * (number % 2))
    return {
        "_id": f"d{number:03}",
        "title": f"Bridge number {number}",
        "text": f"A {color} place. {words}. It stands near the old mill of the valley.",
        "color": color,
        "number": number,
        "ratio": number / 8,
        "even": number % 2 == 0,
        "tags": [color, "all"],
        "built": f"{1800 + number}-01-01T00:00:00Z",
    }


DOCUMENTS = [
    *(document(number) for number in range(200)),
    {"_id": "venice", "title": "Venice", "text": "A city of canals. See Bridge number 7 and the Grand Canal."},
    {"_id": "canal", "title": "Grand Canal", "text": "The canal of Venice, with four bridges."},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("service")
    foraker = Foraker(folder / "data")
    source = write_lines(folder / "places.jsonl", DOCUMENTS)
    foraker.ok("index", "-c", "places", "--input", source, "--field", "built:timestamp")
    running = Server(foraker.data, log=folder / "log")
    yield running
    assert running.stop() == 0


def request(text: str = "river bridge", **options: Any) -> Any:
    return pb.SearchRequest(collection="places", query=pb.Query(text=text), **options)


def ids(response: Any) -> list[str]:
    return [hit.document.id for hit in response.hits]


def bits(value: float) -> bytes:
    return struct.pack("<f", value)


def failure(call: Any, message: Any, **options: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        call(message, **options)
    return raised.value.code(), raised.value.details()


# ---- hits ----


def test_hits_come_best_first_with_an_exact_certificate(server: Server) -> None:
    response = server.search.Search(request())
    assert len(response.hits) == 10
    scores = [hit.retrieval_score for hit in response.hits]
    assert scores == sorted(scores, reverse=True)
    assert response.certificate.exact
    assert not response.certificate.HasField("bound")
    assert response.generation == 1
    assert response.stats.postings_predicted >= response.stats.postings_scanned > 0
    assert response.stats.filtered_documents == len(DOCUMENTS)
    assert response.stats.terms_known == 2
    assert response.timing.total.nanos > 0


def test_a_hit_holds_the_parts_of_the_read_mask(server: Server) -> None:
    first = server.search.Search(request(page_size=1)).hits[0].document
    stored = next(each for each in DOCUMENTS if each["_id"] == first.id)
    assert first.title == stored["title"]
    assert first.text == stored["text"]
    assert first.fields["number"].values[0].integer == stored["number"]
    assert first.fields["ratio"].values[0].real == stored["ratio"]
    assert first.fields["even"].values[0].boolean == stored["even"]
    assert [value.keyword for value in first.fields["tags"].values] == stored["tags"]
    assert first.fields["built"].values[0].timestamp.ToJsonString() == stored["built"]

    masked = request(page_size=1, read_mask={"paths": ["title", "fields"]}, field_names=["color"])
    hit = server.search.Search(masked).hits[0].document
    assert hit.title == stored["title"]
    assert hit.text == ""
    assert list(hit.fields) == ["color"]
    bare = server.search.Search(request(page_size=1, read_mask={"paths": ["id"]})).hits[0].document
    assert (bare.id, bare.title, bare.text, len(bare.fields)) == (first.id, "", "", 0)
    assert bare.version > 0


def test_snippets_highlight_the_words_that_matched(server: Server) -> None:
    response = server.search.Search(request("old mill", page_size=3, snippets=pb.SnippetOptions(max_chars=60)))
    for hit in response.hits:
        snippet = hit.snippets[0]
        source = hit.document.text.encode()[snippet.source.begin : snippet.source.end].decode()
        assert source == snippet.text
        words = [snippet.text.encode()[each.begin : each.end].decode() for each in snippet.highlights]
        assert words == ["old", "mill"]


def test_passages_are_hits_without_collapse(server: Server) -> None:
    response = server.search.Search(request(collapse="COLLAPSE_NONE", page_size=5))
    assert len(response.hits) == 5


def test_a_document_finds_others_like_it(server: Server) -> None:
    query = pb.Query(document_id="venice")
    response = server.search.Search(pb.SearchRequest(collection="places", query=query, page_size=3))
    assert ids(response)[0] == "canal"
    assert "venice" not in ids(response)


def test_a_sparse_query_counts_its_own_weights(server: Server) -> None:
    terms = [
        pb.SparseTerm(term=pb.Term(title="The  GRAND canal"), weight=2.0),
        pb.SparseTerm(term=pb.Term(title="grand CANAL"), weight=3.0),
    ]
    query = pb.Query(sparse_vector=pb.SparseVector(terms=terms))
    response = server.search.Search(pb.SearchRequest(collection="places", query=query))
    scores = {hit.document.id: hit.retrieval_score for hit in response.hits}
    assert scores == {"canal": 3.0}, "a title term has weight 1 and is looked up normalised"


# ---- filters and facets ----


def equals(field: str, **value: Any) -> Any:
    return pb.Filter(equals=pb.Filter.Equals(field=field, value=pb.Value(**value)))


def matching(server: Server, condition: Any) -> set[int]:
    response = server.search.Search(request("bridge", page_size=1000, filter=condition))
    assert response.certificate.exact
    return {int(each[1:]) for each in ids(response) if each[0] == "d"}


def test_filters_select_by_every_type(server: Server) -> None:
    everything = set(range(200))
    red = {number for number in everything if number % 3 == 0}
    assert matching(server, equals("color", keyword="red")) == red
    assert matching(server, equals("tags", keyword="red")) == red
    assert matching(server, equals("number", integer=17)) == {17}
    assert matching(server, equals("even", boolean=True)) == set(range(0, 200, 2))
    assert matching(server, equals("_id", keyword="d017")) == {17}
    some = [pb.Value(integer=number) for number in (3, 5, 999)]
    assert matching(server, pb.Filter(in_values=pb.Filter.In(field="number", values=some))) == {3, 5}
    ratio = pb.Filter.Range(field="ratio", gt=pb.Value(real=1.0), lte=pb.Value(real=2.0))
    assert matching(server, pb.Filter(range=ratio)) == set(range(9, 17))
    since = pb.Value()
    since.timestamp.FromJsonString("1990-01-01T00:00:00Z")
    assert matching(server, pb.Filter(range=pb.Filter.Range(field="built", gte=since))) == set(range(190, 200))
    none = pb.Filter(none_of=pb.Filter.FilterList(filters=[equals("color", keyword=each) for each in COLORS[:2]]))
    assert matching(server, none) == {number for number in everything if number % 3 == 2}
    both = pb.Filter.FilterList(filters=[equals("color", keyword="red"), equals("even", boolean=True)])
    assert matching(server, pb.Filter(all_of=both)) == set(range(0, 200, 6))
    assert matching(server, pb.Filter(exists=pb.Filter.Exists(field="number"))) == everything


def test_a_filter_changes_no_score(server: Server) -> None:
    free = server.search.Search(request(page_size=1000))
    scores = {hit.document.id: bits(hit.retrieval_score) for hit in free.hits}
    filtered = server.search.Search(request(page_size=1000, filter=equals("color", keyword="blue")))
    assert filtered.stats.filtered_documents == 66
    for hit in filtered.hits:
        assert bits(hit.retrieval_score) == scores[hit.document.id]


def test_facets_count_what_the_filter_lets_through_or_the_best_hits(server: Server) -> None:
    facets = [pb.FacetRequest(field="color", limit=2), pb.FacetRequest(field="color", best_hits=20)]
    response = server.search.Search(request(facets=facets, filter=equals("even", boolean=True)))
    wide, best = response.facets
    assert [(each.value.keyword, each.count) for each in wide.values] == [("red", 34), ("blue", 33)]
    assert wide.other_count == 33
    assert sum(each.count for each in best.values) == 20


def test_no_hits_but_facets(server: Server) -> None:
    response = server.search.Search(request(page_size=0, facets=[pb.FacetRequest(field="even")]))
    assert not response.hits
    assert {each.value.boolean: each.count for each in response.facets[0].values} == {True: 100, False: 100}


# ---- explanations ----


def test_an_explanation_sums_to_the_bits_of_the_score(server: Server) -> None:
    explain = pb.ExplainOptions(hits=True)
    response = server.search.Search(request("red river stones by the old bridge", page_size=50, explain=explain))
    assert len(response.hits) == 50
    for hit in response.hits:
        total = 0.0
        for term in hit.explanation.terms:
            (product,) = struct.unpack("<f", bits(term.query_weight * term.stored_weight))
            total += product
            if term.HasField("word"):
                word = hit.document.text.encode()[term.word.begin : term.word.end].decode().lower()
                assert word.startswith(term.term.stem[:3])
        assert bits(total) == bits(hit.retrieval_score) == bits(hit.explanation.retrieval_score)


def test_explanations_say_why_a_document_is_not_there(server: Server) -> None:
    wanted = ["d000", "venice", "nowhere"]
    condition = equals("color", keyword="red")
    explain = pb.ExplainOptions(document_ids=wanted)
    response = server.search.Search(request(filter=condition, page_size=1, explain=explain))
    ranked, filtered, missing = response.explanations
    assert [each.document_id for each in response.explanations] == wanted
    assert ranked.found
    assert ranked.permitted
    assert ranked.retrieval_score < response.hits[0].retrieval_score
    assert filtered.found
    assert not filtered.permitted
    assert not missing.found
    assert all(each.reason for each in response.explanations)


# ---- pages ----


def test_pages_neither_repeat_nor_miss_a_hit(server: Server) -> None:
    whole = ids(server.search.Search(request(page_size=1000)))
    message = request(page_size=17, with_next_page=True)
    paged = []
    while True:
        response = server.search.Search(message)
        paged += ids(response)
        if not response.next_page_token:
            break
        message.page_token = response.next_page_token
    assert paged == whole
    assert len(set(paged)) == len(paged) > 200


def test_a_page_token_belongs_to_its_request(server: Server) -> None:
    token = server.search.Search(request(page_size=2, with_next_page=True)).next_page_token
    code, message = failure(server.search.Search, request("stone", page_size=2, page_token=token))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith("page_token: ")
    code, message = failure(server.search.Search, request(page_token="no token"))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith("page_token: ")


def test_documents_are_listed_page_by_page(server: Server) -> None:
    message = pb.ListDocumentsRequest(collection="places", page_size=60)
    listed = []
    while True:
        response = server.index.ListDocuments(message)
        listed += response.documents
        if not response.next_page_token:
            break
        message.page_token = response.next_page_token
    assert sorted(each.id for each in listed) == sorted(each["_id"] for each in DOCUMENTS)
    assert all(each.text == "" for each in listed)
    message = pb.ListDocumentsRequest(collection="places", page_size=1, read_mask={"paths": ["text"]})
    assert server.index.ListDocuments(message).documents[0].text != ""


# ---- batches ----


def test_a_batch_answers_like_single_searches(server: Server) -> None:
    texts = ["river", "stone bridge", "", "unknownword", "old mill valley"] * 8
    searches = [pb.SearchRequest(query=pb.Query(text=text), page_size=5) for text in texts]
    searches[3].filter.CopyFrom(pb.Filter(range=pb.Filter.Range(field="number")))
    leases = server.metric("foraker_leases")
    batch = server.search.BatchSearch(pb.BatchSearchRequest(collection="places", requests=searches))
    assert len(batch.results) == len(texts)
    for position, (text, result) in enumerate(zip(texts, batch.results, strict=True)):
        if position == 3:
            assert result.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
            assert "filter.range: expected a bound" in result.error.message
            continue
        single = server.search.Search(request(text, page_size=5))
        assert ids(result.response) == ids(single)
        for hit, other in zip(result.response.hits, single.hits, strict=True):
            assert bits(hit.retrieval_score) == bits(other.retrieval_score)
    assert server.metric("foraker_leases") == leases, "the batch gives its snapshot back"


# ---- documents, collections, snapshots ----


def test_documents_come_in_the_order_of_their_ids(server: Server) -> None:
    message = pb.GetDocumentsRequest(collection="places", ids=["venice", "d001", "venice"])
    assert [each.id for each in server.index.GetDocuments(message).documents] == ["venice", "d001", "venice"]
    message = pb.GetDocumentsRequest(collection="places", ids=["venice", "atlantis"])
    code, text = failure(server.index.GetDocuments, message)
    assert code == grpc.StatusCode.NOT_FOUND
    assert "atlantis" in text


def test_a_collection_tells_its_schema_and_size(server: Server) -> None:
    found = server.index.GetCollection(pb.GetCollectionRequest(collection="places"))
    assert found.document_count == len(DOCUMENTS)
    assert found.encoder == "bm25"
    types = {each.name: each.type for each in found.fields}
    types_of = generated_types()
    assert types["number"] == types_of["INTEGER"]
    assert types["built"] == types_of["TIMESTAMP"]
    listed = server.index.ListCollections(pb.ListCollectionsRequest())
    assert [each.name for each in listed.collections] == ["places"]
    code, text = failure(server.index.GetCollection, pb.GetCollectionRequest(collection="films"))
    assert code == grpc.StatusCode.NOT_FOUND
    assert "films" in text


def generated_types() -> dict[str, int]:
    return {name.removeprefix("FIELD_TYPE_"): number for name, number in pb.FieldType.items()}


def test_a_pinned_snapshot_serves_until_it_is_released(server: Server) -> None:
    lease = server.index.Pin(pb.PinRequest(collection="places"))
    assert lease.generation == 1
    assert ids(server.search.Search(request(snapshot=lease.snapshot))) == ids(server.search.Search(request()))
    assert server.metric("foraker_leases") >= 1
    server.index.Release(pb.ReleaseRequest(snapshot=lease.snapshot))
    code, _ = failure(server.search.Search, request(snapshot=lease.snapshot))
    assert code == grpc.StatusCode.FAILED_PRECONDITION


def test_a_lease_that_nobody_uses_expires(server: Server) -> None:
    message = pb.PinRequest(collection="places")
    message.lease.FromMilliseconds(50)
    lease = server.index.Pin(message)
    time.sleep(0.2)
    code, _ = failure(server.search.Search, request(snapshot=lease.snapshot))
    assert code == grpc.StatusCode.FAILED_PRECONDITION


def test_analysis_tells_stems_and_where_they_stand(server: Server) -> None:
    text = "The rivers and the bridges"
    terms = server.search.Analyze(pb.AnalyzeRequest(collection="places", text=text)).terms
    assert [each.term.stem for each in terms] == ["river", "bridg"]
    assert [text[each.range.begin : each.range.end] for each in terms] == ["rivers", "bridges"]
    assert all(each.idf > 0 and each.document_frequency >= 200 for each in terms)


def test_links_name_the_titles_that_a_passage_mentions(server: Server) -> None:
    passages = [pb.PassageName(document_id="venice", passage=0)]
    links = server.search.Links(pb.LinksRequest(collection="places", passages=passages)).links
    text = next(each["text"] for each in DOCUMENTS if each["_id"] == "venice").encode()
    found = {text[each.range.begin : each.range.end].decode(): list(each.document_ids) for each in links}
    assert found["Grand Canal"] == ["canal"]
    assert found["Bridge number 7"] == ["d007"]


def test_the_cost_of_a_search_is_known_before_it_runs(server: Server) -> None:
    predicted = server.search.PredictPostings(pb.PredictPostingsRequest(request=request())).postings
    assert predicted == server.search.Search(request()).stats.postings_predicted > 0


# ---- limits and errors ----


def test_a_scan_that_is_stopped_tells_its_bound(server: Server) -> None:
    whole = server.search.Search(request("river stone bridge", page_size=1000))
    stopped = server.search.Search(request("river stone bridge", page_size=5, max_postings=0))
    assert not stopped.certificate.exact
    found = set(ids(stopped))
    unseen = [hit.retrieval_score for hit in whole.hits if hit.document.id not in found]
    assert stopped.certificate.bound >= max(unseen)


def test_a_deadline_is_kept(server: Server) -> None:
    response = server.search.Search(request(), timeout=5)
    assert response.certificate.exact
    searches = [pb.SearchRequest(query=pb.Query(text="river stone bridge"), page_size=100)] * 1000
    batch = pb.BatchSearchRequest(collection="places", requests=searches)
    started = time.monotonic()
    code, _ = failure(server.search.BatchSearch, batch, timeout=0.005)
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"collection": ""}, "collection: "),
        ({"query": {}}, "query: "),
        ({"page_size": 10001}, "page_size: "),
        ({"collapse": 9}, "collapse: "),
        ({"read_mask": {"paths": ["author"]}}, "read_mask.paths[0]: "),
        ({"query": {"sparse_vector": {"terms": [{"term": {"stem": "a"}, "weight": -1}]}}},
         "query.sparse_vector.terms[0].weight: "),
        ({"query": {"sparse_vector": {"terms": [{"weight": 1}]}}}, "query.sparse_vector.terms[0].term: "),
        ({"filter": {"all_of": {"filters": [{}]}}}, "filter.all_of.filters[0]: "),
        ({"time_limit": {"seconds": -1}}, "time_limit: "),
        ({"facets": [{}]}, "facets[0].field: "),
        ({"snippets": {"count": 100}}, "snippets.count: "),
    ],
)  # fmt: skip
def test_an_error_names_the_field(server: Server, change: dict[str, Any], path: str) -> None:
    message = pb.SearchRequest(**{"collection": "places", "query": {"text": "river"}, **change})
    code, text = failure(server.search.Search, message)
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert text.startswith(path)


@pytest.mark.parametrize(
    "change",
    [
        {"query": {"text": "x" * 65_537}},
        {"explain": {"document_ids": ["d"] * 101}},
        {"facets": [{"field": "color"}] * 17},
        {"field_names": ["f"] * 257},
        {"filter": {"in_values": {"field": "number", "values": [{"integer": 1}] * 10_001}}},
        {"filter": {"equals": {"field": "number", "value": {"keyword": "seven"}}}},
    ],
)
def test_what_exceeds_a_limit_is_refused(server: Server, change: dict[str, Any]) -> None:
    message = pb.SearchRequest(**{"collection": "places", "query": {"text": "river"}, **change})
    assert failure(server.search.Search, message)[0] == grpc.StatusCode.INVALID_ARGUMENT


def test_a_missing_collection_is_not_found(server: Server) -> None:
    message = pb.SearchRequest(collection="films", query=pb.Query(text="river"))
    code, text = failure(server.search.Search, message)
    assert code == grpc.StatusCode.NOT_FOUND
    assert "films" in text


def test_an_option_that_the_server_does_not_know_is_an_error(server: Server) -> None:
    call = server.channel.unary_unary("/foraker.v1.Search/Search")
    newer = request().SerializeToString() + bytes([0xC8, 0x01, 0x01])  # field 25, varint 1
    code, text = failure(call, newer)
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert "unknown field 25" in text
    code, _ = failure(call, b"\xff\xff\xff")
    assert code != grpc.StatusCode.OK


def test_a_request_that_is_too_large_is_refused(server: Server) -> None:
    code, text = failure(server.search.Search, request("x" * (17 << 20)))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in text
    assert len(server.search.Search(request()).hits) == 10
