"""The command line on small collections: building, searching, filters, maintenance, and what it says about mistakes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Foraker, write_lines

ANIMALS: list[dict[str, Any]] = [
    {"_id": "fox", "title": "Red fox", "text": "The red fox is a hunter of mice. It hunts at dusk.", "legs": 4,
     "kind": "mammal", "weight": 8.5, "wild": True, "tags": ["forest", "field"]},
    {"_id": "hen", "title": "Hen", "text": "A hen lays eggs and fears the fox.", "legs": 2, "kind": "bird",
     "weight": 2.5, "wild": False, "tags": ["farm"]},
    {"_id": "mouse", "title": "House mouse", "text": "Mice eat seeds. The mouse fears owls and foxes.", "legs": 4,
     "kind": "mammal", "weight": 0.02, "wild": True},
    {"_id": "trout", "title": "Trout", "text": "A fish of cold rivers.", "legs": 0, "kind": "fish", "weight": 1.0,
     "wild": True, "seen": "2024-05-01T10:00:00Z"},
]  # fmt: skip


@pytest.fixture
def animals(foraker: Foraker, tmp_path: Path) -> Foraker:
    path = write_lines(tmp_path / "animals.jsonl", ANIMALS)
    foraker.ok("index", "-c", "animals", "--input", path, "--field", "seen:timestamp")
    return foraker


def ids(result: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in result["hits"]]


# ---- searching ----


def test_search_json_holds_hits_certificate_and_timing(animals: Foraker) -> None:
    result = animals.json("search", "-c", "animals", "hunting foxes", "-k", "2")
    assert ids(result) == ["fox", "hen"] or ids(result) == ["fox", "mouse"]
    best = result["hits"][0]
    assert best["title"] == "Red fox"
    assert best["text"].startswith("The red fox")
    assert best["fields"]["tags"] == ["forest", "field"]
    assert best["score"] > result["hits"][1]["score"]
    assert result["exact"] is True
    assert result["timing"]["total_ms"] > 0
    assert result["stats"]["terms_known"] == 2


def test_search_for_people_shows_titles_and_ids(animals: Foraker) -> None:
    text = animals.ok("search", "-c", "animals", "hunting", "foxes")
    assert "Red fox" in text
    assert "among 4 documents" in text
    assert "\033" not in text, "no colour in a pipe"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('kind = "mammal"', {"fox", "mouse"}),
        ('kind != "mammal"', {"hen"}),
        ("legs > 2", {"fox", "mouse"}),
        ("legs >= 2 and legs < 4", {"hen"}),
        ("weight < 3 and not wild = true", {"hen"}),
        ("kind in ('bird', 'fish') or weight <= 0.02", {"hen", "mouse"}),
        ('kind not in ("bird")', {"fox", "mouse"}),
        ("exists(tags)", {"fox", "hen"}),
        ("NOT EXISTS(tags)", {"mouse"}),
        ('tags = "field"', {"fox"}),
        ('_id in ("hen", "none")', {"hen"}),
        ("wild = true and (legs = 0 or `legs` = 4)", {"fox", "mouse"}),
    ],
)
def test_filters_permit_what_they_say(animals: Foraker, expression: str, expected: set[str]) -> None:
    assert set(ids(animals.json("search", "-c", "animals", "fox fears", "--filter", expression))) == expected


def test_timestamps_compare_in_filters(animals: Foraker) -> None:
    query = ("search", "-c", "animals", "fish", "--filter")
    assert ids(animals.json(*query, 'seen > timestamp("2024-04-30")')) == ["trout"]
    assert ids(animals.json(*query, 'seen > timestamp("2024-05-01T12:00:00+02:00")')) == []


@pytest.mark.parametrize(
    ("expression", "column", "expected"),
    [
        ("", 1, ""),
        ("kind", 5, "expected =, !=, <, <=, >, >="),
        ('kind = "mammal', 8, "no closing"),
        ("kind = mammal", 8, "expected a value"),
        ("(legs > 1", 10, 'or ")"'),
        ("legs > 1 legs", 10, 'expected "and"'),
        ("legs ? 1", 6, "unexpected character"),
        ("legs > 1x", 8, "is no number"),
        ("not " * 40 + "legs > 1", 129, "deeper"),
        ('seen > timestamp("yesterday")', 18, "2024-05-01"),
    ],
)
def test_filter_mistakes_name_the_column(animals: Foraker, expression: str, column: int, expected: str) -> None:
    if not expression:
        return  # an empty filter is none
    line = animals.error(2, "search", "-c", "animals", "fox", "--filter", expression)
    assert f"column {column}:" in line
    assert expected in line


def test_a_filter_on_an_unknown_field_is_an_error(animals: Foraker) -> None:
    assert "colour" in animals.error(2, "search", "-c", "animals", "fox", "--filter", 'colour = "red"')


def test_facets_count_what_passes_the_filter(animals: Foraker) -> None:
    result = animals.json("search", "-c", "animals", "fox", "--facet", "kind", "--filter", "wild = true")
    assert result["facets"] == [
        {"field": "kind", "values": [{"value": "mammal", "count": 2}, {"value": "fish", "count": 1}], "other": 0}
    ]
    cut = animals.json("search", "-c", "animals", "fox", "--facet", "kind:1")
    assert cut["facets"][0]["other"] == 2


def test_explanations_add_up_to_the_score(animals: Foraker) -> None:
    result = animals.json("search", "-c", "animals", "fox hunting mice", "--explain", "--explain-id", "trout")
    for hit in result["hits"]:
        terms = hit["explanation"]["terms"]
        assert sum(term["query_weight"] * term["stored_weight"] for term in terms) == pytest.approx(
            hit["score"], rel=1e-6
        )
    (missing,) = result["explanations"]
    assert missing["id"] == "trout"
    assert missing["found"] is True
    assert missing["score"] == 0
    assert missing["reason"]
    assert "fox" in animals.ok("search", "-c", "animals", "fox", "--explain")


def test_snippets_highlight_the_words_that_matched(animals: Foraker) -> None:
    result = animals.json("search", "-c", "animals", "mice", "--snippet", "60", "-k", "1")
    (snippet,) = result["hits"][0]["snippets"]
    text = snippet["text"].encode()
    words = {text[begin:end].decode().lower() for begin, end in snippet["highlights"]}
    assert words <= {"mice", "mouse"}
    assert words


def test_pages_continue_where_the_last_one_ended(animals: Foraker, serve: Any) -> None:
    query = ("search", "-c", "animals", "fox fears mice", "-k")
    everything = ids(animals.json(*query, "10"))
    assert len(everything) == 3
    paged = [ids(animals.json(*query, "1", "--page", str(page))) for page in range(1, 5)]
    assert paged == [*([name] for name in everything), []]
    server = ("--server", serve(animals.data))
    page = animals.json(*query, "1", *server, "--next-page")
    seen = ids(page)
    while page.get("next_page_token"):
        page = animals.json(*query, "1", *server, "--page-token", page["next_page_token"])
        seen += ids(page)
    assert seen == everything


def test_like_leaves_the_document_itself_out(animals: Foraker) -> None:
    found = ids(animals.json("search", "-c", "animals", "--like", "fox"))
    assert "fox" not in found
    assert found


def test_get_and_list_return_documents(animals: Foraker) -> None:
    hen, fox = animals.json_lines("get", "-c", "animals", "hen", "fox")
    assert (hen["id"], fox["id"]) == ("hen", "fox")
    assert hen["fields"]["wild"] is False
    assert "'ox'" in animals.error(2, "get", "-c", "animals", "ox") or "ox" in animals.error(
        2, "get", "-c", "animals", "ox"
    )
    listed = animals.json_lines("list", "-c", "animals", "--page-size", "2", "--all")
    assert sorted(document["id"] for document in listed) == ["fox", "hen", "mouse", "trout"]
    assert "Red fox" in animals.ok("list", "-c", "animals")


def test_searching_a_server_gives_what_the_directory_gives(animals: Foraker, serve: Any) -> None:
    query = ("search", "-c", "animals", "fox fears mice", "--explain", "--snippet", "80", "--facet", "kind")
    local = animals.json(*query)
    remote = animals.json(*query, "--server", serve(animals.data))
    for result in (local, remote):
        del result["timing"]
    assert remote == local


def test_a_server_picks_up_a_new_generation(animals: Foraker, serve: Any, tmp_path: Path) -> None:
    server = serve(animals.data, "--read-only")
    more = write_lines(tmp_path / "more.jsonl", [{"_id": "wolf", "title": "Wolf", "text": "A wolf howls."}])
    animals.ok("index", "-c", "animals", "--input", more)
    for _ in range(50):
        if ids(animals.json("search", "-c", "animals", "howls", "--server", server)) == ["wolf"]:
            return
    pytest.fail("the server still answers from the old generation")


# ---- building ----


def test_an_existing_id_is_replaced(animals: Foraker, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "new.jsonl", [{"_id": "hen", "title": "Hen", "text": "Now it swims."}])
    report = animals.json("index", "-c", "animals", "--input", path)
    assert (report["documents"], report["replaced"], report["generation"]) == (1, 1, 2)
    assert ids(animals.json("search", "-c", "animals", "swims")) == ["hen"]
    assert "hen" not in ids(animals.json("search", "-c", "animals", "eggs"))


def test_the_same_inputs_again_change_nothing(animals: Foraker, tmp_path: Path) -> None:
    report = animals.json("index", "-c", "animals", "--input", tmp_path / "animals.jsonl", "--field", "seen:timestamp")
    assert report["already_built"] is True
    assert report["generation"] == 1


def test_gzip_and_standard_input_read_as_the_plain_file(foraker: Foraker, tmp_path: Path) -> None:
    lines = "".join(json.dumps(document) + "\n" for document in ANIMALS)
    packed = tmp_path / "animals.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    foraker.ok("index", "-c", "packed", "--input", packed)
    foraker.ok("index", "-c", "piped", "--input", "-", stdin=lines)
    packed_result, piped_result = (foraker.json("search", "-c", name, "fox fears mice") for name in ("packed", "piped"))
    assert packed_result["hits"] == piped_result["hits"]


def test_bad_lines_are_reported_counted_and_skipped(foraker: Foraker, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(
        '{"_id": "a", "text": "one"}\n{"_id": "b", "text"\n{"text": "no id"}\n{"_id": "c", "text": "two"}\n'
    )
    done = foraker.run("index", "-c", "some", "--input", path, "--json")
    assert done.returncode == 0
    assert f"{path}:2: " in done.stderr
    assert f"{path}:3: " in done.stderr
    report = json.loads(done.stdout)
    assert (report["documents"], report["rejected"]) == (2, 2)


def test_strict_stops_at_the_first_bad_line(foraker: Foraker, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"_id": "a", "text": "one"}\n{"_id": "b", "text": 5}\n')
    assert f"{path}:2: " in foraker.error(2, "index", "-c", "some", "--input", path, "--strict")


def test_imported_vectors_are_searched_by_their_tokens(foraker: Foraker, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "vectors.jsonl",
        [{"id": "a", "vector": {"cat": 2.0, "##s": 0.5}}, {"id": "b", "vector": {"cat": 1.0, "dog": 3.0}}],
    )
    foraker.ok("index", "-c", "vectors", "--vectors", "--input", path)
    result = foraker.json("search", "-c", "vectors", "--vector", '{"cat": 1.5, "dog": 0.25}')
    assert [(hit["id"], hit["score"]) for hit in result["hits"]] == [("a", 3.0), ("b", 2.25)]


def test_a_weight_that_cannot_be_stored_names_id_and_term(foraker: Foraker, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "vectors.jsonl", [{"id": "a", "vector": {"cat": 1e-9, "dog": 1}}])
    line = foraker.error(2, "index", "-c", "v", "--vectors", "--strict", "--input", path)
    assert "cat" in line
    report = foraker.json("index", "-c", "v", "--vectors", "--drop-small-weights", "--restart", "--input", path)
    assert (report["documents"], report["dropped_terms"]) == (1, 1)


# ---- maintenance ----


def test_shards_attached_answer_as_the_single_build(foraker: Foraker, tmp_path: Path) -> None:
    words = ["red", "fox", "hen", "egg", "owl", "seed", "river", "trout"]
    documents = [
        {"_id": f"d{i}", "title": f"number {i}", "text": " ".join(words[(i * k) % len(words)] for k in range(1, 9))}
        for i in range(200)
    ]
    path = write_lines(tmp_path / "many.jsonl", documents)
    foraker.ok("index", "-c", "many", "--input", path)
    shards = [tmp_path / f"shard{i}" for i in range(4)]
    for i, shard in enumerate(shards):
        foraker.ok("index", "-c", "many", "--input", path, "--shard", f"{i}/4", data=shard)
    report = foraker.json("collections", "attach", "together", *shards)
    assert report["documents"] == 200
    for query in ("red fox", "owl seed trout", "number 7"):
        single, together = (foraker.json("search", "-c", name, query, "-k", "50") for name in ("many", "together"))
        assert [(hit["id"], hit["score"]) for hit in single["hits"]] == [
            (hit["id"], hit["score"]) for hit in together["hits"]
        ]


def test_aliases_name_a_collection_until_they_are_removed(animals: Foraker) -> None:
    animals.ok("collections", "alias", "zoo", "animals")
    assert ids(animals.json("search", "-c", "zoo", "howling fox"))
    assert animals.json("collections", "show", "zoo")["aliases"] == ["zoo"]
    animals.ok("collections", "alias", "zoo", "--remove")
    assert "zoo" in animals.error(2, "search", "-c", "zoo", "fox")


def test_a_snapshot_restores_what_was_there(animals: Foraker, tmp_path: Path) -> None:
    animals.ok("collections", "snapshot", "animals", "before")
    path = write_lines(tmp_path / "new.jsonl", [{"_id": "hen", "title": "Hen", "text": "Now it swims."}])
    animals.ok("index", "-c", "animals", "--input", path)
    animals.ok("collections", "restore", "animals", "before", "--as", "old")
    assert "hen" in ids(animals.json("search", "-c", "old", "eggs"))
    assert "hen" not in ids(animals.json("search", "-c", "animals", "eggs"))
    animals.ok("collections", "restore", "animals", "before")
    assert "hen" in ids(animals.json("search", "-c", "animals", "eggs"))
    animals.ok("collections", "snapshot", "animals", "before", "--drop")
    assert animals.json("collections", "show", "animals")["snapshots"] == []


def test_verify_finds_a_flipped_bit(animals: Foraker) -> None:
    assert all(check["ok"] for check in animals.json_lines("collections", "verify", "animals"))
    (segment,) = animals.data.glob("collections/animals/*.seg")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.chmod(0o644)
    segment.write_bytes(content)
    assert segment.name in animals.run("collections", "verify", "animals").stdout
    assert "damaged" in animals.error(1, "collections", "verify", "animals")


def test_drop_deletes_the_files(animals: Foraker) -> None:
    animals.ok("collections", "drop", "animals")
    assert not list(animals.data.glob("collections/**/*.seg"))
    assert "animals" in animals.error(2, "search", "-c", "animals", "fox")
    assert animals.ok("collections", "show") == "no collections\n"


def test_collections_are_shown_with_their_sizes(animals: Foraker) -> None:
    (shown,) = animals.json_lines("collections", "show")
    assert (shown["name"], shown["documents"], shown["generation"]) == ("animals", 4, 1)
    shown = animals.json("collections", "show", "animals")
    assert shown["fields"]["legs"] == "integer"
    assert shown["fields"]["seen"] == "timestamp"
    assert shown["settings"]
    assert sum(shown["section_bytes"].values()) <= shown["bytes"]
    assert "animals" in animals.ok("collections", "show")
    assert "field legs" in animals.ok("collections", "show", "animals")


# ---- mistakes ----


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["serach"], "did you mean search?"),
        (["search", "-c", "animals", "fox", "--fliter", "x"], "unknown option --fliter (did you mean --filter?)"),
        (["search", "fox"], "--collection"),
        (["search", "-c", "animals", "fox", "-k", "ten"], "-k"),
        (["search", "-c", "animals"], "query"),
        (["search", "-c", "nothing", "fox"], "nothing"),
        (["search", "-c", "animals", "--vector", "[]"], "--vector"),
        (["search", "-c", "animals", "fox", "--page-token", "none"], "page"),
        (["index", "-c", "animals", "--input", "/no/such/file"], "/no/such/file"),
        (["index", "-c", "Not A Name", "--input", "-"], "Not A Name"),
        (["index", "-c", "x", "--shard", "4/4", "--input", "-"], "0 <= I < N"),
        (["index", "-c", "x", "--field", "legs:number", "--input", "-"], "NAME:TYPE"),
        (["index", "-c", "animals", "--k1", "2", "--input", "-"], "k1"),
        (["collections", "alias", "zoo", "nothing"], "nothing"),
        (["collections", "restore", "animals", "nothing"], "nothing"),
        (["eval", "-c", "animals", "--queries", "/no/such/file", "--qrels", "/no/such/file"], "/no/such/file"),
    ],
)
def test_mistakes_are_one_clear_line_and_exit_code_2(animals: Foraker, arguments: list[str], expected: str) -> None:
    assert expected in animals.error(2, *arguments)


def test_a_directory_that_holds_no_data_is_named(foraker: Foraker) -> None:
    assert str(foraker.data) in foraker.error(2, "search", "-c", "animals", "fox")


def test_a_server_that_is_not_there_is_a_failure(foraker: Foraker) -> None:
    assert "127.0.0.1:1" in foraker.error(1, "search", "-c", "animals", "fox", "--server", "127.0.0.1:1")


def test_help_and_version_succeed(foraker: Foraker) -> None:
    assert "collections" in foraker.ok("--help")
    assert "--filter" in foraker.ok("search", "--help")
    assert foraker.ok("--version").startswith("foraker ")
