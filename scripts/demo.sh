#!/usr/bin/env bash
# Indexes the package descriptions of this machine's distribution, serves them, and searches them over gRPC.
#
# usage: demo.sh FORAKER FOLDER     (FORAKER: the binary; FOLDER: where the demo's files go)
set -euo pipefail
[ $# -eq 2 ] || { echo 'usage: demo.sh FORAKER FOLDER' >&2; exit 2; }
foraker=$1
folder=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

server=
stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}
trap stop_server EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$1"; }
[ -t 1 ] || say() { printf '\n== %s\n' "$1"; }
# Shows a command and runs it.
run() {
  local word line='$ foraker'
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=,-]+$ ]]; then line+=" $word"; else line+=" '$word'"; fi
  done
  printf '%s\n' "$line"
  "$foraker" "$@"
}

mkdir -p "$folder"
rm -rf "$folder/data"
say 'Real text: what the distribution says about its packages'
"$here/fetch_package_descriptions.sh" "$folder/packages.jsonl"

say 'Index it: one batch, one atomic publish'
run index --data "$folder/data" --collection packages --input "$folder/packages.jsonl"

say 'Serve it (the port is free to choose), with a small model that ranks'
python3 "$here/make_lexical_ranker.py" "$folder/lexical-ranker"
"$foraker" serve --data "$folder/data" --listen 127.0.0.1:0 --http-listen 127.0.0.1:0 \
  --rank-model "$folder/lexical-ranker" >"$folder/server.out" 2>"$folder/server.log" &
server=$!
for _ in $(seq 100); do
  if grep -q 'gRPC on' "$folder/server.out" || ! kill -0 "$server" 2>/dev/null; then break; fi
  sleep 0.1
done
cat "$folder/server.out"
address=$(sed -n 's/.*gRPC on \([^, ]*\).*/\1/p' "$folder/server.out")
[ -n "$address" ] || { echo 'demo: the server did not start:' >&2; cat "$folder/server.log" >&2; exit 1; }

search() { run search --server "$address" -c packages "$@"; }
say 'Search it over gRPC: exact, with the words that matched'
search -k 5 'watch the stars and planets on the computer'

say 'Only what passes a filter'
search -k 5 --fields section,installed_size \
  --filter 'section in ("games", "universe/games") and installed_size < 5000' 'play chess against the computer'

say 'A language model reads the best 20 in one pass and orders them (this one is constructed, not trained)'
search -k 3 --rerank --candidates 20 'image viewer for the terminal'

say 'Where the best matches are: a field counted over the best 200'
search -k 3 --facet section:6 --facet-hits 200 'make music'

say 'Why is it first? Each term, its weights, and the product'
search -k 1 --explain 'organise and edit raw photographs'

say 'Why is another one not there?'
search -k 1 --explain-id gimp 'organise and edit raw photographs'

say 'What is in the collection'
run collections show --server "$address" packages

say 'A question that takes several searches: each step as it happens, then the answer, what it rests on, the bill'
run ask --server "$address" -c packages \
  'Which file manager belongs to the desktop environment whose window manager is marco?'

say 'Stop the server: it finishes what is under way'
stop_server
tail -n 1 "$folder/server.log"
