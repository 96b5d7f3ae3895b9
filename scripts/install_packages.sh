#!/usr/bin/env bash
# Installs the Debian packages that the given lists name and this machine lacks.
#
# usage: install_packages.sh LIST...
#
# Lists hold a package a line; "#" starts a comment. Nothing is touched, and nothing asked of the network, when all are
# there. Otherwise apt installs what is missing, as root or through a sudo that asks no password; where neither is
# possible the one line to run is printed and the exit code is 1.
set -euo pipefail

[ $# -gt 0 ] || { echo 'usage: install_packages.sh LIST...' >&2; exit 2; }
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
  echo 'install_packages: this is not a Debian or Ubuntu machine; install what these lists name:' "$@" >&2
  exit 1
}

wanted=$(sed 's/#.*//' "$@" | awk 'NF {print $1}' | sort -u)
# shellcheck disable=SC2086  # a list of words
present=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | awk '$1 == "ii" {print $2}' || true)
missing=$(printf '%s\n' "$present" "$present" "$wanted" | awk 'NF' | sort | uniq -u | tr '\n' ' ')
[ -n "$missing" ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
    printf 'Packages are missing. Please run this line, then try again:\n\n  sudo apt-get install -y %s\n\n' \
      "$missing" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi

echo "installing packages: $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1; }
# The package index may be absent (minimal images) or too old to name files that still exist.
apt install -y --no-install-recommends $missing ||
  { apt update && apt install -y --no-install-recommends $missing; } || {
  tail -n 20 "$log" >&2
  echo "install_packages: apt could not install: $missing" >&2
  exit 1
}
