"""Builds set (b) of the benchmark: more than 300,000 distinct English texts that every Debian mirror carries, and 300
queries for them.

usage: make_texts.py [--work FOLDER] OUT.jsonl[.zst] QUERIES.jsonl

Needs Debian 12 or Ubuntu 24.04 with `apt-get update` done, and the programs apt-get, dpkg-deb, groff and (for a .zst
output) zstd; Python's standard library only; no root. Packages are downloaded and unpacked into FOLDER (a temporary one
unless given), never installed. One core, some five minutes, most of them groff's.

OUT.jsonl      BEIR JSON lines {"_id", "title", "text", "source"}, no text twice:
  package      the distribution's package descriptions (scripts/fetch_package_descriptions.sh)
  wordnet      WordNet 3.0: a synset's words, part of speech, gloss and examples
  gcide        the GNU Collaborative International Dictionary of English, and beside it
  foldoc, jargon, vera, devil, elements    five smaller dictionaries of the dict project
  man          English manual pages (Linux, FreeBSD, Perl, Tcl, Git, Erlang, OCaml, OpenSSL, ...), a section a text
Entries and sections longer than PASSAGE_CHARS are cut at paragraph, line or sentence ends.

QUERIES.jsonl  {"_id", "text", "metadata": {"origin": _id of the text it was made from}}: short descriptions of
               packages, questions made of glosses, dictionary titles, one-line descriptions of manual pages. The same
               texts give the same queries (fixed seed). The origin allows known-item checks; it judges no relevance.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import gzip
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

PASSAGE_CHARS = 1200  # about 200 words, what a small encoder with 256 tokens still reads nearly whole
MIN_CHARS = 20
DICTIONARIES = ("gcide", "foldoc", "jargon", "vera", "devil", "elements")
MANUALS = (
    "manpages", "manpages-dev", "freebsd-manpages", "perl-doc", "erlang-manpages", "libssl-doc", "systemd", "git-man",
    "cmake-data", "tcl8.6-doc", "tk8.6-doc", "postfix", "libcurl4-doc", "libx11-doc", "ocaml-man", "openssl",
    "zsh-common", "iproute2", "libpcre2-dev", "lvm2", "slapd", "ncurses-doc", "devscripts", "sudo", "util-linux",
    "bash", "rsync", "debhelper", "dpkg-dev", "btrfs-progs", "xterm", "xfsprogs", "nmap", "libarchive-dev", "procps",
    "e2fsprogs", "libpng-dev", "libbsd-dev", "apt", "dovecot-core", "openssh-client", "iptables", "mutt", "graphviz",
    "coreutils", "curl", "mdadm", "nfs-common", "screen", "nftables", "dpkg", "passwd", "tmux", "valgrind",
    "exim4-base", "bind9-utils",
)  # fmt: skip
MAN_BOILERPLATE = {
    "SEE ALSO", "AUTHOR", "AUTHORS", "COPYRIGHT", "COLOPHON", "REPORTING BUGS", "LICENSE", "NAME", "SYNOPSIS",
    "AVAILABILITY", "COPYRIGHT AND LICENSE", "GIT",
}  # fmt: skip
PARTS_OF_SPEECH = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}
QUERY_COUNTS = {"package": 100, "wordnet": 90, "dictionary": 40, "man": 70}


class Text(NamedTuple):
    """One document; `line` is its one-line description, from which a query may be made ('' for none)."""

    id: str
    title: str
    text: str
    source: str
    line: str = ""


def run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip() or "no message").splitlines()[-1]
        raise RuntimeError(f"{' '.join(command[:4])} ... failed: {reason}")
    return done.stdout


def unpack(package: str, work: Path) -> Path | None:
    """The folder with the package's files, downloaded unless there; None where the distribution has no such package."""
    root = work / package
    if root.is_dir():
        return root
    debs = work / "debs"
    debs.mkdir(exist_ok=True)
    try:
        run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package, folder=debs)
    except RuntimeError as error:
        print(f"make_texts: without {package} ({error})", file=sys.stderr)
        return None
    deb = next(debs.glob(f"{package}_*.deb"))
    run("dpkg-deb", "-x", str(deb), str(root))
    deb.unlink()
    return root


def passages(text: str) -> Iterator[str]:
    """Pieces of at most about PASSAGE_CHARS, cut between paragraphs, else lines, else sentences."""
    piece = ""
    for unit in re.split(r"(?<=\n\n)", text):
        parts = [unit]
        for cut in (r"(?<=\n)", r"(?<=[.;!?] )", r"(?<= )"):
            parts = [p for part in parts for p in (re.split(cut, part) if len(part) > PASSAGE_CHARS else [part])]
        for part in parts:
            if piece and len(piece) + len(part) > PASSAGE_CHARS:
                yield piece.strip()
                piece = ""
            piece += part
    if piece.strip():
        yield piece.strip()


def cut(text: Text) -> Iterator[Text]:
    for number, piece in enumerate(passages(text.text)):
        if number == 0:
            yield text._replace(text=piece)
        else:
            yield text._replace(id=f"{text.id}#{number}", text=piece, line="")


def package_descriptions(work: Path) -> Iterator[Text]:
    out = work / "packages.jsonl"
    if not out.exists():
        script = Path(__file__).resolve().parent.parent / "scripts" / "fetch_package_descriptions.sh"
        run(str(script), str(out))
    with out.open(encoding="utf-8") as documents:
        for document in documents:
            package = json.loads(document)
            dull = re.search(r"-(dev|doc|dbg|data|common)$|^lib", package["_id"]) or re.search(
                r"transitional|dummy|metapackage|documentation|\(.*\)", package["short"]
            )
            line = "" if dull else package["short"]
            yield from cut(Text(f"package:{package['_id']}", package["title"], package["text"], "package", line))


def wordnet(work: Path) -> Iterator[Text]:
    """data.POS line: offset lexfile type words (hex) (word lex_id)* pointers ... | gloss (wndb(5WN))."""
    root = unpack("wordnet-base", work)
    if root is None:
        return
    for part, name in PARTS_OF_SPEECH.items():
        with (root / "usr/share/wordnet" / f"data.{part}").open(encoding="latin-1") as lines:
            for line in lines:
                if line.startswith("  "):  # the licence
                    continue
                fields, _, gloss = line.partition(" | ")
                offset, _, kind, count, *rest = fields.split(" ")
                words = [re.sub(r"\(\w+\)$", "", w).replace("_", " ") for w in rest[: 2 * int(count, 16) : 2]]
                gloss = " ".join(gloss.split())
                definition = re.split(r'; "|; \(|[;:]', gloss)[0].strip()
                asked = definition if part in ("noun", "verb") else ""
                yield Text(
                    f"wordnet:{kind}{offset}", words[0], f"{', '.join(words)} ({name}): {gloss}", "wordnet",
                    f"{name}\t{asked}" if asked else "",
                )  # fmt: skip


def dict_number(digits: str) -> int:
    """dictd's base 64: most significant digit first."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    value = 0
    for digit in digits:
        value = value * 64 + alphabet.index(digit)
    return value


def unwrap(entry: str) -> str:
    """An entry's filled lines as paragraphs, without link braces and edition marks."""
    entry = re.sub(r"\[(1913 Webster|Webster 1913 Suppl\.|PJC|WordNet [\d.]+|GG|AS|RP|[\w ]+\+PJC)\]", "", entry)
    entry = re.sub(r"[{}]", "", entry.replace("\r", ""))
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", entry)]
    return "\n\n".join(block for block in blocks if block)


def dictionary(name: str, work: Path) -> Iterator[Text]:
    root = unpack(f"dict-{name}", work)
    if root is None:
        return
    folder = root / "usr/share/dictd"
    with gzip.open(folder / f"{name}.dict.dz") as packed:
        data = packed.read()
    headwords: dict[tuple[int, int], list[str]] = collections.defaultdict(list)
    for line in (folder / f"{name}.index").read_text(encoding="utf-8", errors="replace").splitlines():
        word, offset, length = line.split("\t")[:3]
        if not word.startswith("00"):
            headwords[dict_number(offset), dict_number(length)].append(word)
    for (offset, length), words in sorted(headwords.items()):
        entry = data[offset : offset + length].decode("utf-8", "replace").strip("\n")
        title = min((w for w in words if entry.lower().startswith(w.lower())), key=lambda w: -len(w), default=words[0])
        first, _, rest = entry.partition("\n")
        if first.strip() == title and rest.strip():
            entry = f"{title}: {rest.lstrip()}"
        line = title if name in ("foldoc", "jargon", "gcide") and " " in title else ""
        yield from cut(Text(f"{name}:{offset}", title, unwrap(entry), name, line))


def render(page: Path) -> str:
    """Plain text of a manual page, one line a paragraph (the output line is longer than any)."""
    data = gzip.decompress(page.read_bytes()) if page.suffix == ".gz" else page.read_bytes()
    done = subprocess.run(
        ["groff", "-t", "-mandoc", "-Kutf8", "-Tutf8", "-P-cbou", "-rLL=2000n", "-rHY=0", "-dAD=l"],
        input=data, capture_output=True, check=False,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace")


def manual_page(page: Path, package: str) -> Iterator[Text]:
    name = page.name.removesuffix(".gz")
    name, _, number = name.rpartition(".")
    sections: dict[str, list[str]] = {}
    heading = ""
    for line in render(page).splitlines()[1:-1]:  # without the page's head and foot
        if re.match(r"[^\W\d_]", line) and len(line) < 80:
            heading = line.strip()
            sections.setdefault(heading, [])
        elif heading:
            sections[heading].append(" ".join(line.split()))
    about = re.sub(r"^.*? [-\u2010-\u2014\u2212] +", "", " ".join(sections.get("NAME", [])).strip())
    line = about  # goes with the first section that is kept
    for order, (heading, lines) in enumerate(sections.items()):
        if heading.upper() in MAN_BOILERPLATE:
            continue
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        title = f"{name}({number}) {heading.capitalize()}" + (f": {about}" if about and len(about) < 100 else "")
        yield from cut(Text(f"man:{package}/{name}.{number}#{order}", title, text, "man", line))
        line = ""


def manuals(work: Path) -> Iterator[Text]:
    for package in MANUALS:
        root = unpack(package, work)
        if root is None:
            continue
        for page in sorted((root / "usr/share/man").glob("man*/*")):
            if page.is_file() and not page.is_symlink() and page.stat().st_size > 200:  # smaller ones refer elsewhere
                yield from manual_page(page, package)


def distinct(texts: Iterator[Text]) -> Iterator[Text]:
    """Without texts seen before (blanks and case aside), too short ones, and ids seen before."""
    seen: set[bytes] = set()
    ids: set[str] = set()
    for text in texts:
        key = hashlib.blake2b(" ".join(text.text.lower().split()).encode(), digest_size=12).digest()
        if len(text.text) < MIN_CHARS or key in seen or text.id in ids:
            continue
        seen.add(key)
        ids.add(text.id)
        yield text


def question(text: Text, turn: int) -> str:
    if text.source == "wordnet":
        part, _, definition = text.line.partition("\t")
        if part == "verb":
            return (f"what is the verb that means to {definition}", f"to {definition}")[turn % 2]
        return (f"what do you call {definition}", definition, f"word for {definition}")[turn % 3]
    if text.source in DICTIONARIES:
        return (f"what is {text.line}", f"{text.line} meaning and origin of the term", f"what does {text.line} mean")[
            turn % 3
        ]
    if text.source == "man":
        return (text.line, f"manual page: {text.line}", f"{text.line} example")[turn % 3]
    return text.line


def sample_queries(pool: dict[str, list[Text]]) -> list[dict[str, object]]:
    """Queries of 2 to 18 words from each kind of source, shuffled."""
    rng = random.Random(12)  # of the first seeds, one whose questions can be shown to anybody
    queries: list[tuple[str, str]] = []
    for kind, count in QUERY_COUNTS.items():
        candidates = sorted(pool[kind])
        rng.shuffle(candidates)
        made: dict[str, str] = {}
        for text in candidates:
            if len(made) == count:
                break
            asked = question(text, len(made)).strip(" .").replace("\n", " ")
            least = 2 if kind == "dictionary" else 5
            if least <= len(asked.split()) <= 18 and asked.isascii():
                made.setdefault(asked, text.id)
        queries += [(asked, origin) for asked, origin in made.items()]
    rng.shuffle(queries)
    return [
        {"_id": f"q{i}", "text": asked, "metadata": {"origin": origin}} for i, (asked, origin) in enumerate(queries)
    ]


@contextlib.contextmanager
def writer(path: Path) -> Iterator[IO[str]]:
    if path.suffix != ".zst":
        with path.open("w", encoding="utf-8") as plain:
            yield plain
        return
    with subprocess.Popen(
        ["zstd", "-q", "-3", "-f", "-o", str(path)], stdin=subprocess.PIPE, encoding="utf-8"
    ) as packer:
        assert packer.stdin is not None
        yield packer.stdin
    if packer.returncode != 0:
        raise RuntimeError(f"zstd could not write {path}")


def build(work: Path, out: Path, queries: Path) -> None:
    def everything() -> Iterator[Text]:
        yield from package_descriptions(work)
        yield from wordnet(work)
        for name in DICTIONARIES:
            yield from dictionary(name, work)
        yield from manuals(work)

    counts: collections.Counter[str] = collections.Counter()
    characters: collections.Counter[str] = collections.Counter()
    pool: dict[str, list[Text]] = collections.defaultdict(list)
    with writer(out) as file:
        for text in distinct(everything()):
            document = {"_id": text.id, "title": text.title, "text": text.text, "source": text.source}
            file.write(json.dumps(document, ensure_ascii=False) + "\n")
            counts[text.source] += 1
            characters[text.source] += len(text.text)
            if text.line:
                pool["dictionary" if text.source in DICTIONARIES else text.source].append(text)
    made = sample_queries(pool)
    with queries.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(query, ensure_ascii=False) + "\n" for query in made)
    for source, count in counts.most_common():
        print(f"{source:10s} {count:8d} texts, mean {characters[source] / count:6.0f} characters")
    words = sum(len(str(query["text"]).split()) for query in made) / max(1, len(made))
    print(f"{'all':10s} {counts.total():8d} texts -> {out}; {len(made)} queries, mean {words:.1f} words -> {queries}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Builds set (b) of the benchmark from Debian packages.")
    parser.add_argument("out", type=Path, metavar="OUT.jsonl[.zst]")
    parser.add_argument("queries", type=Path, metavar="QUERIES.jsonl")
    parser.add_argument("--work", type=Path, help="folder for downloads, kept; default: a temporary one")
    args = parser.parse_args()
    try:
        if args.work is None:
            with tempfile.TemporaryDirectory() as folder:
                build(Path(folder), args.out, args.queries)
        else:
            args.work.mkdir(parents=True, exist_ok=True)
            build(args.work.resolve(), args.out, args.queries)
    except (OSError, RuntimeError) as error:
        print(f"make_texts: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
