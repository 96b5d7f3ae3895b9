"""Keys, TLS and the audit log of a server: who gets in, what each may do, and what changes without a restart."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import BINARY, Foraker, write_lines
from grpc_health.v1 import health_pb2, health_pb2_grpc
from service_client import Messages, Server, generated

pb = Messages()
Code = grpc.StatusCode


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Foraker:
    """Collections "books" (alias "shelf") and "films"."""
    folder = tmp_path_factory.mktemp("library")
    foraker = Foraker(folder / "data")
    documents = [{"_id": f"d{n}", "title": f"Note {n}", "text": "A river note of many."} for n in range(20)]
    for name in ("books", "films"):
        foraker.ok("index", "-c", name, "--input", write_lines(folder / f"{name}.jsonl", documents))
    foraker.ok("collections", "alias", "shelf", "books")
    return foraker


class Keys:
    """A file of keys, made with the command line."""

    def __init__(self, foraker: Foraker, path: Path) -> None:
        self.foraker, self.path = foraker, path

    def add(self, name: str, scope: str, *arguments: str) -> str:
        made = self.foraker.json("keys", "add", "--file", self.path, "--name", name, "--scope", scope, *arguments)
        return str(made["token"])


@pytest.fixture
def keys(library: Foraker, tmp_path: Path) -> Keys:
    return Keys(library, tmp_path / "keys.jsonl")


@pytest.fixture
def start(library: Foraker, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def run(*arguments: str, **options: Any) -> Server:
        servers.append(Server(library.data, *arguments, log=tmp_path / f"log{len(servers)}", **options))
        return servers[-1]

    yield run
    for server in servers:
        server.stop()


def bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]


def search(collection: str = "books", **options: Any) -> Any:
    return pb.SearchRequest(collection=collection, query=pb.Query(text="river"), **options)


def put(collection: str = "books", document: str = "new") -> Any:
    write = pb.DocumentWrite(put=pb.Document(id=document, title="New", text="A secret river."))
    return pb.WriteDocumentsRequest(collection=collection, writes=[write])


def code(call: Any, message: Any, token: str | None = None, **options: Any) -> grpc.StatusCode:
    try:
        call(message, metadata=bearer(token) if token else None, **options)
    except grpc.RpcError as error:
        return error.code()
    return Code.OK


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def serve_error(*arguments: str | Path) -> tuple[int, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FORAKER")}
    command = [str(BINARY), "serve", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=clean, check=False)
    return done.returncode, done.stderr


# ---- keys ----


def test_without_a_valid_key_nothing_but_health_and_probes_answers(start: Callable[..., Server], keys: Keys) -> None:
    token = keys.add("reader", "read-only")
    server = start("--set", f"server.keys_file={keys.path}")
    calls = [
        (server.search.Search, search()),
        (server.index.GetCollection, pb.GetCollectionRequest(collection="nothing")),
        (server.index.ListCollections, pb.ListCollectionsRequest()),
        (server.index.WriteDocuments, put()),
        (server.index.DropCollection, pb.DropCollectionRequest(collection="films")),
    ]
    sentences = set()
    for call, message in calls:
        for metadata in (None, bearer("fk_wrong"), [("api-key", token + "x")], [("authorization", token)]):
            with pytest.raises(grpc.RpcError) as raised:
                call(message, metadata=metadata)
            assert raised.value.code() == Code.UNAUTHENTICATED
            sentences.add(raised.value.details())
    assert len(sentences) == 1, "nothing tells no key from a wrong one"
    with pytest.raises(grpc.RpcError) as raised:
        list(server.index.StreamDocuments(iter([put()])))
    assert raised.value.code() == Code.UNAUTHENTICATED
    health = health_pb2_grpc.HealthStub(server.channel)
    assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING
    assert [server.http(path)[0] for path in ("/livez", "/healthz", "/readyz", "/metrics")] == [200] * 4
    status, text = server.http("/v1/collections/books:search", {"query": {"text": "river"}})
    assert (status, json.loads(text)["status"]) == (401, "UNAUTHENTICATED")
    for metadata in (bearer(token), [("api-key", token)]):
        assert server.search.Search(search(), metadata=metadata).hits


def http(server: Server, path: str, headers: dict[str, str], body: Any = None) -> int:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{server.http_address}{path}", data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_scope_is_what_a_key_may_do_over_grpc_and_http(start: Callable[..., Server], keys: Keys) -> None:
    tokens = {scope: keys.add(scope, scope) for scope in ("read-only", "read-write", "admin")}
    server = start("--set", f"server.keys_file={keys.path}")
    matching = pb.Filter(equals=pb.Filter.Equals(field="_id", value=pb.Value(keyword="nobody")))
    needs = {
        "read-only": [
            (server.search.Search, search()),
            (server.search.Analyze, pb.AnalyzeRequest(collection="books", text="river")),
            (server.index.GetDocuments, pb.GetDocumentsRequest(collection="books", ids=["d1"])),
            (server.index.ListDocuments, pb.ListDocumentsRequest(collection="books")),
            (server.index.Pin, pb.PinRequest(collection="books")),
        ],
        "read-write": [
            (server.index.WriteDocuments, put()),
            (server.index.DeleteDocuments, pb.DeleteDocumentsRequest(collection="books", filter=matching)),
        ],
        "admin": [
            (server.index.FlushCollection, pb.FlushCollectionRequest(collection="books")),
            (server.index.SetAlias, pb.SetAliasRequest(alias="shelf", collection="books")),
        ],
    }
    order = list(tokens)
    for needed, calls in needs.items():
        for call, message in calls:
            for scope, token in tokens.items():
                expected = Code.OK if order.index(scope) >= order.index(needed) else Code.PERMISSION_DENIED
                assert code(call, message, token) == expected, (needed, scope, message)
    with pytest.raises(grpc.RpcError) as raised:
        server.index.WriteDocuments(put(), metadata=bearer(tokens["read-only"]))
    assert raised.value.details() == "WriteDocuments needs a key of scope read-write; this one is read-only"
    query = {"query": {"text": "river"}}
    header = {"Authorization": f"Bearer {tokens['read-only']}"}
    assert http(server, "/v1/collections/books:search", header, query) == 200
    assert http(server, "/v1/collections/books:search", {"Api-Key": tokens["read-only"]}, query) == 200
    assert http(server, "/v1/collections/books:flush", header, {}) == 403


def test_a_bound_key_reaches_its_collection_by_name_and_alias_alone(start: Callable[..., Server], keys: Keys) -> None:
    token = keys.add("books", "admin", "--collection", "book*")
    server = start("--set", f"server.keys_file={keys.path}")
    assert code(server.search.Search, search("books"), token) == Code.OK
    assert code(server.search.Search, search("shelf"), token) == Code.OK
    assert code(server.search.Search, search("films"), token) == Code.PERMISSION_DENIED
    assert code(server.search.Search, search("nothing"), token) == Code.PERMISSION_DENIED
    assert code(server.search.Search, search("bookmarks"), token) == Code.NOT_FOUND
    batch = pb.BatchSearchRequest(collection="films", requests=[search("")])
    assert code(server.search.BatchSearch, batch, token) == Code.PERMISSION_DENIED
    assert code(server.index.WriteDocuments, put("films"), token) == Code.PERMISSION_DENIED
    drop = pb.DropCollectionRequest(collection="films")
    assert code(server.index.DropCollection, drop, token) == Code.PERMISSION_DENIED
    # An alias of an own name that leads elsewhere would be a way around the binding.
    aliased = pb.SetAliasRequest(alias="book-films", collection="films")
    assert code(server.index.SetAlias, aliased, token) == Code.PERMISSION_DENIED
    created = pb.CreateCollectionRequest(collection="other")
    assert code(server.index.CreateCollection, created, token) == Code.PERMISSION_DENIED
    listed = server.index.ListCollections(pb.ListCollectionsRequest(), metadata=bearer(token))
    assert [each.name for each in listed.collections] == ["books"]


def test_keys_change_without_a_restart_and_a_broken_file_keeps_them(start: Callable[..., Server], keys: Keys) -> None:
    first = keys.add("first", "read-only")
    server = start("--set", f"server.keys_file={keys.path}")
    second = keys.add("second", "read-only")
    wait_for(lambda: code(server.search.Search, search(), second) == Code.OK)
    keys.foraker.ok("keys", "remove", "--file", keys.path, "--name", "first")
    wait_for(lambda: code(server.search.Search, search(), first) == Code.UNAUTHENTICATED)
    keys.path.write_text("broken\n")
    wait_for(lambda: bool(server.logs("reload_failed")))
    assert "keys.jsonl:1: expected a JSON object" in server.logs("reload_failed")[0]["message"]
    assert code(server.search.Search, search(), second) == Code.OK
    time.sleep(2)
    assert len(server.logs("reload_failed")) == 1, "it is said once"


def test_an_expired_key_is_no_key(start: Callable[..., Server], keys: Keys) -> None:
    token = keys.add("brief", "read-only", "--expires", "3s")
    server = start("--set", f"server.keys_file={keys.path}")
    wait_for(lambda: code(server.search.Search, search(), token) == Code.UNAUTHENTICATED)


def test_one_admin_key_can_stand_in_the_environment(start: Callable[..., Server], library: Foraker) -> None:
    server = start(environment={"FORAKER__SERVER__API_KEY": "a-long-secret"})
    assert code(server.search.Search, search()) == Code.UNAUTHENTICATED
    flush = pb.FlushCollectionRequest(collection="books")
    assert code(server.index.FlushCollection, flush, "a-long-secret") == Code.OK
    found = library.json("search", "-c", "books", "river", "--server", server.address, "--key", "a-long-secret")
    assert found["hits"]
    assert "a valid key is needed" in library.error(1, "search", "-c", "books", "river", "--server", server.address)


def test_quotas_hold_a_key_and_no_other(start: Callable[..., Server], keys: Keys) -> None:
    slow = keys.add("slow", "read-only", "--requests-per-second", "5")
    scans = keys.add("scans", "read-only", "--postings-per-second", "10")
    free = keys.add("free", "read-only")
    server = start("--set", f"server.keys_file={keys.path}")
    codes = [code(server.search.Search, search(), slow) for _ in range(30)]
    assert set(codes) == {Code.OK, Code.RESOURCE_EXHAUSTED}
    assert codes[:5] == [Code.OK] * 5, "a second's worth may come at once"
    with pytest.raises(grpc.RpcError) as raised:
        for _ in range(20):
            server.search.Search(search(), metadata=bearer(scans))
    assert raised.value.code() == Code.RESOURCE_EXHAUSTED
    assert int(dict(raised.value.trailing_metadata())["retry-after-ms"]) > 0
    assert [code(server.search.Search, search(), free) for _ in range(30)] == [Code.OK] * 30


# ---- addresses ----


def test_an_address_that_others_reach_needs_keys_and_wants_tls(
    start: Callable[..., Server], keys: Keys, library: Foraker
) -> None:
    exit_code, error = serve_error("--data", library.data, "--listen", "0.0.0.0:0")
    assert exit_code == 2
    assert "there are no keys" in error
    token = keys.add("reader", "read-only")
    server = start("--set", f"server.keys_file={keys.path}", listen="0.0.0.0:0")
    assert server.logs("keys_in_plain_text"), "a warning"
    local = grpc.insecure_channel(server.address.replace("0.0.0.0", "127.0.0.1"))
    stub = generated()["search_pb2_grpc"].SearchStub(local)
    assert code(stub.Search, search()) == Code.UNAUTHENTICATED
    assert code(stub.Search, search(), token) == Code.OK


def test_wrong_files_are_one_clear_line_at_the_start(library: Foraker, keys: Keys, tmp_path: Path) -> None:
    exit_code, error = serve_error("--data", library.data, "--set", f"server.keys_file={tmp_path}/none")
    assert exit_code == 2
    assert "server.keys_file" in error
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate\n")
    files = ["--set", f"server.tls_cert={wrong}", "--set", f"server.tls_key={wrong}"]
    exit_code, error = serve_error("--data", library.data, *files)
    assert exit_code == 2
    assert f"server.tls_cert: cannot use {wrong}" in error
    exit_code, error = serve_error("--data", library.data, "--set", f"server.tls_cert={wrong}")
    assert "belong together" in error


# ---- TLS ----


class Authority:
    """A certificate authority of the test's own, and certificates that it signed."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.cert, self.key = folder / f"{name}.crt", folder / f"{name}.key"
        subject = ["-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE"]
        self._openssl("req", "-x509", *self._new(self.key), *subject, "-days", "2", "-out", str(self.cert))

    def sign(self, name: str) -> tuple[Path, Path]:
        """Certificate and key, for 127.0.0.1."""
        cert, key, request = (self.folder / f"{name}.{end}" for end in ("crt", "key", "csr"))
        extension = self.folder / f"{name}.ext"
        extension.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        self._openssl("req", *self._new(key), "-subj", f"/CN={name}", "-out", str(request))
        signer = ["-CA", str(self.cert), "-CAkey", str(self.key), "-CAcreateserial"]
        made = ["-days", "2", "-extfile", str(extension), "-out", str(cert)]
        self._openssl("x509", "-req", "-in", str(request), *signer, *made)
        return cert, key

    @staticmethod
    def _new(key: Path) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key)]

    @staticmethod
    def _openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)


def tls_search(server: Server, ca: Authority, own: tuple[Path, Path] | None = None) -> grpc.StatusCode:
    chain = own[0].read_bytes() if own else None
    private = own[1].read_bytes() if own else None
    credentials = grpc.ssl_channel_credentials(ca.cert.read_bytes(), private, chain)
    with grpc.secure_channel(server.address, credentials) as channel:
        return code(generated()["search_pb2_grpc"].SearchStub(channel).Search, search(), timeout=10)


def https(server: Server, ca: Authority, path: str, own: tuple[Path, Path] | None = None) -> int:
    context = ssl.create_default_context(cafile=str(ca.cert))
    if own:
        context.load_cert_chain(str(own[0]), str(own[1]))
    try:
        with urllib.request.urlopen(f"https://{server.http_address}{path}", timeout=10, context=context) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def tls_settings(cert: Path, key: Path, client_ca: Path | None = None) -> list[str]:
    settings = ["--set", f"server.tls_cert={cert}", "--set", f"server.tls_key={key}"]
    return [*settings, "--set", f"server.tls_client_ca={client_ca}"] if client_ca else settings


def test_tls_serves_those_who_trust_it_and_takes_a_new_certificate(
    start: Callable[..., Server], library: Foraker, tmp_path: Path
) -> None:
    ca, other = Authority(tmp_path / "ca", "ca"), Authority(tmp_path / "other", "other")
    cert, key = ca.sign("server")
    server = start(*tls_settings(cert, key))
    assert tls_search(server, ca) == Code.OK
    assert tls_search(server, other) == Code.UNAVAILABLE
    assert code(server.search.Search, search(), timeout=10) == Code.UNAVAILABLE, "plain text"
    assert https(server, ca, "/v1/collections/books") == 200
    found = library.json("search", "-c", "books", "river", "--server", server.address, "--tls-ca", ca.cert)
    assert found["hits"]
    # A certificate of another authority takes the place of the first.
    new_cert, new_key = other.sign("renewed")
    key.write_bytes(new_key.read_bytes())
    cert.write_bytes(new_cert.read_bytes())
    wait_for(lambda: tls_search(server, other) == Code.OK)
    wait_for(lambda: server.logs("reloaded") != [])
    assert https(server, other, "/v1/collections/books") == 200


def test_mutual_tls_asks_clients_for_a_certificate(
    start: Callable[..., Server], library: Foraker, tmp_path: Path
) -> None:
    ca, clients = Authority(tmp_path / "ca", "ca"), Authority(tmp_path / "clients", "clients")
    cert, key = ca.sign("server")
    known, stranger = clients.sign("client"), ca.sign("stranger")
    server = start(*tls_settings(cert, key, clients.cert))
    assert tls_search(server, ca, known) == Code.OK
    assert tls_search(server, ca) == Code.UNAVAILABLE
    assert tls_search(server, ca, stranger) == Code.UNAVAILABLE
    assert https(server, ca, "/v1/collections/books", known) == 200
    assert https(server, ca, "/v1/collections/books") == 401
    assert https(server, ca, "/readyz") == 200, "who probes has no certificate"
    own = ["--tls-cert", str(known[0]), "--tls-key", str(known[1])]
    arguments = ["search", "-c", "books", "river", "--server", server.address, "--tls-ca", str(ca.cert)]
    assert library.json(*arguments, *own)["hits"]
    assert "cannot reach" in library.error(1, *arguments)


# ---- the audit log ----


def test_changes_and_refusals_are_audited_and_contents_are_not(
    start: Callable[..., Server], keys: Keys, tmp_path: Path
) -> None:
    token = keys.add("writer", "read-write")
    audit = tmp_path / "audit.jsonl"
    server = start("--set", f"server.keys_file={keys.path}", "--set", f"log.audit_file={audit}")
    named = [*bearer(token), ("x-request-id", "trace-9")]
    server.index.WriteDocuments(put(), metadata=named)
    server.search.Search(search(), metadata=named)
    drop = pb.DropCollectionRequest(collection="films")
    assert code(server.index.DropCollection, drop, token) == Code.PERMISSION_DENIED
    assert code(server.search.Search, search(), "fk_guess") == Code.UNAUTHENTICATED
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    told = [(line["key"], line["method"], line["collection"], line["code"]) for line in lines]
    assert told == [
        ("writer", "WriteDocuments", "books", "OK"),
        ("writer", "DropCollection", "", "PERMISSION_DENIED"),
        ("", "Search", "", "UNAUTHENTICATED"),
    ]
    assert lines[0]["writes"] == 1
    assert lines[0]["request_id"] == "trace-9"
    assert lines[0]["peer"].startswith("ipv4:127.0.0.1")
    assert "secret" not in audit.read_text()
    assert token not in audit.read_text()
    # Rotation: renamed, then SIGHUP.
    audit.rename(tmp_path / "audit.1")
    server.process.send_signal(signal.SIGHUP)
    wait_for(audit.exists)
    server.index.WriteDocuments(put(document="another"), metadata=named)
    assert len(audit.read_text().splitlines()) == 1
