#!/usr/bin/env bash
# Prints the Debian packages that the shared libraries of a program come from, one a line.
#
# usage: runtime_packages.sh PROGRAM
set -euo pipefail
[ $# -eq 1 ] || { echo 'usage: runtime_packages.sh PROGRAM' >&2; exit 2; }

# Packages may name a library below /lib or below /usr/lib, which are one directory.
owner() { dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "/usr$1" 2>/dev/null || dpkg-query -S "${1#/usr}"; }

ldd "$1" | awk '$2 == "=>" {print $3}' | while read -r library; do
  owner "$library" | cut -d: -f1
done | sort -u
