"""Makes tests/golden/decoder_tokenizers: what Hugging Face `tokenizers` makes of texts, to hold ours against.

    NAME/tokenizer.json    small tokenizers of every kind, trained on the text below and LICENSE
    NAME/tokenizer.model   SentencePiece's, with the tokenizer_config.json that says how it is used
    cases.jsonl            nasty texts through each of them; "plain": without added tokens
    characters.jsonl       blocks of 4,096 code points: hash of how each pattern cuts them
    collections.jsonl      test collections through each of them, and all through the published ones: hashes

Published ones are those of ../shared/models/tokenizers and, with --published FOLDER, of FOLDER/NAME/tokenizer.json
(make_published_tokenizers.py); without it their lines stay as they are.

SentencePiece models become what `transformers` 4 makes of them (merges by score). Version 5.24 orders them by id, which
gives other ids for runs of spaces than the tokenizer.json that such models were published with, and than the library.

Run from the repository root, with the test data in ../shared, tokenizers 0.23.3, sentencepiece 0.2.3, protobuf 7.36.2
and xxhash 4.1.0:

    python tests/golden/make_decoder_tokenizers.py [--published FOLDER]
"""

# ruff: noqa: RUF001 - the texts are full of look-alikes on purpose

import argparse
import io
import json
import random
import struct
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sentencepiece
import xxhash
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

Fields = dict[str, Any]

FOLDER = Path(__file__).parent / "decoder_tokenizers"
SHARED = Path(__file__).parents[3] / "shared"
COLLECTIONS = ["cranfield", "dl19-pool5k", "hotpotqa-dev", "musique-dev", "nfcorpus-test", "noveleval", "scifact"]
MARK = "▁"

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PATTERNS = {"gpt2": GPT2, "llama3": LLAMA3, "qwen": QWEN, "o200k": O200K}

TEXTS = [
    "",
    " ",
    "\n",
    "Hello, world!",
    "  two  spaces   three    four     five ",
    " leading and trailing  ",
    "\t\ttabs\tand \t mixed \t\n\t\n  lines\n\n\n\nend\n",
    "\r\nwindows\r\n\r\n  lines \r\r\n",
    "line\u2028para\u2029end nbsp\u00a0x ideographic\u3000space \u1680\u2003\u202f \x85 \x0b\x0c\x1c\x1f",
    "don't you'll we've I'm he'd they're it's 'tis rock'n'roll",
    "DON'T YOU'LL WE'VE I'M HE'D THEY'RE IT'S 'TIS",
    "Don'T You'Ll We'vE 'ſ a'ſb ''s '' ' 's's",
    "0 1 12 123 1234 12345 123456 1234567 3.14 1,000 ½ Ⅷ ² ١٢٣ 四 \U0001d7ce1",
    "a1b2c3 x² H2O 4th",
    "C++ e.g. a_b user@example.com -- ... !!!???\n\n(x) [y] {z} <w> $5 #tag\n",
    "====== ------- ========= aaaaaaaaaaaaaaaaaa -=-=-=-",
    "cafe\u0301 Café CAFÉ \u0301leading a\u0301\u0302\u0303b o\u0308\u0301 Å \u212b",
    "Straße STRAẞE İstanbul ﬁnal ﬀ eﬃcient Ａ①㌔",
    "Жж ёЙ нещо на Български ΑΣ σς",
    "שלום א\u05bcב العربية ال\u064eع \u202bעב\u202c \u200fab\u200e",
    "\u0915\u094d\u0937\u093f កាន់តែពិសេស \u0e01\u0e38\u0e02",
    "한국어 \u1112\u1161\u11ab 中国 東京タワー a中b か\u3099 が \U0002000b我想在apple工作1314151天～",
    "👩\u200d🚀 🦙🦙 👍🏽 🇩🇪 ☎\ufe0f 😶‍🌫️",
    "zero\u200bwidth soft\u00adhyphen \ufeffbom word\u2060joiner \ufffd a\ufffdb",
    "nul\x00inside bell\x07 esc\x1b[0m del\x7f",
    "private \ue000 \U000f0000x tag\U000e0041",
    "<s>text</s> <unk> x<s> a <s>b <s><s>",
    "<|endoftext|> a<|endoftext|>b <|begin|>user<|end|>\n\n<|end|",
    "[INST] hi [/INST] yo [INST][INST [/INST]]",
    "<word> a<word> <word>b <word>. é<word> _<word> <word><word>",
    "<left>  x  <left> <right>  y\n <right>  \n\n<both>  z  <both> ",
    "new token newtoken NEW TOKEN new tokens",
    "▁▁a ▁ b▁ ▁c",
    "<0x0A> <0x41> <0xF0>",
    "The Free Software License, Version 2.0: distributed under the terms and conditions of the Work",
    "x" * 300 + " " * 70 + "y" * 41,
]
TRAINING = [
    "The quick brown fox jumps over the lazy dog; it's 12 o'clock, and we've 365 days a year, don't we?",
    "Which document is most relevant to answer the query? Print out the ID of the document.",
    "東京タワーは東京にある。中国の首都は北京です。我想在这里工作。한국어 한국",
    "нещо на Български език, которая была на русском языке",
    "Äpfel, Öl und Übermut: die Straße ist größer als café crème brûlée",
    "العربية لغة جميلة שלום עולם",
    "🚀 🦙 🦙🦙 👍 =========== ------ .... !!!! ???? 1234 5678 90\n\n\n\tif (x == y) {\n\t\treturn z;\n\t}\n",
    "a    b        c  d   e",
]


def training_text() -> list[str]:
    licence = (Path(__file__).parents[2] / "LICENSE").read_text()
    return [*licence.split("\n\n"), *TRAINING * 4]


def byte_level(pattern: str | None, ignore_merges: bool = False) -> Tokenizer:
    """Cut by the pattern; by ByteLevel's own where there is none."""
    model = models.BPE(ignore_merges=ignore_merges)
    tokenizer = Tokenizer(model)
    if pattern is None:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(pattern), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    trainer = trainers.BpeTrainer(
        vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(training_text(), trainer)
    return tokenizer


def edited(tokenizer: Tokenizer, **changes: Any) -> Tokenizer:
    """With other values of the model's keys."""
    fields = json.loads(tokenizer.to_str())
    fields["model"] |= changes
    return Tokenizer.from_str(json.dumps(fields))


def make_gpt2() -> Tokenizer:
    tokenizer = byte_level(None)
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", normalized=True)])
    return tokenizer


def make_prefixed() -> Tokenizer:
    tokenizer = byte_level(None)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=True)]
    )
    tokenizer.add_tokens([AddedToken("<left>", lstrip=True), AddedToken("<right>", rstrip=True)])
    tokenizer.add_tokens([AddedToken("<both>", lstrip=True, rstrip=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("<word>", single_word=True), AddedToken("new token", normalized=False)])
    return tokenizer


def make_llama3() -> Tokenizer:
    """Some whole pieces that no merge leads to."""
    tokenizer = byte_level(LLAMA3, ignore_merges=True)
    vocabulary = tokenizer.get_vocab(with_added_tokens=False)
    for token in ("Ġrelevantly", "ĠDOC", "fox", "ðŁ¦Ļ"):
        vocabulary.setdefault(token, len(vocabulary))
    tokenizer = edited(tokenizer, vocab=vocabulary)
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("<|begin|>", "<|end|>", "<|endoftext|>")])
    return tokenizer


def make_qwen() -> Tokenizer:
    tokenizer = byte_level(QWEN)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("<|endoftext|>", "<|begin|>", "<|end|>")])
    tokenizer.add_tokens([AddedToken("cafe\u0301", normalized=True), AddedToken("<word>", normalized=False)])
    return tokenizer


def make_o200k() -> Tokenizer:
    tokenizer = byte_level(O200K)
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", normalized=False)])
    return tokenizer


def sentencepiece_like(fallback: bool, fuse: bool) -> Tokenizer:
    """Characters and words marked by ▁, with bytes in the vocabulary where `fallback`."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=fuse, byte_fallback=fallback))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    specials = ["<unk>", "<s>", "</s>"]
    pieces = [f"<0x{byte:02X}>" for byte in range(256)] if fallback else []
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=specials + pieces, show_progress=False, limit_alphabet=130
    )
    tokenizer.train_from_iterator(training_text(), trainer)
    fields = json.loads(tokenizer.to_str())
    fields["added_tokens"] = [token for token in fields["added_tokens"] if token["content"] in specials]
    return Tokenizer.from_str(json.dumps(fields))


def make_llama2() -> Tokenizer:
    """Special tokens in the normalised text, as in old files."""
    tokenizer = sentencepiece_like(fallback=True, fuse=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    fields = json.loads(tokenizer.to_str())
    fields["pre_tokenizer"] = None
    for token in fields["added_tokens"]:
        token["normalized"] = True
    return Tokenizer.from_str(json.dumps(fields))


def make_mistral() -> Tokenizer:
    tokenizer = sentencepiece_like(fallback=True, fuse=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("[INST]", "[/INST]")])
    tokenizer.add_tokens([AddedToken("<left>", lstrip=True), AddedToken("<right>", rstrip=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("<word>", single_word=True), AddedToken("new token", normalized=False)])
    return tokenizer


def make_unknown(fuse: bool) -> Tokenizer:
    """No bytes: what the vocabulary does not have is unknown."""
    tokenizer = sentencepiece_like(fallback=False, fuse=fuse)
    if fuse:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never", split=False)
    return tokenizer


def make_tokenizers() -> dict[str, Tokenizer]:
    return {
        "gpt2": make_gpt2(),
        "prefixed": make_prefixed(),
        "llama3": make_llama3(),
        "qwen": make_qwen(),
        "o200k": make_o200k(),
        "llama2": make_llama2(),
        "mistral": make_mistral(),
        "unknown": make_unknown(fuse=False),
        "unknown_fused": make_unknown(fuse=True),
    }


def write_tokenizer(name: str, tokenizer: Tokenizer) -> None:
    """Old files write a merge as one string."""
    fields = json.loads(tokenizer.to_str())
    if name in ("gpt2", "llama2"):
        fields["model"]["merges"] = [" ".join(pair) for pair in fields["model"]["merges"]]
    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    (FOLDER / name / "tokenizer.json").write_text(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n")


def train_sentencepiece() -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter("\n".join(training_text()).split("\n")),
        model_writer=model,
        model_type="bpe",
        vocab_size=900,
        character_coverage=0.98,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        control_symbols=["[INST]", "[/INST]"],
        user_defined_symbols=["<word>"],
        minloglevel=2,
    )
    return model.getvalue()


def converted(model: bytes, legacy: bool, prefix_space: bool) -> Tokenizer:
    """LlamaConverter and generate_merges of `transformers` 4.57."""
    message = sentencepiece_model_pb2.ModelProto()
    message.ParseFromString(model)
    vocabulary = {piece.piece: id_ for id_, piece in enumerate(message.pieces)}
    ranked = []
    for piece in message.pieces:
        for split in range(1, len(piece.piece)):
            left, right = piece.piece[:split], piece.piece[split:]
            if left in vocabulary and right in vocabulary:
                ranked.append((piece.score, len(left), len(right), left, right))
    ranked.sort(key=lambda merge: merge[:3], reverse=True)
    merges = [(left, right) for *_, left, right in ranked]
    bpe = models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(bpe)
    normal, byte = 1, 6
    added = [AddedToken(p.piece, normalized=False) for p in message.pieces if p.type not in (normal, byte)]
    tokenizer.add_special_tokens(added)
    if legacy:
        steps = [normalizers.Prepend(MARK)] if prefix_space else []
        tokenizer.normalizer = normalizers.Sequence([*steps, normalizers.Replace(" ", MARK)])
    else:
        scheme = "first" if prefix_space else "never"
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    return tokenizer


def make_sentencepieces() -> dict[str, Tokenizer]:
    model = train_sentencepiece()
    library = sentencepiece.SentencePieceProcessor(model_proto=model)
    tokenizers = {}
    for name, legacy, prefix_space in (
        ("sentencepiece", True, True),
        ("sentencepiece_first", False, True),
        ("sentencepiece_never", False, False),
    ):
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.model").write_bytes(model)
        config = {"legacy": legacy, "add_prefix_space": prefix_space, "unk_token": "<unk>"}
        tokenizer = converted(model, legacy, prefix_space)
        if name == "sentencepiece_first":
            tokenizer.add_tokens([AddedToken("new token", normalized=False)])
            added = {"content": "new token", "normalized": False, "special": False}
            config["added_tokens_decoder"] = {str(tokenizer.token_to_id("new token")): added}
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
        tokenizers[name] = tokenizer
    for text in TEXTS:
        if not any(token in text for token in ("<s>", "<unk>", "[INST]", "<word>", "\x00")):
            assert tokenizers["sentencepiece"].encode(text).ids == library.encode(text), text
    return tokenizers


def random_texts() -> list[str]:
    source = random.Random(12)
    letters = [*"abcABC  \n\r\t'sdtmlvre1239.,!?-_= éß中国한ع\u0301½🦙\u00a0\u3000▁<>[]|", "'ll", "\r\n", "   ", "<s>"]
    return ["".join(source.choices(letters, k=source.randrange(1, 40))) for _ in range(40)]


def without_added(tokenizer: Tokenizer) -> Tokenizer:
    fields = json.loads(tokenizer.to_str())
    return Tokenizer.from_str(json.dumps(fields | {"added_tokens": []}))


def cases(tokenizers: dict[str, Tokenizer]) -> Iterator[Fields]:
    for name, tokenizer in tokenizers.items():
        plain = without_added(tokenizer)
        for text in TEXTS + random_texts():
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            yield {"tokenizer": name, "text": text, "ids": ids}
            plain_ids = plain.encode(text, add_special_tokens=False).ids
            if plain_ids != ids:
                yield {"tokenizer": name, "text": text, "plain": True, "ids": plain_ids}


def characters() -> Iterator[Fields]:
    """Only what Unicode 14.0 (of Python 3.11) assigns, so that no version of a library matters."""
    for name, pattern in PATTERNS.items():
        split = pre_tokenizers.Split(Regex(pattern), "isolated")
        for block in range(0, 0x110000, 0x1000):
            lines = []
            for c in map(chr, range(block, block + 0x1000)):
                if unicodedata.category(c) in ("Cn", "Cs"):
                    continue
                text = f"a{c}b {c}{c}1{c}\n{c} '{c}X\t{c}"
                sizes = [str(len(piece.encode())) for piece, _ in split.pre_tokenize_str(text)]
                lines.append(f"{ord(c)} {' '.join(sizes)}\n")
            if lines:
                digest = xxhash.xxh3_64_hexdigest("".join(lines).encode())
                yield {"pattern": name, "first": block, "assigned": len(lines), "xxh3": digest}


def collection_texts(name: str) -> list[str]:
    texts = []
    for part in ("corpus", "queries"):
        for line in (SHARED / "data" / name / f"{part}.jsonl").read_text().split("\n")[:-1]:
            fields = json.loads(line)
            texts.append(f"{fields.get('title', '')} {fields['text']}")
    return texts


def collections(tokenizers: dict[str, Tokenizer], names: list[str]) -> Iterator[Fields]:
    for name, tokenizer in tokenizers.items():
        for collection in names:
            digest = xxhash.xxh3_64()
            tokens = 0
            for encoding in tokenizer.encode_batch_fast(collection_texts(collection), add_special_tokens=False):
                tokens += len(encoding.ids)
                digest.update(struct.pack(f"<{len(encoding.ids)}I", *encoding.ids))
            yield {"tokenizer": name, "collection": collection, "tokens": tokens, "xxh3": digest.hexdigest()}


def open_llama2() -> Tokenizer:
    """../shared's file has spaces where no-break spaces were, so that three merges do not split at one space."""
    fields = json.loads((SHARED / "models/tokenizers/llama2.tokenizer.json").read_text())
    model = fields["model"]
    pairs = []
    for merge in model["merges"]:
        ways = [(merge[:at], merge[at + 1 :]) for at, character in enumerate(merge) if character == " "]
        pairs.append(next(way for way in ways if {*way, "".join(way)} <= model["vocab"].keys()))
    model["merges"] = pairs
    return Tokenizer.from_str(json.dumps(fields))


def open_published(folder: Path | None) -> dict[str, Tokenizer]:
    model = (SHARED / "models/tokenizers/mistral-v3.tokenizer.model").read_bytes()
    published = {"shared:llama2": open_llama2(), "shared:mistral-v3": converted(model, legacy=False, prefix_space=True)}
    if folder is not None:
        for name in ("gpt-2", "llama-bpe", "qwen2"):
            published[f"published:{name}"] = Tokenizer.from_file(str(folder / name / "tokenizer.json"))
    return published


def write_lines(name: str, lines: list[Fields]) -> None:
    with open(FOLDER / name, "w") as out:
        for line in lines:
            out.write(json.dumps(line) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--published", type=Path)
    published = parser.parse_args().published
    tokenizers = make_tokenizers()
    for name, tokenizer in tokenizers.items():
        write_tokenizer(name, tokenizer)
    tokenizers |= make_sentencepieces()
    write_lines("cases.jsonl", list(cases(tokenizers)))
    write_lines("characters.jsonl", list(characters()))
    kept: list[Fields] = []
    if published is None and (FOLDER / "collections.jsonl").exists():
        lines = [json.loads(line) for line in (FOLDER / "collections.jsonl").read_text().splitlines()]
        kept = [line for line in lines if line["tokenizer"].startswith("published:")]
    small = collections(tokenizers, ["cranfield", "noveleval"])
    write_lines("collections.jsonl", [*small, *collections(open_published(published), COLLECTIONS), *kept])


if __name__ == "__main__":
    main()
