"""Times foraker's reranker beside PyTorch: one shape, one list, one precision, the same threads, in one run.

usage: peer_ranker.py time FORAKER [--shape tiny-100m] [--docs 100] [--tokens 60-90] [--precision f32] [--threads 2]
                                   [--pairs 7]
       peer_ranker.py linear FORAKER [--shape tiny-100m] [--tokens 90] [--rounds 3]

FORAKER: the binary. `foraker bench rank` says which shape and list it used; weights are made here again from the
tensors' names (ranker/decoder/weight_source.h), so both read the same prompt with the same model.

PyTorch reads the list in two ways, with the modules of `transformers`:
  sequence   one causal sequence without padding, SDPA, all layers, no lm_head: what a user of the library would run
  blocks     BlockRank's mask, on one packed stream of tokens, up to the scoring layer, of which only document keys and
             the signal tokens' queries are computed; attention in the fastest of these forms:
               lengths   documents of a length together, one SDPA call a length
               padded    all documents in one SDPA call, keys padded and masked (the rest of a layer stays unpadded)
               dense     one SDPA call with the whole mask
               flex      flex_attention, compiled, with the block mask
In f32 the scores of `blocks` must be foraker's. int8: torch.ao.quantization.quantize_dynamic of all linear layers.

A pair is one process of foraker (a warm-up and two passes, whose median counts) and then two passes of each peer.
Ratios are taken in a pair, and their median is stated: what else the machine does hits both.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

SEED = 1  # of the weights
FORMS = ("lengths", "padded", "dense", "flex")


def foraker(binary: str, options: dict[str, Any]) -> dict[str, Any]:
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = [binary, "bench", "rank", "--random-weights", "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


# ---- the same list ----


@dataclass
class Ranges:
    """Rows of the packed stream."""

    instruction: int  # tokens; it comes first
    documents: list[tuple[int, int]]  # begin, end
    query: int  # where it begins
    end: int


def ranges_of(blocks: list[int]) -> Ranges:
    ends = np.cumsum(blocks).tolist()
    return Ranges(ends[0], list(itertools.pairwise(ends[:-1])), ends[-2], ends[-1])


def ids_of(report: dict[str, Any]) -> Tensor:
    """std::minstd_rand from seed 1: a number a document for its length, then one a token."""
    state = 1
    numbers = []
    for _ in range(report["documents"] + report["tokens"]):
        state = state * 48271 % 2147483647
        numbers.append(state)
    ids = np.array(numbers[report["documents"] :]) % report["model"]["vocabulary"]
    return torch.from_numpy(ids)


def positions_of(rows: Ranges, query_offset: int) -> Tensor:
    parts = [torch.arange(rows.instruction)]
    parts += [torch.arange(end - begin) + rows.instruction for begin, end in rows.documents]
    parts.append(torch.arange(rows.end - rows.query) + query_offset)
    return torch.cat(parts)


# ---- the same model ----


def split_mix(state: int, count: int) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(state)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def fnv1a(text: str) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def random_tensor(name: str, shape: torch.Size) -> Tensor:
    u = (split_mix(fnv1a(name) ^ SEED, math.prod(shape)) >> np.uint64(40)).astype(np.float64) / 2**23 - 1
    if len(shape) == 1:
        u = 1 + u / 10
    elif name != "model.embed_tokens.weight":
        u *= math.sqrt(3 / shape[1])
    return torch.from_numpy(u.astype(np.float32)).reshape(shape)


def make_model(shape: dict[str, Any]) -> nn.Module:
    """The decoder without its head, weights as foraker makes them."""
    from transformers import LlamaConfig, LlamaModel, Qwen3Config, Qwen3Model

    # Without head norms, Mistral without a window is a Llama.
    make_config, make = (Qwen3Config, Qwen3Model) if shape["has_head_norms"] else (LlamaConfig, LlamaModel)
    config = make_config(
        vocab_size=shape["vocabulary"],
        hidden_size=shape["hidden"],
        intermediate_size=shape["intermediate"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        num_key_value_heads=shape["kv_heads"],
        head_dim=shape["head_width"],
        max_position_embeddings=shape["max_positions"],
        rms_norm_eps=shape["norm_epsilon"],
        rope_parameters={"rope_type": "default", "rope_theta": shape["rope_theta"]},
        use_cache=False,
        attn_implementation="sdpa",
    )
    with torch.device("meta"):
        model = make(config)
    model = model.to_empty(device="cpu").eval()
    model.rotary_emb = type(model.rotary_emb)(config)  # its buffers are no weights
    for name, parameter in model.named_parameters():
        parameter.data = random_tensor(f"model.{name}", parameter.shape)
    return model


def quantised(model: nn.Module) -> nn.Module:
    return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)


# ---- BlockRank's mask in PyTorch ----


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    turned = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return x * cosines + turned * sines


Attention = Callable[[Tensor, Tensor, Tensor], Tensor]  # [1, heads, rows, width] each


class Blocks:
    """One list with BlockRank's mask. Attention takes keys and values of each group of heads once."""

    def __init__(self, model: nn.Module, report: dict[str, Any], ids: Tensor, form: str) -> None:
        self.model = model
        self.rows = ranges_of(report["blocks"])
        self.layers = report["model"]["whole_layers"]
        self.width = report["model"]["head_width"]
        self.groups = report["model"]["heads"] // report["model"]["kv_heads"]
        self.ids = ids
        positions = positions_of(self.rows, report["model"]["query_offset"])
        cosines, sines = model.rotary_emb(torch.zeros(1, 1), positions[None])
        self.cosines, self.sines = cosines[0], sines[0]
        self.documents = torch.arange(self.rows.instruction, self.rows.query)
        self.attend: Attention = getattr(self, f"prepare_{form}")()

    def block_of(self) -> Tensor:
        """0 for the instruction, then 1 for the first document, and so on."""
        blocks = torch.zeros(self.rows.end, dtype=torch.long)
        for number, (begin, end) in enumerate(self.rows.documents, 1):
            blocks[begin:end] = number
        blocks[self.rows.query :] = len(self.rows.documents) + 1
        return blocks

    def sdpa(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=True)

    def ends(self, q: Tensor, k: Tensor, v: Tensor, out: Tensor) -> None:
        """The first block and the last one, which every form by blocks has."""
        rows = self.rows
        first = slice(0, rows.instruction)
        out[:, :, first] = self.sdpa(q[:, :, first], k[:, :, first], v[:, :, first], causal=True)
        out[:, :, rows.query :] = self.sdpa(q[:, :, rows.query :], k, v, self.query_mask)

    def prepare_ends(self) -> None:
        count = self.rows.end - self.rows.query
        self.query_mask = torch.ones(count, self.rows.end, dtype=torch.bool).tril(self.rows.query)

    def prepare_lengths(self) -> Attention:
        self.prepare_ends()
        first = self.rows.instruction
        by_length: dict[int, list[int]] = {}
        for begin, end in self.rows.documents:
            by_length.setdefault(end - begin, []).append(begin)
        groups = []
        for length, begins in by_length.items():
            own = torch.tensor(begins)[:, None] + torch.arange(length)  # [documents, length]
            keys = torch.cat((torch.arange(first).expand(len(begins), -1), own), dim=1)
            mask = torch.ones(length, first + length, dtype=torch.bool).tril(first)
            groups.append((own, keys, mask))

        def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            out = torch.empty_like(q)
            self.ends(q, k, v, out)
            for own, keys, mask in groups:
                some = self.sdpa(
                    q[0][:, own].transpose(0, 1), k[0][:, keys].transpose(0, 1), v[0][:, keys].transpose(0, 1), mask
                )
                out[0][:, own] = some.transpose(0, 1)
            return out

        return attend

    def prepare_padded(self) -> Attention:
        self.prepare_ends()
        first = self.rows.instruction
        lengths = torch.tensor([end - begin for begin, end in self.rows.documents])
        longest = int(lengths.max())
        begins = torch.tensor([begin for begin, _ in self.rows.documents])
        own = (begins[:, None] + torch.arange(longest)).clamp(max=self.rows.end - 1)
        real = torch.arange(longest) < lengths[:, None]  # [documents, longest]
        keys = torch.cat((torch.arange(first).expand(len(begins), -1), own), dim=1)
        mask = torch.ones(longest, first + longest, dtype=torch.bool).tril(first)  # padding is behind what is real

        def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            out = torch.empty_like(q)
            some = self.sdpa(
                q[0][:, own].transpose(0, 1), k[0][:, keys].transpose(0, 1), v[0][:, keys].transpose(0, 1), mask
            )
            out[0][:, self.documents] = some.transpose(0, 1)[:, real]
            self.ends(q, k, v, out)
            return out

        return attend

    def prepare_dense(self) -> Attention:
        block = self.block_of()
        last = len(self.rows.documents) + 1
        mask = (block[:, None] == block) | (block == 0) | (block[:, None] == last)
        mask &= torch.ones_like(mask).tril()
        return lambda q, k, v: self.sdpa(q, k, v, mask)

    def prepare_flex(self) -> Attention:
        from torch.nn.attention.flex_attention import create_block_mask, flex_attention

        block = self.block_of()
        last = len(self.rows.documents) + 1

        def seen(_batch: Tensor, _head: Tensor, row: Tensor, key: Tensor) -> Tensor:
            own = (block[row] == block[key]) | (block[key] == 0) | (block[row] == last)
            return own & (key <= row)

        mask = create_block_mask(seen, None, None, self.rows.end, self.rows.end, device="cpu")
        compiled = torch.compile(flex_attention)
        return lambda q, k, v: compiled(q, k, v, block_mask=mask, enable_gqa=True)

    def heads(self, layer: nn.Module, x: Tensor, kind: str, rows: Tensor | slice) -> Tensor:
        """[1, heads, rows, width], normed where the model does that, and rotated."""
        attention = layer.self_attn
        heads = getattr(attention, f"{kind}_proj")(x).unflatten(-1, (-1, self.width))
        if kind == "v":
            return heads.transpose(1, 2)
        if hasattr(attention, f"{kind}_norm"):
            heads = getattr(attention, f"{kind}_norm")(heads)
        return rotate(heads.transpose(1, 2), self.cosines[rows], self.sines[rows])

    def run(self) -> Tensor:
        """The documents' scores."""
        everything = slice(None)
        hidden = self.model.embed_tokens(self.ids)[None]
        for layer in self.model.layers[: self.layers]:
            x = layer.input_layernorm(hidden)
            seen = self.attend(*(self.heads(layer, x, kind, everything) for kind in "qkv"))
            hidden = hidden + layer.self_attn.o_proj(seen.transpose(1, 2).flatten(2))
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        layer = self.model.layers[self.layers]
        signals = torch.arange(self.rows.end - 2, self.rows.end)
        norm = layer.input_layernorm
        keys = self.heads(layer, norm(hidden[:, self.documents]), "k", self.documents)[0]
        queries = self.heads(layer, norm(hidden[:, signals]), "q", signals)[0]
        logits = queries @ keys.repeat_interleave(self.groups, 0).transpose(1, 2) / math.sqrt(self.width)
        shares = logits.softmax(-1).mean((0, 1))
        block = self.block_of()[self.documents] - 1
        return torch.zeros(len(self.rows.documents)).index_add_(0, block, shares)


# ---- timing ----


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def largest_deviation(scores: Tensor, expected: list[float]) -> float:
    reference = torch.tensor(expected)
    return float(((scores - reference).abs() / reference).max())


def fastest_form(model: nn.Module, report: dict[str, Any], ids: Tensor, forms: list[str]) -> Blocks:
    best: tuple[float, Blocks] | None = None
    for form in forms:
        try:
            blocks = Blocks(model, report, ids, form)
            deviation = largest_deviation(blocks.run(), report["scores"])  # also warms up
        except (RuntimeError, MemoryError, NotImplementedError) as error:
            print(f"blocks, {form}: cannot run here: {str(error).splitlines()[0][:120]}")
            continue
        spent = min(seconds(blocks.run) for _ in range(2))
        print(f"blocks, {form}: {spent:.3f} s; scores deviate from foraker's by {deviation:.1e} at most")
        if report["precision"] == "f32" and deviation > 1e-3:
            raise SystemExit("the two do not compute the same")
        if best is None or spent < best[0]:
            best = (spent, blocks)
    assert best is not None
    return best[1]


def measure(args: argparse.Namespace) -> None:
    options = {"shape": args.shape, "docs": args.docs, "tokens": args.tokens, "precision": args.precision}
    options |= {"threads": args.threads, "repeats": 2}
    report = foraker(args.foraker, options)
    print(f"{report['documents']} documents, {report['tokens']} tokens, {args.shape}, {args.precision}")
    ids = ids_of(report)
    model = make_model(report["model"])
    if args.precision == "int8":
        model = quantised(model)
    blocks = fastest_form(model, report, ids, args.forms)
    peers: dict[str, Callable[[], object]] = {"sequence": lambda: model(input_ids=ids[None]), "blocks": blocks.run}
    times: dict[str, list[float]] = {"foraker": [], **{name: [] for name in peers}}
    rates = []
    seconds(peers["sequence"])  # warms up
    for number in range(args.pairs):
        mine = foraker(args.foraker, options)
        times["foraker"].append(mine["median_seconds"])
        rates.append(mine["share_of_matrix_rate"])
        for name, work in peers.items():
            times[name].append(statistics.median(seconds(work) for _ in range(2)))
        latest = ", ".join(f"{name} {spent[-1]:.3f} s" for name, spent in times.items())
        print(f"pair {number + 1}: {latest}", flush=True)
    for name, spent in times.items():
        ratios = [theirs / ours for theirs, ours in zip(spent, times["foraker"], strict=True)]
        middle = statistics.median(spent)
        print(f"{name:10} median {middle:7.3f} s, {report['tokens'] / middle:8.0f} tokens/s; "
              f"ratio median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")  # fmt: skip
    print(f"foraker at {statistics.median(rates):.1%} of the matrix rate (median)")


def linear(args: argparse.Namespace) -> None:
    """Time over the number of documents; the exponent is the slope of a line through the logarithms."""
    counts = (10, 20, 50, 100, 200, 500)
    best = dict.fromkeys(counts, float("inf"))
    tokens = {}
    for _ in range(args.rounds):
        for count in counts:
            options = {"shape": args.shape, "docs": count, "tokens": args.tokens, "precision": args.precision}
            report = foraker(args.foraker, options | {"threads": args.threads, "repeats": 2})
            best[count] = min(best[count], *report["pass_seconds"])
            tokens[count] = report["tokens"]
    for count in counts:
        each = best[count] / count * 1e3
        print(f"{count:4} documents {tokens[count]:6} tokens {best[count]:8.3f} s {each:7.2f} ms each")
    for name, xs in (("documents", counts), ("tokens", [tokens[count] for count in counts])):
        slope, _ = np.polyfit(np.log(xs), np.log([best[count] for count in counts]), 1)
        print(f"time ~ {name}^{slope:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, work in (("time", measure), ("linear", linear)):
        command = commands.add_parser(name)
        command.set_defaults(work=work)
        command.add_argument("foraker")
        command.add_argument("--shape", default="tiny-100m")
        command.add_argument("--tokens", default="60-90" if name == "time" else "90")
        command.add_argument("--precision", default="f32", choices=("f32", "int8"))
        command.add_argument("--threads", type=int, default=os.cpu_count())
    timing, growth = commands.choices["time"], commands.choices["linear"]
    timing.add_argument("--docs", type=int, default=100)
    timing.add_argument("--pairs", type=int, default=7)
    timing.add_argument("--forms", nargs="+", default=list(FORMS), choices=FORMS)
    growth.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    with torch.inference_mode():
        args.work(args)


if __name__ == "__main__":
    main()
