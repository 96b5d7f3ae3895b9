"""Ranking quality of whole configurations: builds each collection of a folder with each of them,
evaluates its judged queries, and prints nDCG@10 a collection with paired tests against the first.

usage: quality.py --foraker build/foraker --shared ../shared [--work DIR] [--only NAME ...]

A configuration is what `foraker index` is told, and what `foraker eval` is told. Each has a data
directory that is kept, so a second call only evaluates.
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
from dataclasses import dataclass
from typing import Any

COLLECTIONS = (
    "cranfield",
    "nfcorpus-test",
    "scifact",
    "dl19-pool5k",
    "hotpotqa-dev",
    "musique-dev",
)
METRICS = ("nDCG@10", "R@100")


@dataclass(frozen=True)
class Configuration:
    name: str
    documents: tuple[str, ...] = ()  # options of `foraker index` that make a collection
    queries: tuple[tuple[str, str], ...] = ()  # options of `foraker index` that touch no segment
    search: tuple[str, ...] = ()  # options of `foraker eval`
    neural: bool = True


WHOLE = ("--passage-tokens", "none", "--max-encoder-tokens", "256", "--precision", "f32")
QUERY_DEFAULTS = (("--prior-strength", "100"), ("--idf-source", "blend"), ("--stem-weight", "1"))
INT8 = ("--precision", "int8")
OWN = (("--idf-source", "collection"),)
CONFIGURATIONS = (
    Configuration("bm25", neural=False),
    Configuration("whole, table", WHOLE, (("--idf-source", "encoder"),), ("--stem-weight", "0")),
    Configuration("whole, own idf", WHOLE, OWN, ("--stem-weight", "0")),
    Configuration(
        "whole, encoded queries",
        WHOLE,
        OWN,
        ("--stem-weight", "0", "--query-encoding", "encoder"),
    ),
    *(
        Configuration(f"whole, own idf, stems {weight}", WHOLE, OWN, ("--stem-weight", weight))
        for weight in ("0.5", "1.2", "2")
    ),
    Configuration("default", INT8),
    *(
        Configuration(f"stems {weight}", INT8, (), ("--stem-weight", weight))
        for weight in ("0", "0.5", "0.8", "1.2", "1.5", "2")
    ),
    Configuration("table's idf", INT8, (("--idf-source", "encoder"),)),
    *(Configuration(f"prior {strength}", INT8, (("--prior-strength", strength),)) for strength in ("0", "1000")),
    *(
        Configuration(f"learned share {share}", (*INT8, "--learned-share", share))
        for share in ("0.9", "0.8", "0.7", "0.5")
    ),
    Configuration("f32", ("--precision", "f32")),
)


def run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def evaluate(args: argparse.Namespace, collection: str, configuration: Configuration) -> dict[str, Any]:
    """Builds what is not built yet, then measures."""
    source = args.shared / "data" / collection
    build = list(configuration.documents)
    if configuration.neural:
        models = args.shared / "models"
        build += ["--encoder", str(args.encoder or models / "splade-tiny")]
        build += ["--encoder-idf", str(args.idf or models / "idf" / "idf.json")]
    data = args.work / hashlib.sha256(json.dumps(build).encode()).hexdigest()[:16]
    index = [str(args.foraker), "index", "--data", str(data), "--collection", collection, "--json"]
    if not any((data / "collections" / collection).glob("*.seg")):
        run([*index, "--input", str(source / "corpus.jsonl"), *build])
    # An extension by nothing sets the query side: to its defaults, then to what is asked.
    queries = dict((*QUERY_DEFAULTS, *configuration.queries))
    run([*index, "--input", "/dev/null", *(word for pair in queries.items() for word in pair)])
    runs = args.work / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() or c in ".-" else "-" for c in configuration.name)
    command = [
        str(args.foraker),
        "eval",
        "--data",
        str(data),
        "--collection",
        collection,
        "--queries",
        str(source / "queries.jsonl"),
        "--qrels",
        str(source / "qrels.tsv"),
        "--run",
        str(runs / f"{name}.{collection}.run"),
        "--json",
        *configuration.search,
    ]
    baseline = runs / f"{CONFIGURATIONS[0].name}.{collection}.run"
    if configuration is not CONFIGURATIONS[0] and baseline.exists():
        command += ["--against", str(baseline)]
    return run(command)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--foraker", type=pathlib.Path, default=pathlib.Path("build/foraker"))
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/quality"))
    parser.add_argument("--encoder", type=pathlib.Path, help="instead of shared/models/splade-tiny")
    parser.add_argument("--idf", type=pathlib.Path, help="instead of shared/models/idf/idf.json")
    parser.add_argument("--only", nargs="+", help="names of configurations")
    args = parser.parse_args()

    chosen = [c for c in CONFIGURATIONS if args.only is None or c.name in args.only]
    print("| configuration | " + " | ".join(COLLECTIONS) + " | mean nDCG@10 | mean R@100 |")
    print("|---" * (len(COLLECTIONS) + 3) + "|")
    for configuration in chosen:
        results = {c: evaluate(args, c, configuration) for c in COLLECTIONS}
        cells = []
        for result in results.values():
            cell = f"{result['nDCG@10']:.4f}"
            if "against" in result:
                compared = result["against"]["nDCG@10"]
                cell += f" ({compared['difference']:+.3f}, p {compared['p_randomization']:.3f})"
            cells.append(cell)
        means = [sum(r[m] for r in results.values()) / len(results) for m in METRICS]
        print(
            f"| {configuration.name} | "
            + " | ".join(cells)
            + " | "
            + " | ".join(f"{mean:.4f}" for mean in means)
            + " |",
            flush=True,
        )


if __name__ == "__main__":
    main()
