#!/usr/bin/env bash
# Prints the Debian packages that the shared libraries of a program come from, one a line; fails when one has none.
#
# usage: runtime_packages.sh PROGRAM
set -euo pipefail
[ $# -eq 1 ] || { echo 'usage: runtime_packages.sh PROGRAM' >&2; exit 2; }

libraries=$(ldd "$1" | awk '$2 == "=>" {print $3}')
# Packages may name a library below /lib or below /usr/lib, which are one directory.
# shellcheck disable=SC2086  # a list of words
owners=$(dpkg-query -S $libraries ${libraries//\/lib\//\/usr\/lib\/} 2>/dev/null || true)
for library in $libraries; do
  grep -q "/${library##*/}\$" <<<"$owners" || { echo "runtime_packages: no package has $library" >&2; exit 1; }
done
cut -d: -f1 <<<"$owners" | sort -u
