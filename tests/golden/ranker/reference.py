"""Writes tests/golden/ranker/reference/*.json, a file a model: what reference_model.py makes of random weights, in an
ordinary sequence and in prompts under BlockRank's mask. tests/ranker/reference_parity_test.cc reads them.

numpy alone is needed. The reference agrees with transformers to 1.4e-6 (check_reference.py).

    python tests/golden/ranker/reference.py

    {"config": {...}, "seed": 7, "runs": [{
        "name": ..., "ids": [...],
        "block_ends": [...], "query_offset": ...,                   not of an ordinary sequence
        "states": [{"layers": whole layers before it,
                    "norms": of all rows, "rows": [...], "columns": [...], "values": [rows][columns]}],
        "scores": [{"weights": "float32" | "bfloat16", "layer": ..., "variant": ..., "signals": [...],
                    "scores": a document}]}]}                       not of an ordinary sequence
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from reference_cases import MODELS, prompts, scoring_layers
from reference_model import Model, Values, random_weights, rounded_to_bfloat16
from reference_ranking import VARIANTS, Prompt, causal, scores

FOLDER = Path(__file__).parent / "reference"
SEED = 7


def rounded(values: Values) -> Any:
    """To seven significant digits."""
    if values.ndim > 1:
        return [rounded(row) for row in values]
    return [float(f"{value:.7g}") for value in values]


def states_record(layers: int, states: Values) -> dict[str, Any]:
    last = len(states) - 1
    rows = sorted({0, last // 3, last // 2, last - 1, last} & set(range(len(states))))
    columns = [0, 1, states.shape[1] // 2, states.shape[1] - 1]
    return {
        "layers": layers,
        "norms": rounded(np.linalg.norm(states, axis=1)),
        "rows": rows,
        "columns": columns,
        "values": rounded(states[np.ix_(rows, columns)]),
    }


def score_records(name: str, prompt: Prompt, weights: str, model: Model, states: list[Values]) -> list[dict[str, Any]]:
    return [
        {
            "weights": weights,
            "layer": layer,
            "variant": variant,
            "signals": [len(prompt.ids) + place for place in VARIANTS[variant][0]],
            "scores": rounded(scores(model, prompt, layer, states[layer], variant)),
        }
        for layer in scoring_layers(name)
        for variant in VARIANTS
    ]


def run(name: str, case: str, prompt: Prompt | None, ids: list[int]) -> dict[str, Any]:
    exact = random_weights(SEED)
    model = Model(MODELS[name], exact)
    positions, mask = (prompt.positions(), prompt.mask()) if prompt else causal(len(ids))
    states = model.states(ids, positions, mask)
    middle, end = scoring_layers(name)[0], len(states) - 1
    record: dict[str, Any] = {"name": case, "ids": ids}
    if prompt:
        record |= {"block_ends": prompt.block_ends, "query_offset": prompt.query_offset}
    record["states"] = [states_record(layers, states[layers]) for layers in sorted({1, middle, end})]
    if prompt:
        record["scores"] = score_records(name, prompt, "float32", model, states)
        coarse = Model(MODELS[name], rounded_to_bfloat16(exact))
        record["scores"] += score_records(name, prompt, "bfloat16", coarse, coarse.states(ids, positions, mask))
    return record


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, config in MODELS.items():
        sequence = [(37 * i + 11) % config["vocab_size"] for i in range(50)]
        runs = [run(name, "an ordinary sequence", None, sequence)]
        runs += [run(name, case, prompt, prompt.ids) for case, prompt in prompts(name).items()]
        text = json.dumps({"config": config, "seed": SEED, "runs": runs}, separators=(",", ":"))
        (FOLDER / f"{name}.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
