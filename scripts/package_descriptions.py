"""Joins apt's `Packages` and `Translation-en` indices into BEIR JSON lines, one line a package.

usage: package_descriptions.py TARGETS OUT.jsonl

TARGETS   lines "KIND FILE" as `apt-get indextargets --format '$(CREATED_BY) $(FILENAME)'` prints them; files of the
          kinds Packages and Translations are read, through apt's own helper, whatever their compression.
OUT.jsonl {"_id": package, "title": package, "short": one-line description, "text": short and long description as
          paragraphs, "section", "priority", "homepage", "version", "maintainer", "architecture": strings,
          "installed_size": integer KiB}; absent fields are left out. Sorted by name.

A package that several sources offer (base, updates, security) appears once, as the last of them describes it. Only
the standard library is used: this runs on a machine where nothing is installed yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

APT_HELPER = "/usr/lib/apt/apt-helper"
FIELDS = {
    "Section": "section",
    "Priority": "priority",
    "Homepage": "homepage",
    "Version": "version",
    "Maintainer": "maintainer",
    "Architecture": "architecture",
}


def stanzas(path: str) -> Iterator[dict[str, str]]:
    """The stanzas of one deb822 index; a folded field keeps its newlines and leading blanks."""
    with subprocess.Popen(
        [APT_HELPER, "-q", "cat-file", path], stdout=subprocess.PIPE, encoding="utf-8", errors="replace"
    ) as helper:
        assert helper.stdout is not None
        stanza: dict[str, str] = {}
        name = ""
        for line in helper.stdout:
            line = line.rstrip("\n")
            if not line:
                if stanza:
                    yield stanza
                stanza = {}
            elif line[0] in " \t":
                stanza[name] += "\n" + line
            else:
                name, _, value = line.partition(":")
                stanza[name] = value.strip()
        if stanza:
            yield stanza
    if helper.returncode != 0:
        raise OSError(f"apt could not read its index {path}")


def paragraphs(description: str) -> tuple[str, str]:
    """The short description, and both descriptions as paragraphs (Debian policy 5.6.13).

    A line behind one blank continues its paragraph, a line behind more blanks or with a list mark stands alone, " ."
    ends a paragraph.
    """
    short, *lines = description.split("\n")
    blocks: list[str] = [short]
    fresh = True  # the next line starts a paragraph
    in_item = False
    for line in lines:
        body = line[1:]
        text = body.strip()
        if text in ("", "."):
            fresh, in_item = True, False
            continue
        indented = body[:1].isspace()
        marked = text.startswith(("* ", "- ", "+ ", "o ", "• "))
        if fresh:
            blocks.append(text)
        elif marked or (indented and not in_item):
            blocks[-1] += "\n" + text
        else:
            blocks[-1] += " " + text
        in_item = marked or (in_item and indented)
        fresh = False
    return short, "\n\n".join(blocks)


def read(targets: str) -> Iterator[dict[str, Any]]:
    """The documents, sorted by package name."""
    kinds: dict[str, list[str]] = {"Packages": [], "Translations": []}
    with open(targets, encoding="utf-8") as lines:
        for line in lines:
            kind, _, path = line.rstrip("\n").partition(" ")
            if kind in kinds and path not in kinds[kind]:
                kinds[kind].append(path)
    english: dict[tuple[str, str], str] = {}
    for path in kinds["Translations"]:
        for stanza in stanzas(path):
            if "Description-en" in stanza:
                english[stanza["Package"], stanza.get("Description-md5", "")] = stanza["Description-en"]
    packages: dict[str, dict[str, Any]] = {}
    for path in kinds["Packages"]:
        for stanza in stanzas(path):
            name = stanza.get("Package", "")
            # A source without translations has the whole description in its Packages index.
            description = english.get((name, stanza.get("Description-md5", "")), stanza.get("Description", ""))
            if not name or not description:
                continue
            short, text = paragraphs(description)
            document: dict[str, Any] = {"_id": name, "title": name, "short": short, "text": text}
            document |= {key: stanza[field] for field, key in FIELDS.items() if field in stanza}
            if stanza.get("Installed-Size", "").isdecimal():
                document["installed_size"] = int(stanza["Installed-Size"])
            packages[name] = document
    for name in sorted(packages):
        yield packages[name]


def main() -> int:
    if len(sys.argv) != 3:
        print("package_descriptions: usage: package_descriptions.py TARGETS OUT.jsonl", file=sys.stderr)
        return 2
    _, targets, out = sys.argv
    partial = out + ".partial"
    count = 0
    try:
        with open(partial, "w", encoding="utf-8") as file:
            for document in read(targets):
                file.write(json.dumps(document, ensure_ascii=False) + "\n")
                count += 1
        if count == 0:
            raise OSError("the package indices hold no descriptions")
        os.replace(partial, out)
    except OSError as error:
        if os.path.exists(partial):
            os.remove(partial)
        print(f"package_descriptions: {error}", file=sys.stderr)
        return 1
    print(f"{count} package descriptions -> {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
