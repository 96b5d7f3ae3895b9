"""Makes tests/golden/wordpiece: what Hugging Face `tokenizers` makes of texts, to hold ours against.

    TOKENIZER/tokenizer.json   small tokenizers that differ in their rules
    cases.jsonl                nasty texts through each of them, all tokens
    characters.jsonl           blocks of 4,096 code points: hash of each character's role and folding
    collections.jsonl          the test collections through bert-base-uncased's vocabulary: counts and hashes

Byte ranges are made of the library's character ranges. Run from the repository root, with the test data in
../shared, tokenizers 0.23.3 and xxhash 4.1.0:

    python tests/golden/make_wordpiece.py
"""

# ruff: noqa: RUF001 - the texts are full of look-alikes on purpose

import json
import string
import struct
import unicodedata
from pathlib import Path

import xxhash
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

FOLDER = Path(__file__).parent / "wordpiece"
SHARED = Path(__file__).parents[3] / "shared"
COLLECTIONS = ["cranfield", "dl19-pool5k", "hotpotqa-dev", "musique-dev", "nfcorpus-test", "noveleval", "scifact"]
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = (
    string.ascii_letters
    + string.digits
    + "éÉöÖßıİñçàåÅæﬁﬀſ\u0301\u0307\u0308\u0338"  # Latin, ligatures, marks
    + "αβςσΣΩωабвйёЖж"  # Greek, Cyrillic
    + "אבשالعربية"  # Hebrew, Arabic
    + "कषितกขุ"  # Devanagari, Thai
    + "한국어\u1112\u1161\u11ab\u1100\u116e\u11a8"  # Hangul whole and in parts
    + "東京中国豈\U0002000b\U0002b820かがタダー"  # ideographs and kana
    + "½Ⅷ™°≠≮⁰\u00ad\u200d\ufe0f👩🚀🦙🏽🇩🇪𝐀𐐀𐐨\ufffd\u02d4\u1e9e"
)
PUNCTUATION = string.punctuation + "“”‘’—–…。、！？·;¿¡٪।\u1fef"
WORDS = ["the", "un", "want", "runn", "cafe", "café", "new", "token", "hello", "world", "##able", "##ing", "##ed"]

TEXTS = [
    "",
    " ",
    "\t\n\r ",
    "Hello, world!",
    "unwanted running",
    "UNWANTED, Running",
    "the cafe\u0301 Café CAFÉ cafe",
    "o\u0308\u0301 Ö O\u0308",
    "\u0301leading mark",
    " \u0301 \u0308\u0301 ",
    "a\u0301\u0302\u0303\u0304b",
    "İstanbul Iı iİ \u0130\u0307",
    "Straße STRAẞE ſt",
    "ﬁnal ﬀ eﬃcient",
    "ΑΣ ΣΑΣ σς ΩΩ",
    "Жж ёЙ е\u0308",
    "שלום א\u05bcב",
    "العربية ال\u064eع",
    "\u202bעב\u202c \u200fab\u200e",
    "\u0915\u094d\u0937\u093f \u0915\u093f",
    "\u0e01\u0e38\u0e02",
    "한국어 \u1112\u1161\u11ab",
    "中国 東京タワー a中b",
    "\u8c48\uf900\U0002f800 \U0002000b\U0002b820\U00030000",
    "か\u3099 が ダ タ\u3099",
    "zero\u200bwidth non\u200cjoin\u200der",
    "soft\u00adhyphen word\u2060joiner \ufeffbom",
    "nul\x00inside \x00\x00 \x00edge\x00",
    "bell\x07 esc\x1b[0m del\x7f c1\x85next \x9f",
    "form\x0cfeed vert\x0btab",
    "line\u2028para\u2029end nbsp\u00a0x ideographic\u3000space \u1680\u2003\u202f",
    "\ufffd a\ufffdb",
    "private \ue000 \U000f0000x tag\U000e0041",
    "👩\u200d🚀 🦙🦙 👍🏽 🇩🇪 ☎\ufe0f",
    "𝐀𝐁 𐐀𐐨",
    "½ Ⅷ ™ ° x² ⁰",
    "a≠b ≮ = \u0338 <\u0338 \u2260\u0301",
    "greek question\u037e ano\u0387 \u1fef",
    "“quotes” ‘single’ it's don’t — – … ¿que?",
    "。、！？ ٪ ।",
    "$100 +1 a^b `code` ~x |y| <z> a=b",
    "C++ e.g. 3.14 a_b user@example.com -- ...",
    "new\u02d4in\u0d00later \u2e43 \u2e5d \u166d \U000111c9 \u1734 \u1885 \ua9bd",
    "\u180e \u061c \u2066x\u2069",
    "[MASK] [mask] [CLS][SEP] [PAD]x[UNK] [MASK",
    "a[MASK]b [[MASK]] [MASK]\u0301 e[MASK]\u0301",
    "  [MASK]  [MASK]\n[MASK] ",
    "new token newtoken NEW TOKEN new tokens",
    "<word> a<word> <word>b <word>. é<word> _<word> <word><word> \u200d<word>",
    "<right>  x<right>\n\ny <right>",
    "abcdefghij" * 10,
    "abcdefghij" * 10 + "k",
    "e\u0301" * 100,
    "e\u0301" * 101 + " a",
    "한" * 33 + " " + "한" * 34,
    "\u0301" + "x" * 101 + "\u0301\u200b y",
    "abcde abcdef abcdefg ab\u0301cdef",
    "q\u4e2dunable\u3002tokening",
    "##able able ##ing",
    "zzz漢zzz 漢字",
]


def vocabulary(prefix, unknown):
    tokens = [unknown if token == "[UNK]" else token for token in SPECIALS]
    tokens += list(PUNCTUATION) + list(LETTERS) + [prefix + letter for letter in LETTERS]
    tokens += [word.replace("##", prefix) for word in WORDS]
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def make_tokenizer(rules, prefix="##", unknown="[UNK]", most=100):
    ids = vocabulary(prefix, unknown)
    model = models.WordPiece(ids, unk_token=unknown, continuing_subword_prefix=prefix, max_input_chars_per_word=most)
    tokenizer = Tokenizer(model)
    if rules is not None:
        tokenizer.normalizer = normalizers.BertNormalizer(**rules)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])]
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIALS if token in ids])
    return tokenizer


def make_tokenizers():
    bert = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    added = make_tokenizer(bert, prefix="@@", unknown="<none>", most=6)
    added.add_special_tokens([AddedToken("<right>", rstrip=True, normalized=False)])
    added.add_tokens(
        [
            AddedToken("<word>", single_word=True, normalized=False),
            AddedToken("new token", normalized=False),
            AddedToken("new", lstrip=True, normalized=False),
        ]
    )
    return {
        "uncased": make_tokenizer(bert),
        "cased": make_tokenizer(bert | {"lowercase": False}),
        "accents": make_tokenizer(bert | {"strip_accents": False}),
        "unclean": make_tokenizer(bert | {"clean_text": False, "handle_chinese_chars": False}),
        "plain": make_tokenizer(None),
        "added": added,
    }


def tokens_of(tokenizer, text):
    """Ids and byte ranges."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    if text.isascii():
        return encoding.ids, encoding.offsets
    byte = [0]
    for character in text:
        byte.append(byte[-1] + len(character.encode()))
    return encoding.ids, [(byte[begin], byte[end]) for begin, end in encoding.offsets]


def write_lines(name, lines):
    with open(FOLDER / name, "w") as out:
        for line in lines:
            out.write(json.dumps(line) + "\n")


def cases(tokenizers):
    for name, tokenizer in tokenizers.items():
        for text in TEXTS:
            ids, ranges = tokens_of(tokenizer, text)
            yield {
                "tokenizer": name,
                "text": text,
                "ids": ids,
                "begins": [begin for begin, _ in ranges],
                "ends": [end for _, end in ranges],
            }


def characters():
    """Only what Unicode 14.0 (of Python 3.11) assigns: the lower case of later letters depends on versions."""
    split = pre_tokenizers.BertPreTokenizer()
    for strip in (True, False):
        normalizer = normalizers.BertNormalizer(strip_accents=strip)
        for block in range(0, 0x110000, 0x1000):
            text = []
            for character in map(chr, range(block, block + 0x1000)):
                if unicodedata.category(character) in ("Cn", "Cs"):
                    continue
                folded = normalizer.normalize_str(character)
                parts = len(split.pre_tokenize_str(f"a{folded}a"))
                role = "none" if folded == "" else ["word", "space", "alone"][parts - 1]
                text.append(f"{ord(character)} {role} {folded.strip() if role != 'space' else ''}\n")
            if text:
                digest = xxhash.xxh3_64_hexdigest("".join(text).encode())
                yield {"strip_accents": strip, "first": block, "assigned": len(text), "xxh3": digest}


def collections():
    tokenizer = Tokenizer.from_file(str(SHARED / "models/splade-tiny/tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for name in COLLECTIONS:
        texts = tokens = 0
        digest = xxhash.xxh3_64()
        for part in ("corpus", "queries"):
            for line in (SHARED / "data" / name / f"{part}.jsonl").read_text().split("\n")[:-1]:
                fields = json.loads(line)
                ids, ranges = tokens_of(tokenizer, f"{fields.get('title', '')} {fields['text']}")
                texts += 1
                tokens += len(ids)
                for id_, (begin, end) in zip(ids, ranges, strict=True):
                    digest.update(struct.pack("<III", id_, begin, end))
        yield {"collection": name, "texts": texts, "tokens": tokens, "xxh3": digest.hexdigest()}


def main():
    tokenizers = make_tokenizers()
    for name, tokenizer in tokenizers.items():
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        (FOLDER / name / "tokenizer.json").write_text(tokenizer.to_str() + "\n")
    write_lines("cases.jsonl", cases(tokenizers))
    write_lines("characters.jsonl", characters())
    write_lines("collections.jsonl", collections())


if __name__ == "__main__":
    main()
