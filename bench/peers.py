"""Times learned-sparse engines from PyPI and foraker beside each other: one collection, the same queries, one run.

usage: peers.py build ENGINE VECTORS INDEXES       builds and saves a peer's index: kannolo, seismic, bmp8 or bmp32
       peers.py time  VECTORS QUERIES INDEXES [--foraker COMMAND] [--out RESULTS.json] ...

VECTORS   prefix of a collection as raw little-endian CSR (bench/blend_vectors.py writes one): VECTORS.indptr.u64
          (documents + 1), VECTORS.indices.u32 (token ids, ascending in a row), VECTORS.data.f32 (weights), and, where
          ids are not row numbers, VECTORS.perm.u32 (row r is document "d%07d" % perm[r])
QUERIES   JSON lines {"id", "vector": {token: weight}}; --vocabulary, else vocab.jsonl beside VECTORS, has the JSON
          string of token id n in line n
COMMAND   a shell command with the placeholders {queries} (a QUERIES file) and {run} (the TREC run to write), which
          asks every query once unmeasured and once measured, and prints as its last line one JSON object with mean_ms,
          p50_ms, p99_ms, saved_bytes and rss_bytes (when opened, before any query):
            build/foraker bench --data DIR -c C --queries {queries} -k 10 --threads 1 --rounds 1 --json --run {run}

How it measures. Every peer lives in a process of its own that holds its saved index, all pinned to one core (--cpu)
and to one thread; one query a call. A round asks each engine and setting in turn: all queries unmeasured, then all
measured; there are --rounds rounds, so a disturbance hits every engine, and the best counts (least mean). On a busy
machine --realtime (root's) keeps other work off the core. What a peer's Python binding costs is included, converting
queries to its types is not.
Recall@10 is the share of returned documents whose exact score (float64 scan of VECTORS) reaches the tenth best score,
less 1e-5 of it: ties are hits, rounding is forgiven, a quantised engine's errors are not.
Memory: bytes of the saved files; the resident set of a fresh process, for a peer after its imports ("imports"; of
foraker's process all counts as its own) and after loading ("loaded", so "index" is what the index adds); and the
resident set after all queries, anonymous and file-backed pages apart: a mapped index counts the pages it touched.
"""

from __future__ import annotations

import argparse
import collections
import json
import multiprocessing as mp
import os
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from peer_engines import ENGINES, K, Query, Setting
from scipy import sparse

TIE = 1e-5  # relative: float32 sums of some 15 products differ by less
ENOUGH = 0.99
MEMORY_COLUMNS = ("saved", "imports", "loaded", "index", "searched", "anonymous", "file")


class Round(NamedTuple):
    """One engine and setting, once over all queries."""

    ms: list[float]  # a query
    rows: list[list[int]]  # document rows a query, best first


def resident(pid: int | str = "self") -> dict[str, int]:
    """Resident bytes of a process: all, anonymous, file-backed."""
    kib: dict[str, int] = {}
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as lines:
        for line in lines:
            key, _, value = line.partition(":")
            if key in ("VmRSS", "RssAnon", "RssFile"):
                kib[key] = int(value.split()[0]) * 1024
    return {"rss": kib.get("VmRSS", 0), "anonymous": kib.get("RssAnon", 0), "file": kib.get("RssFile", 0)}


def disk_bytes(paths: list[Path]) -> int:
    return sum(
        file.stat().st_size
        for path in paths
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file.is_file()
    )


def load_vectors(prefix: str) -> sparse.csr_matrix:
    """[documents, tokens] float32."""
    indptr = np.fromfile(prefix + ".indptr.u64", np.uint64).astype(np.int64)
    indices = np.fromfile(prefix + ".indices.u32", np.uint32).astype(np.int32)
    data = np.fromfile(prefix + ".data.f32", np.float32)
    return sparse.csr_matrix((data, indices, indptr), shape=(len(indptr) - 1, int(indices.max()) + 1))


def load_queries(path: Path, vocabulary: Path) -> tuple[list[str], list[Query]]:
    with vocabulary.open(encoding="utf-8") as lines:
        token_ids = {json.loads(line): number for number, line in enumerate(lines)}
    names: list[str] = []
    queries: list[Query] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            query = json.loads(line)
            terms = sorted((token_ids[token], weight) for token, weight in query["vector"].items())
            names.append(query["id"])
            queries.append((np.array([t for t, _ in terms], np.int32), np.array([w for _, w in terms], np.float32)))
    return names, queries


class Truth:
    """The exact tenth score of every query, and the exact score of any document."""

    def __init__(self, vectors: sparse.csr_matrix, queries: list[Query]) -> None:
        self.vectors = vectors
        columns = vectors.tocsc()
        width = vectors.shape[1]
        self.dense: list[npt.NDArray[np.float64]] = []
        self.threshold: list[float] = []
        for tokens, weights in queries:
            scores = np.zeros(vectors.shape[0])
            dense = np.zeros(width)
            for token, weight in zip(tokens.tolist(), weights.tolist(), strict=True):
                if token < width:
                    start, end = columns.indptr[token], columns.indptr[token + 1]
                    scores[columns.indices[start:end]] += weight * columns.data[start:end].astype(np.float64)
                    dense[token] = weight
            self.dense.append(dense)
            self.threshold.append(float(np.partition(scores, -K)[-K]) * (1 - TIE))

    def recall(self, rows: list[list[int]]) -> float:
        hits = 0
        for dense, threshold, found in zip(self.dense, self.threshold, rows, strict=True):
            for row in set(found[:K]):
                start, end = self.vectors.indptr[row], self.vectors.indptr[row + 1]
                score = dense[self.vectors.indices[start:end]] @ self.vectors.data[start:end]
                hits += bool(score >= threshold)
        return hits / (K * len(rows))


def serve(engine_name: str, folder: Path, queries: list[Query], pipe: Connection) -> None:
    """A peer's process: loads, reports its memory, then runs a round for every setting it is sent."""
    engine = ENGINES[engine_name]()
    for module in ("kannolo", "seismic", "bmp"):
        if engine_name.startswith(module):
            __import__(module)
    before = resident()
    started = time.perf_counter()
    engine.load(folder)
    pipe.send({"load_s": time.perf_counter() - started, "before": before, "after": resident()})
    prepared = [engine.prepare(query) for query in queries]
    while (setting := pipe.recv()) is not None:
        for query in prepared:
            engine.search(query, setting)
        ms: list[float] = []
        rows: list[list[int]] = []
        for query in prepared:
            start = time.perf_counter()
            found = engine.search(query, setting)
            ms.append((time.perf_counter() - start) * 1e3)
            rows.append(found)
        pipe.send(Round(ms, rows))
    pipe.send(resident())


class Peer:
    """The parent's end of a peer's process."""

    def __init__(self, engine_name: str, folder: Path, queries: list[Query]) -> None:
        context = mp.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(engine_name, folder, queries, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.memory: dict[str, Any] = self.pipe.recv()

    def round(self, setting: Setting) -> Round:
        self.pipe.send(setting)
        return self.pipe.recv()

    def close(self) -> None:
        self.pipe.send(None)
        self.memory["searched"] = self.pipe.recv()
        self.process.join()


class Foraker:
    """Runs the command once a round."""

    def __init__(self, command: str, queries: Path, row_of: dict[str, int], names: list[str], scratch: Path) -> None:
        self.command = command
        self.queries = queries
        self.row_of = row_of
        self.names = names
        self.scratch = scratch

    def run(self, watched: bool) -> tuple[dict[str, Any], dict[str, int]]:
        """What the command printed, and, watched, the highest resident set seen while it ran."""
        run_file = self.scratch / "foraker.run"
        run_file.unlink(missing_ok=True)
        command = self.command.replace("{queries}", str(self.queries)).replace("{run}", str(run_file))
        peak: dict[str, int] = {"rss": 0, "anonymous": 0, "file": 0}
        # `exec` makes the shell become the command, so that the process watched is foraker's.
        with subprocess.Popen("exec " + command, shell=True, stdout=subprocess.PIPE, encoding="utf-8") as process:

            def watch() -> None:
                while process.poll() is None:
                    now = resident(process.pid)
                    if now["rss"] > peak["rss"]:
                        peak.update(now)
                    time.sleep(0.01)

            watcher = threading.Thread(target=watch)
            if watched:
                watcher.start()
            assert process.stdout is not None
            printed = process.stdout.read()
            process.wait()
            if watched:
                watcher.join()
        if process.returncode != 0 or not printed.strip():
            raise RuntimeError(f"foraker's command failed ({process.returncode}): {command}")
        return json.loads(printed.strip().splitlines()[-1]), peak

    def round(self) -> tuple[dict[str, float], list[list[int]]]:
        """Milliseconds by name, and rows a query."""
        printed, _ = self.run(watched=False)
        ms = {name: float(printed[f"{name}_ms"]) for name in ("mean", "p50", "p99")}
        found: dict[str, list[tuple[int, int]]] = collections.defaultdict(list)
        for line in (self.scratch / "foraker.run").read_text(encoding="utf-8").splitlines():
            query, _, document, rank = line.split()[:4]
            found[query].append((int(rank), self.row_of[document]))
        return ms, [[row for _, row in sorted(found[name])] for name in self.names]

    def memory(self) -> dict[str, Any]:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))  # or foraker would keep the watcher off the core
        printed, peak = self.run(watched=True)
        none = {"rss": 0, "anonymous": 0, "file": 0}
        loaded = {"rss": int(printed["rss_bytes"])}
        return {"saved_bytes": int(printed["saved_bytes"]), "before": none, "after": loaded, "searched": peak}


def summary(ms: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(ms)), "p50": float(np.median(ms)), "p99": float(np.percentile(ms, 99))}


def megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def time_engines(args: argparse.Namespace) -> dict[str, Any]:
    os.sched_setaffinity(0, {args.cpu})  # inherited by every process started here
    for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
    names, queries = load_queries(args.queries, args.vocabulary or Path(args.vectors).parent / "vocab.jsonl")
    vectors = load_vectors(args.vectors)
    documents = vectors.shape[0]
    truth = Truth(vectors, queries)
    # A token that no document has is no part of an index, and bmp panics on it.
    present = np.bincount(vectors.indices, minlength=1 + max(int(tokens.max()) for tokens, _ in queries)) > 0
    usable = [(tokens[present[tokens]], weights[present[tokens]]) for tokens, weights in queries]
    print(
        f"{documents} documents, {vectors.nnz / documents:.1f} non-zeros a document, {len(queries)} queries, "
        f"{np.mean([len(t) for t, _ in queries]):.1f} terms a query; exact truth computed",
        flush=True,
    )

    peers: dict[str, Peer] = {}
    saved: dict[str, int] = {}
    for engine_name in args.engine:
        files = ENGINES[engine_name]().files(args.indexes)
        if all(file.exists() for file in files):
            peers[engine_name] = Peer(engine_name, args.indexes, usable)
            saved[engine_name] = disk_bytes(files)
            print(f"loaded {engine_name} in {peers[engine_name].memory['load_s']:.1f} s", flush=True)
        else:
            print(f"without {engine_name}: {files[0]} is missing", flush=True)

    # Nothing but its own engines then runs on the core; a nice value would only rank us within our terminal session.
    if args.realtime:
        for pid in [0] + [peer.process.pid or 0 for peer in peers.values()]:
            os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))  # foraker's process inherits it

    results: dict[str, dict[str, Any]] = {}

    def keep_best(name: str, engine_name: str, ms: dict[str, float], rows: list[list[int]]) -> None:
        entry = results.setdefault(name, {"engine": engine_name, "rounds_mean_ms": [], "mean": float("inf")})
        entry["rounds_mean_ms"].append(ms["mean"])
        if ms["mean"] < entry["mean"]:
            entry.update(ms)
        if "recall" not in entry:
            entry["recall"] = truth.recall(rows)
            entry["short"] = sum(len(found) < K for found in rows)

    with tempfile.TemporaryDirectory() as scratch:
        foraker: Foraker | None = None
        if args.foraker:
            perm = Path(args.vectors + ".perm.u32")
            numbers = np.fromfile(perm, np.uint32) if perm.exists() else None
            ids = (str(r) for r in range(documents)) if numbers is None else (f"d{n:07d}" for n in numbers)
            row_of = {document: row for row, document in enumerate(ids)}
            foraker = Foraker(args.foraker, args.queries, row_of, names, Path(scratch))
        for number in range(args.rounds):
            if foraker:
                keep_best("foraker", "foraker", *foraker.round())
            for engine_name, peer in peers.items():
                engine = ENGINES[engine_name]()
                for setting in engine.settings:
                    done = peer.round(setting)
                    keep_best(engine.name(setting), engine_name, summary(done.ms), done.rows)
            print(f"round {number + 1} of {args.rounds} done", flush=True)
        memory: dict[str, Any] = {}
        for engine_name, peer in peers.items():
            peer.close()
            memory[engine_name] = {"saved_bytes": saved[engine_name], **peer.memory}
        if foraker:
            memory["foraker"] = foraker.memory()
    return {
        "documents": documents,
        "nonzeros": int(vectors.nnz),
        "queries": len(queries),
        "rounds": args.rounds,
        "processor": processor(),
        "load_average": os.getloadavg(),
        "realtime": args.realtime,
        "engines": results,
        "memory": memory,
    }


def processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def table(report: dict[str, Any]) -> str:
    ours = report["engines"].get("foraker", {}).get("mean")
    lines = [
        f"{report['documents']:,} documents, {report['queries']} queries, top {K}, one thread, best of "
        f"{report['rounds']} rounds; {report['processor']}, load {report['load_average'][0]:.1f}, "
        f"{'with' if report['realtime'] else 'without'} realtime priority",
        f"{'engine':26s} {'mean ms':>9s} {'p50':>9s} {'p99':>9s} {'recall@10':>9s} {'x foraker':>9s}"
        "   means of the rounds",
    ]
    for name, entry in report["engines"].items():
        ratio = f"{entry['mean'] / ours:9.2f}" if ours else f"{'-':>9s}"
        rounds = " ".join(f"{ms:.3f}" for ms in entry["rounds_mean_ms"])
        short = f"   {entry['short']} queries short of {K}" if entry["short"] else ""
        lines.append(
            f"{name:26s} {entry['mean']:9.3f} {entry['p50']:9.3f} {entry['p99']:9.3f} {entry['recall']:9.4f} {ratio}"
            f"   {rounds}{short}"
        )
    reach = [
        (entry["mean"], name)
        for name, entry in report["engines"].items()
        if entry["engine"] == "seismic" and entry["recall"] >= ENOUGH
    ]
    if reach:
        fastest, name = min(reach)
        verdict = f", {fastest / ours:.2f} x foraker's" if ours else ""
        lines.append(
            f"of {len(reach)} seismic settings with recall >= {ENOUGH} the fastest is {name}: {fastest:.3f} ms{verdict}"
        )
    lines += [
        "",
        f"{'memory':10s} " + " ".join(f"{column:>12s}" for column in MEMORY_COLUMNS),
    ]
    for name, entry in report["memory"].items():
        before, after, searched = entry["before"], entry["after"], entry["searched"]
        figures = [entry["saved_bytes"], before["rss"], after["rss"], after["rss"] - before["rss"]]
        figures += [searched["rss"], searched["anonymous"], searched["file"]]
        lines.append(f"{name:10s} " + " ".join(f"{megabytes(figure):>12s}" for figure in figures))
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Times learned-sparse engines and foraker side by side.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build and save a peer's index")
    build.add_argument("engine", choices=ENGINES)
    build.add_argument("vectors")
    build.add_argument("indexes", type=Path)
    timing = commands.add_parser("time", help="time the saved peers, and foraker")
    timing.add_argument("vectors")
    timing.add_argument("queries", type=Path)
    timing.add_argument("indexes", type=Path)
    timing.add_argument(
        "--engine", action="append", choices=ENGINES, help="a peer (repeatable); default: all saved ones"
    )
    timing.add_argument("--vocabulary", type=Path)
    timing.add_argument("--foraker", metavar="COMMAND")
    timing.add_argument("--rounds", type=int, default=3)
    timing.add_argument("--realtime", action="store_true", help="keep other work off the core while measuring (root)")
    timing.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    timing.add_argument("--out", type=Path, help="the report as JSON; the table goes beside it as .txt")
    args = parser.parse_args()
    try:
        if args.command == "build":
            args.indexes.mkdir(parents=True, exist_ok=True)
            engine = ENGINES[args.engine]()
            started = time.perf_counter()
            engine.build(load_vectors(args.vectors), args.indexes)
            seconds = time.perf_counter() - started
            print(f"{args.engine}: built in {seconds:.0f} s, {disk_bytes(engine.files(args.indexes)):,} bytes")
            return 0
        args.engine = args.engine or list(ENGINES)
        report = time_engines(args)
        text = table(report)
        print(text, end="")
        if args.out:
            args.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
            args.out.with_suffix(".txt").write_text(text, encoding="utf-8")
    except (OSError, RuntimeError) as error:
        print(f"peers: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
