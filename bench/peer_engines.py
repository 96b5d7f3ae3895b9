"""The learned-sparse engines from PyPI that bench/peers.py times, each behind the same few calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

K = 10  # results a query

Query = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]  # token ids ascending, weights [terms]
Setting = tuple[float, ...]


class Engine(Protocol):
    """A peer: `build` leaves `files` in the folder, `load` reads them; `prepare` is outside the measured time."""

    settings: Sequence[Setting]

    def files(self, folder: Path) -> list[Path]: ...
    def build(self, vectors: sparse.csr_matrix, folder: Path) -> None: ...
    def load(self, folder: Path) -> None: ...
    def name(self, setting: Setting) -> str: ...
    def prepare(self, query: Query) -> Any: ...
    def search(self, prepared: Any, setting: Setting) -> list[int]: ...


class Kannolo:
    """Exact: every document is scored."""

    settings: Sequence[Setting] = ((),)

    def files(self, folder: Path) -> list[Path]:
        return [folder / "kannolo.flat"]

    def build(self, vectors: sparse.csr_matrix, folder: Path) -> None:
        import kannolo

        index = kannolo.SparseFlatIndex.build_from_arrays(
            vectors.indices.astype(np.int32), vectors.data, vectors.indptr.astype(np.int64)
        )
        index.save(str(self.files(folder)[0]))

    def load(self, folder: Path) -> None:
        import kannolo

        self.index = kannolo.SparseFlatIndex.load(str(self.files(folder)[0]))

    def name(self, setting: Setting) -> str:
        return "kannolo flat (exact)"

    def prepare(self, query: Query) -> Query:
        return query

    def search(self, prepared: Query, setting: Setting) -> list[int]:
        return [int(i) for i in self.index.search(prepared[0], prepared[1], K)[1]]


class Seismic:
    """Approximate; a setting is (query_cut, heap_factor)."""

    settings: Sequence[Setting] = ((10, 0.9), (10, 0.8), (12, 0.9), (12, 0.8), (15, 0.9), (15, 0.8))

    def files(self, folder: Path) -> list[Path]:
        return [folder / "seismic.index.seismic"]

    def build(self, vectors: sparse.csr_matrix, folder: Path) -> None:
        import seismic

        names = np.array([str(i) for i in range(vectors.shape[1])], dtype=seismic.get_seismic_string())
        dataset = seismic.SeismicDataset()
        for row in range(vectors.shape[0]):
            start, end = vectors.indptr[row], vectors.indptr[row + 1]
            dataset.add_document(str(row), names[vectors.indices[start:end]], vectors.data[start:end])
        index = seismic.SeismicIndex.build_from_dataset(
            dataset, n_postings=4000, centroid_fraction=0.2, summary_energy=0.5, num_threads=2
        )
        index.save(str(folder / "seismic"))

    def load(self, folder: Path) -> None:
        import seismic

        self.type = seismic.get_seismic_string()
        self.index = seismic.SeismicIndex.load(str(self.files(folder)[0]))

    def name(self, setting: Setting) -> str:
        return f"seismic cut={setting[0]} heap={setting[1]}"

    def prepare(self, query: Query) -> Any:
        return np.array([str(i) for i in query[0]], dtype=self.type), query[1]

    def search(self, prepared: Any, setting: Setting) -> list[int]:
        tokens, weights = prepared
        return [int(hit[2]) for hit in self.index.search("q", tokens, weights, K, int(setting[0]), setting[1])]


class Bmp:
    """Block-max pruning over 8-bit impacts; a setting is (alpha,): 1 is its exact mode, up to rounding."""

    settings: Sequence[Setting] = ((1.0,), (0.9,))

    def __init__(self, block: int) -> None:
        self.block = block

    def files(self, folder: Path) -> list[Path]:
        return [folder / f"bmp{self.block}"]

    def build(self, vectors: sparse.csr_matrix, folder: Path) -> None:
        import bmp

        impacts = np.maximum(1, np.rint(vectors.data * (255 / vectors.data.max()))).astype(np.uint8)
        indexer = bmp.Indexer(str(self.files(folder)[0]), bsize=self.block, compress_range=False)
        names = [str(i) for i in range(vectors.shape[1])]
        for row in range(vectors.shape[0]):
            start, end = vectors.indptr[row], vectors.indptr[row + 1]
            tokens = [names[i] for i in vectors.indices[start:end]]
            indexer.add_document(str(row), dict(zip(tokens, impacts[start:end].tolist(), strict=True)))
        indexer.finish()

    def load(self, folder: Path) -> None:
        import bmp

        self.searcher = bmp.Searcher(str(self.files(folder)[0]))

    def name(self, setting: Setting) -> str:
        return f"bmp b={self.block} alpha={setting[0]}"

    def prepare(self, query: Query) -> dict[str, float]:
        return {str(token): float(weight) for token, weight in zip(*query, strict=True)}

    def search(self, prepared: dict[str, float], setting: Setting) -> list[int]:
        try:
            return [int(i) for i in self.searcher.search(prepared, K, setting[0], 1.0)[0]]
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # some queries panic inside it; its binding derives that from BaseException
            return []


ENGINES: dict[str, Callable[[], Engine]] = {
    "kannolo": Kannolo,
    "seismic": Seismic,
    "bmp8": lambda: Bmp(8),
    "bmp32": lambda: Bmp(32),
}
