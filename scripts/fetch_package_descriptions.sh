#!/usr/bin/env bash
# Writes the package descriptions of this machine's distribution as BEIR JSON lines, the collection of `make demo`.
#
# usage: fetch_package_descriptions.sh OUT.jsonl
#
# Needs apt and python3, nothing else; an ordinary user may run it. apt downloads the indices (its `Packages` and
# `Translation-en`, checked against the distribution's signatures as always) into a private temporary folder, so the
# system's configuration, lists and cache stay as they are. Indices the machine already has are copied there first:
# apt then downloads only what is missing or newer, and without a network the copies alone serve.
set -euo pipefail

fail() {
  printf 'fetch_package_descriptions: %s\n' "$1" >&2
  exit 1
}

[ $# -eq 1 ] || fail 'usage: fetch_package_descriptions.sh OUT.jsonl'
out=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in apt-get apt-config python3; do
  command -v "$tool" >/dev/null || fail "$tool is missing; this needs a Debian or Ubuntu machine with python3"
done
[ -d "$(dirname "$out")" ] || fail "the folder of $out does not exist"

work=$(mktemp -d) || fail 'cannot make a temporary folder'
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"                 # root's apt downloads as the user _apt, which must get in
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/parts"
: >"$work/status"
lists=$(apt-config shell lists Dir::State::lists/d | sed -n "s/^lists='\(.*\)'$/\1/p")
for index in "$lists"/*_InRelease "$lists"/*_Release "$lists"/*_Release.gpg "$lists"/*_Packages* "$lists"/*_Translation-en*; do
  if [ -r "$index" ]; then cp -p "$index" "$work/lists/"; fi
done

# The machine's own download settings (proxies, mirrors), without its hooks and without what would suppress
# descriptions: container images ask apt for no languages at all.
{
  apt-config dump | grep -E '^(APT::Architecture|Acquire::)' |
    grep -vE '^Acquire::(Languages|IndexTargets|GzipIndexes|Retries)'
  cat <<CONF
Dir::State::lists "$work/lists/";
Dir::State::status "$work/status";
Dir::Cache "$work/cache/";
Dir::Etc::parts "$work/parts";
Dir::Etc::main "$work/no-such-file";
Acquire::Languages { "en"; };
Acquire::GzipIndexes "true";
Acquire::Retries "1";
CONF
} >"$work/apt.conf"
export APT_CONFIG=$work/apt.conf

# A source that cannot be reached is no reason to stop: what did arrive is used, and the reader below says if that is
# nothing.
apt-get -qq update >"$work/update.log" 2>&1 || true
apt-get indextargets --format '$(CREATED_BY) $(FILENAME)' >"$work/targets" 2>>"$work/update.log" ||
  fail "apt lists no package sources: $(grep -m1 '^E:' "$work/update.log" || echo 'see /etc/apt/sources.list')"
if ! grep -q '^Translations ' "$work/targets"; then
  fail "no descriptions could be downloaded: $(grep -m1 '^[EW]:' "$work/update.log" || echo 'no package source has any')"
fi
python3 "$here/package_descriptions.py" "$work/targets" "$out"
