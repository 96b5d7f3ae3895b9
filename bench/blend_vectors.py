"""Makes set (a) of the benchmark: a large collection of sparse vectors blended from a smaller one of real ones.

usage: blend_vectors.py VECTORS.jsonl[.zst] VOCABULARY.jsonl COPIES OUT

VECTORS      JSON lines {"id": "d0000123", "vector": {token: weight}}: an encoder's output for real texts
VOCABULARY   line n is the JSON string of token id n
COPIES       the documents once as they are, and COPIES - 1 times blended: a copy keeps each of its own terms with
             probability .7, takes each of a random other document's with .2 (the larger weight where both have it), and
             every weight is multiplied by something from [.9, 1.1]. So the skew of document frequencies and the company
             terms keep stay those of real vectors, and no two documents are equal.
OUT          prefix of what is written: OUT.indptr.u64, OUT.indices.u32, OUT.data.f32, OUT.perm.u32 (raw little-endian
             CSR for bench/peers.py) and OUT.jsonl.zst (the same in the form of VECTORS, for foraker's import)

Rows are shuffled, or neighbours would be siblings: row r is document "d%07d" % perm[r], the number it had before. Seeds
are fixed, so the same input gives the same bytes (with the numpy of requirements.txt). Needs zstd. 40 copies of 25,679
documents take some three minutes of one core, nearly all of them for the JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

KEEP, TAKE, JITTER = 0.7, 0.2, 0.1


def read_lines(path: Path) -> Iterator[str]:
    if path.suffix != ".zst":
        with path.open(encoding="utf-8") as plain:
            yield from plain
        return
    with subprocess.Popen(["zstd", "-qdc", str(path)], stdout=subprocess.PIPE, encoding="utf-8") as unpacker:
        assert unpacker.stdout is not None
        yield from unpacker.stdout
    if unpacker.returncode != 0:
        raise OSError(f"zstd could not read {path}")


def read_vectors(path: Path, tokens: list[str]) -> sparse.csr_matrix:
    """[documents, tokens] float32, in the order of the ids."""
    token_ids = {token: number for number, token in enumerate(tokens)}
    rows: list[tuple[str, npt.NDArray[np.int32], npt.NDArray[np.float32]]] = []
    for line in read_lines(path):
        document = json.loads(line)
        vector = document["vector"]
        rows.append(
            (
                document["id"],
                np.fromiter((token_ids[token] for token in vector), np.int32, len(vector)),
                np.fromiter(vector.values(), np.float32, len(vector)),
            )
        )
    rows.sort(key=lambda row: row[0])
    indptr = np.cumsum([0] + [len(indices) for _, indices, _ in rows])
    matrix = sparse.csr_matrix(
        (np.concatenate([data for _, _, data in rows]), np.concatenate([indices for _, indices, _ in rows]), indptr),
        shape=(len(rows), len(tokens)),
    )
    matrix.sort_indices()
    return matrix


def blend(base: sparse.csr_matrix, copies: int) -> sparse.csr_matrix:
    rng = np.random.default_rng(7)
    parts = [base]
    for _ in range(copies - 1):
        own = base.copy()
        own.data = own.data * (rng.random(own.nnz) < KEEP)
        other = base[rng.permutation(base.shape[0])]
        other.data = other.data * (rng.random(other.nnz) < TAKE)
        copy = own.maximum(other)
        copy.eliminate_zeros()
        copy.data = (copy.data * rng.uniform(1 - JITTER, 1 + JITTER, copy.nnz)).astype(np.float32)
        parts.append(copy)
    whole = sparse.vstack(parts).tocsr()
    whole.sort_indices()
    return whole


def write_json(matrix: sparse.csr_matrix, numbers: npt.NDArray[np.uint32], tokens: list[str], path: Path) -> None:
    keys = [json.dumps(token, ensure_ascii=False) + ": " for token in tokens]
    with subprocess.Popen(
        ["zstd", "-q", "-1", "-f", "-o", str(path)], stdin=subprocess.PIPE, encoding="utf-8"
    ) as packer:
        assert packer.stdin is not None
        for row, number in enumerate(numbers.tolist()):
            start, end = matrix.indptr[row], matrix.indptr[row + 1]
            # astype("U") prints the shortest decimals that read back as the same float32.
            weights = matrix.data[start:end].astype("U").tolist()
            terms = [keys[i] + weight for i, weight in zip(matrix.indices[start:end].tolist(), weights, strict=True)]
            packer.stdin.write(f'{{"id": "d{number:07d}", "vector": {{{", ".join(terms)}}}}}\n')
    if packer.returncode != 0:
        raise OSError(f"zstd could not write {path}")


def main() -> int:
    if len(sys.argv) != 5:
        print("blend_vectors: usage: blend_vectors.py VECTORS VOCABULARY COPIES OUT", file=sys.stderr)
        return 2
    _, vectors, vocabulary, copies, out = sys.argv
    try:
        with open(vocabulary, encoding="utf-8") as lines:
            tokens = [json.loads(line) for line in lines]
        whole = blend(read_vectors(Path(vectors), tokens), int(copies))
        order = np.random.default_rng(11).permutation(whole.shape[0])
        whole = whole[order]
        whole.sort_indices()
        whole.indptr.astype(np.uint64).tofile(out + ".indptr.u64")
        whole.indices.astype(np.uint32).tofile(out + ".indices.u32")
        whole.data.tofile(out + ".data.f32")
        order.astype(np.uint32).tofile(out + ".perm.u32")
        write_json(whole, order.astype(np.uint32), tokens, Path(out + ".jsonl.zst"))
    except (OSError, ValueError, KeyError) as error:
        print(f"blend_vectors: {error}", file=sys.stderr)
        return 1
    print(f"{whole.shape[0]} documents, {whole.nnz / whole.shape[0]:.1f} non-zeros each -> {out}.*")
    return 0


if __name__ == "__main__":
    sys.exit(main())
