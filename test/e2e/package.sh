#!/usr/bin/env bash
# Builds and packs tallyd, installs the tarball in an empty folder, and runs it there: the version,
# a server that takes a metric and answers /render, a clean exit on SIGTERM. No tsx involved.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

cd "$root"
npm run --silent build
tarball=$(npm pack --silent --pack-destination "$work")
mkdir "$work/app"
cd "$work/app"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --omit=dev "$work/$tarball"

version=$(npx tallyd --version)
echo "installed tallyd $version"
[ "$version" = "$(node -p "require('$root/package.json').version")" ]

node node_modules/tallyd/dist/main.js start --address 127.0.0.1 --port 0 --mgmt-port 0 --http-port 0 \
  --carbon-port 0 --flush-interval 1000 --data-dir "$work/data" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
  grep -q '"tallyd is up' "$work/log" && break
  kill -0 "$server" || { cat "$work/log"; exit 1; }
  sleep 0.1
done
port() {
  node -e '
    const [log, kind] = process.argv.slice(1);
    const lines = require("fs").readFileSync(log, "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l));
    const up = lines.find((l) => l.msg.startsWith("tallyd is up"));
    console.log(up.addresses.find((a) => a.startsWith(kind)).split(":").pop());
  ' "$work/log" "$1"
}
http=$(port http)
npx tallyd send --port "$(port statsd)" 'packed.hello:7|c'
for _ in $(seq 60); do
  answer=$(curl -sf "http://127.0.0.1:$http/render?target=stats_counts.packed.hello&from=-1min&format=json" || true)
  case "$answer" in *'[7.0, '* | *'[7.0,'*) break ;; esac
  sleep 0.2
done
case "$answer" in *'[7.0,'*) ;; *) echo "render answered: $answer"; cat "$work/log"; exit 1 ;; esac
kill -TERM "$server"
wait "$server"
server=
echo 'the packed tallyd installs, serves and stops'
