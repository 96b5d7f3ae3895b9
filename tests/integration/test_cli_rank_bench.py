"""What `foraker bench rank` prints, and what it refuses. It measures; nothing here depends on how fast."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Foraker
from tiny_ranker import write_ranker

SHAPE = ("bench", "rank", "--shape", "tiny-100m", "--random-weights")


def test_a_list_is_read_and_counted(foraker: Foraker) -> None:
    report = foraker.json(*SHAPE, "--docs", "3", "--tokens", "4-6", "--repeats", "2", "--threads", "1")
    first, *documents, last = report["blocks"]
    assert (first, last, len(documents)) == (100, 65, 3)
    assert all(4 <= tokens <= 6 for tokens in documents)
    assert report["tokens"] == sum(report["blocks"])
    model = report["model"]
    assert (model["layers"], model["whole_layers"]) == (16, 10)
    weights = model["hidden"] * (
        2 * model["heads"] * model["head_width"]
        + 2 * model["kv_heads"] * model["head_width"]
        + 3 * model["intermediate"]
    )
    assert report["product_operations"] >= 2 * weights * model["whole_layers"] * report["tokens"]
    assert len(report["pass_seconds"]) == 2
    assert report["operations_per_second"] > 0
    assert report["share_of_matrix_rate"] > 0
    assert sum(report["steps"].values()) == pytest.approx(1)
    assert sum(report["scores"]) == pytest.approx(1, abs=1e-4)
    assert report["peak_rss_bytes"] >= report["weight_bytes"]
    again = foraker.json(*SHAPE, "--docs", "3", "--tokens", "4-6", "--repeats", "1", "--threads", "2")
    assert again["scores"] == report["scores"], "the same bits on any number of threads"


def test_a_model_takes_the_place_of_a_shape(foraker: Foraker, tmp_path: Path) -> None:
    write_ranker(tmp_path / "model")
    text = foraker.ok("bench", "rank", "--model", tmp_path / "model", "--docs", "2", "--tokens", "5", "--repeats", "1")
    assert "2 documents, 175 tokens" in text
    assert "of the matrix rate" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--shape", "tiny-100m"), "no weights"),
        (("--random-weights",), "--shape or --model"),
        (("--shape", "tiny-100m", "--model", "m", "--random-weights"), "--shape or --model"),
        (("--shape", "tiny-100m", "--random-weights", "--tokens", "9-3"), "--tokens 9-3"),
        (("--shape", "tiny-100m", "--random-weights", "--docs", "501"), "--docs"),
        (("--shape", "none", "--random-weights"), "none"),
        (("--model", "/nowhere"), "/nowhere/config.json"),
    ],
)
def test_what_cannot_be_measured_is_refused(foraker: Foraker, arguments: tuple[str, ...], says: str) -> None:
    assert says in foraker.error(2, "bench", "rank", *arguments)
