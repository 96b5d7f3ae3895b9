"""The demo runs, and its output holds what it promises."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import BINARY, SOURCE


def test_the_demo_indexes_serves_and_searches_real_text(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(SOURCE / "scripts" / "demo.sh"), str(BINARY), str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "no descriptions could be downloaded" in done.stderr:
        pytest.skip("no package source can be reached")
    assert done.returncode == 0, done.stderr
    assert "generation 1" in done.stdout
    assert done.stdout.count(", exact; ") == 6, "each search says that it was exact"
    assert "field section" in done.stdout
    assert done.stdout.count("found with") == 3, "the reranked hits name both scores"
    assert "the model read" in done.stdout
    assert '"event":"stopped"' in done.stdout
