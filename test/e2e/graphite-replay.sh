#!/usr/bin/env bash
# Replays recorded Graphite answers against a real server: imports the data set's whisper files,
# starts tallyd on free ports, posts the events, runs the replay given as FOLDER/replay.mjs.
#   graphite-replay.sh FOLDER [replay options]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "$1" && pwd)
shift
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

mkdir "$work/w"
tar -xzf "$folder/dataset/whisper.tar.gz" -C "$work/w"
cd "$root"
node src/cli/run-compiled.mjs import whisper "$work/w/whisper" --data-dir "$work/data"
# Nothing is flushed meanwhile: the server's own series would stand among the recorded ones.
node src/cli/run-compiled.mjs start --address 127.0.0.1 --port 0 --mgmt-port 0 --carbon-port 0 \
  --carbon-pickle-port 0 --http-port 0 --flush-interval 86400000 --data-dir "$work/data" 2>"$work/log" &
server=$!
for _ in $(seq 150); do
  grep -q '"tallyd is up' "$work/log" && break
  kill -0 "$server" || { cat "$work/log"; exit 1; }
  sleep 0.1
done
url=$(node -e '
  const lines = require("fs").readFileSync(process.argv[1], "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l));
  const up = lines.find((l) => l.msg.startsWith("tallyd is up"));
  console.log("http://127.0.0.1:" + up.addresses.find((a) => a.startsWith("http")).split(":").pop());
' "$work/log")
node -e '
  const [url, file] = process.argv.slice(1);
  (async () => {
    for (const event of JSON.parse(require("fs").readFileSync(file, "utf8"))) {
      const answer = await fetch(url + "/events/", { method: "POST", body: JSON.stringify(event) });
      if (!answer.ok) throw new Error("POST /events/ answered " + answer.status);
    }
  })();
' "$url" "$folder/dataset/events.json"
node "$folder/replay.mjs" "$url" "$folder" --inject-now "$@"
