"""Holds the reference (reference_model.py, reference_ranking.py) against transformers: the same weights, an ordinary
causal sequence, and every prompt with an explicit mask and explicit positions. Prints how far hidden states, logits
and scores are apart at most, and fails above 1e-5 (of a row's root mean square, and of the score).

With torch 2.9.1, transformers 5.24.0 and numpy 2.4.6 the largest was 1.4e-6 for states and logits, 3.4e-7 for scores
(transformers norms in float32).

    python tests/golden/ranker/check_reference.py
"""

from __future__ import annotations

import sys

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from reference_cases import MODELS, prompts, scoring_layers
from reference_model import Config, Model, Values, Weights, random_weights
from reference_ranking import VARIANTS, Prompt, causal, scores

TOLERANCE = 1e-5


class TheirModel:
    """In float64, but for norms and the angles of positions, which transformers keeps in float32."""

    def __init__(self, config: Config, weights: Weights) -> None:
        family = getattr(transformers, config["architectures"][0])
        self.model = family(family.config_class(**config, attn_implementation="eager")).eval()
        state = self.model.state_dict()
        for name, tensor in state.items():
            tied = config["tie_word_embeddings"] and name == "lm_head.weight"
            source = "model.embed_tokens.weight" if tied else name
            state[name] = torch.from_numpy(weights(source, tuple(tensor.shape)).copy())
        self.model.load_state_dict(state)
        self.model.double()

    def run(
        self, ids: list[int], positions: NDArray[np.int64], mask: NDArray[np.bool_]
    ) -> tuple[list[Values], list[Values], Values]:
        """States before each layer, shares of attention [heads, rows, rows] in each, logits."""
        additive = torch.where(torch.from_numpy(mask), 0.0, -torch.inf).double()[None, None]
        with torch.no_grad():
            made = self.model(
                torch.tensor([ids]),
                attention_mask=additive,
                position_ids=torch.from_numpy(positions)[None],
                output_hidden_states=True,
                output_attentions=True,
            )
        # The last states that transformers returns are normed.
        states = [tensor[0].numpy() for tensor in made.hidden_states[:-1]]
        return states, [tensor[0].numpy() for tensor in made.attentions], made.logits[0].numpy()


def their_scores(prompt: Prompt, shares: Values, variant: str) -> Values:
    """Shares of documents alone are shares of everything, divided by what all documents have."""
    places, over_all_keys, summed = VARIANTS[variant]
    documents = [shares[:, :, block.start : block.stop].sum(axis=-1) for block in prompt.blocks()[1:-1]]
    heads = np.stack(documents, axis=-1)[:, list(places)]  # [heads, signals, documents]
    if not over_all_keys:
        heads = heads / heads.sum(axis=-1, keepdims=True)
    signals = heads.mean(axis=0)
    return signals.sum(axis=0) if summed else signals.mean(axis=0)


def apart(ours: Values, theirs: Values) -> float:
    """The largest difference, in units of the row's root mean square."""
    return float((np.abs(ours - theirs) / np.sqrt((theirs**2).mean(axis=-1, keepdims=True))).max())


def check(name: str) -> tuple[float, float]:
    """How far states and logits, and scores, are apart."""
    weights = random_weights(seed=7)
    ours, theirs = Model(MODELS[name], weights), TheirModel(MODELS[name], weights)
    of_states, of_scores = 0.0, 0.0
    sequence = list(range(1, 60))
    for prompt in [None, *prompts(name).values()]:
        ids = prompt.ids if prompt else sequence
        positions, mask = (prompt.positions(), prompt.mask()) if prompt else causal(len(ids))
        expected, shares, logits = theirs.run(ids, positions, mask)
        states = ours.states(ids, positions, mask)
        of_states = max(of_states, *map(apart, states, expected), apart(ours.logits(states[-1]), logits))
        if prompt is None:
            continue
        for layer in scoring_layers(name):
            for variant in VARIANTS:
                made = scores(ours, prompt, layer, states[layer], variant)
                wanted = their_scores(prompt, shares[layer], variant)
                of_scores = max(of_scores, float(np.abs(made / wanted - 1).max()))
    return of_states, of_scores


if __name__ == "__main__":
    far = [check(name) for name in MODELS]
    for name, (of_states, of_scores) in zip(MODELS, far, strict=True):
        print(f"{name}: states and logits {of_states:.1e}, scores {of_scores:.1e}")
    sys.exit(any(max(pair) > TOLERANCE for pair in far))
