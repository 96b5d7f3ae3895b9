"""What `foraker rank` and a server refuse to begin with: bad lines, and directories that hold no model for ranking."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Foraker, write_lines
from tiny_ranker import write_ranker, write_safetensors

QUERY = "Who built the bridge over the river?"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ranker(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "source.jsonl", [{"_id": "a", "text": "a bridge"}, {"_id": "b", "text": "a mill"}])


# ---- lines ----


def test_bad_lines_are_named(foraker: Foraker, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "documents.jsonl"
    ask = ("rank", "--model", model, "--query", QUERY, "--input", file)
    good = b'{"_id": "a", "text": "a bridge"}\n'
    for line, expected in (
        (b'{"_id": "b", "text": "\xff"}\n', ":2: expected a JSON object, in UTF-8"),
        (b'{"_id": "b"}\n', ':2: "b" has neither a title nor a text'),
        (b'{"text": "a mill"}\n', ':2: expected a string under "_id"'),
        (b"[]\n", ":2: expected a JSON object"),
    ):
        file.write_bytes(good + line)
        assert expected in foraker.error(2, *ask)
    file.write_bytes(b"")
    assert "holds no documents" in foraker.error(2, *ask)
    write_lines(file, [{"_id": f"d{number}", "text": "a bridge"} for number in range(501)])
    assert "501" in foraker.error(2, *ask)
    file.write_bytes(b'{"_id": "b", "text": "' + b"bridge " * 200_000 + b'"}\n')
    assert "documents[0]" in foraker.error(2, *ask)
    file.write_bytes(good)
    assert "query" in foraker.error(2, *ask[:3], "--query", " ", "--input", file)
    assert "none.jsonl" in foraker.error(2, *ask[:-1], tmp_path / "none.jsonl")
    assert "--model DIR" in foraker.error(2, "rank", "--query", QUERY, "--input", file)


# ---- directories ----


def edit(path: Path, **members: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **members}))


def shards(folder: Path) -> None:
    """An index that names two files of which one is there."""
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    names = {"model.norm.weight": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"model.embed_tokens.weight": "model-00001-of-00002.safetensors", **names}})
    )


def misshapen(folder: Path) -> None:
    """A safetensors file of which one tensor has another shape."""
    write_safetensors(folder / "model.safetensors", {"model.embed_tokens.weight": np.zeros((3, 5), np.float32)})


BROKEN: list[tuple[str, Callable[[Path], None], str]] = [
    ("missing shard", shards, "model-00002-of-00002.safetensors"),
    ("wrong shape", misshapen, "model.embed_tokens.weight"),
    ("unknown architecture", lambda folder: edit(folder / "config.json", model_type="gpt_neox"), "gpt_neox"),
    ("no config", lambda folder: (folder / "config.json").unlink(), "config.json"),
    ("no tokenizer", lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer"),
    ("half a file", lambda folder: (folder / "model.safetensors").write_bytes(b"\x10"), "model.safetensors"),
    (
        "another template",
        lambda folder: edit(folder / "blockrank.json", signal_tokens=["a", "b"]),
        "signal_tokens",
    ),
    ("unknown key", lambda folder: edit(folder / "blockrank.json", temperature=2), "temperature"),
    ("layer out of range", lambda folder: edit(folder / "blockrank.json", layer=99), "layer"),
]


@pytest.mark.parametrize(("name", "spoil", "expected"), BROKEN, ids=[each[0] for each in BROKEN])
def test_a_model_that_cannot_be_loaded_is_one_clear_line(
    foraker: Foraker,
    model: Path,
    source: Path,
    tmp_path: Path,
    name: str,
    spoil: Callable[[Path], None],
    expected: str,
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    spoil(broken)
    message = foraker.error(2, "rank", "--model", broken, "--query", QUERY, "--input", source)
    assert expected in message, name
    listen = ("--listen", "127.0.0.1:0", "--set", "server.http_listen=", "--set", "log.level=off")
    served = foraker.run("serve", "--rank-model", broken, *listen)
    assert served.returncode == 2
    assert served.stdout == "", "it does not say that it serves"
    assert served.stderr.splitlines()[-1].startswith("foraker: rank.model: ")
    assert expected in served.stderr


def test_a_directory_that_is_not_there(foraker: Foraker, source: Path, tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert str(none) in foraker.error(2, "rank", "--model", none, "--query", QUERY, "--input", source)
