#!/usr/bin/env bash
# Packs tallyd in a fresh clone, installs the tarball in an empty folder and runs it there: the
# version, a server that takes a metric and answers /render, a clean exit on SIGTERM. Then the clone
# itself: `npm start` is one process, which SIGTERM to npm ends.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
fail() {
  echo "$@"
  cat "$work/log" 2>/dev/null || true
  exit 1
}
flags=(--address 127.0.0.1 --port 0 --mgmt-port 0 --http-port 0 --carbon-port 0
  --carbon-pickle-port 0 --flush-interval 1000 --data-dir "$work/data")

# up: waits until the server that was started last says so.
up() {
  for _ in $(seq 300); do
    grep -q '"tallyd is up' "$work/log" && return
    kill -0 "$server" 2>/dev/null || fail 'the server did not start'
    sleep 0.1
  done
  fail 'the server is not up after 30 s'
}
# field NAME: of the line that says that it is up; `http` and `statsd` are ports.
field() {
  node -e '
    const [log, field] = process.argv.slice(1);
    const lines = require("fs").readFileSync(log, "utf8").split("\n").filter((l) => l.startsWith("{"));
    const up = lines.map((l) => JSON.parse(l)).find((l) => l.msg.startsWith("tallyd is up"));
    console.log(up[field] ?? up.addresses.find((a) => a.startsWith(field)).split(":").pop());
  ' "$work/log" "$1"
}

mkdir "$work/clone"
cd "$root"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work/clone"
cd "$work/clone"
npm ci --no-audit --no-fund >"$work/log" 2>&1 || fail 'npm ci failed'
if grep -q 'warn install-scripts' "$work/log"; then fail 'npm ci warns'; fi
tarball=$(npm pack --silent --pack-destination "$work")
mkdir "$work/app"
cd "$work/app"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --omit=dev "$work/$tarball"
[ ! -e node_modules/tsx ] || fail 'tsx is installed with tallyd'

version=$(npx tallyd --version)
echo "installed tallyd $version"
[ "$version" = "$(node -p "require('$root/package.json').version")" ]

npx tallyd start "${flags[@]}" 2>"$work/log" &
server=$!
up
http=$(field http)
npx tallyd send --port "$(field statsd)" 'packed.hello:7|c'
for _ in $(seq 60); do
  answer=$(curl -sf "http://127.0.0.1:$http/render?target=stats_counts.packed.hello&from=-1min&format=json" || true)
  case "$answer" in *'[7.0, '* | *'[7.0,'*) break ;; esac
  sleep 0.2
done
case "$answer" in *'[7.0,'*) ;; *) fail "render answered: $answer" ;; esac
# The package carries it, and nothing was compiled where it was installed.
receiver=$(node -p 'process.platform === "linux" ? "native" : "message"')
[ "$(field receiver)" = "$receiver" ] || fail "receives by $(field receiver), expected $receiver"
kill -TERM "$(field pid)"
wait "$server"
echo 'the packed tallyd installs, serves and stops'

cd "$work/clone"
npm start -- "${flags[@]}" >"$work/log" 2>&1 &
server=$!
up
pid=$(field pid)
[ "$(ps -o ppid= -p "$pid" | tr -d ' ')" = "$server" ] || fail 'npm start keeps a process between'
if pgrep -P "$pid" >/dev/null; then fail 'the server has children'; fi
case "$(field receiver)" in native*) ;; *) fail "a clone receives by $(field receiver)" ;; esac
kill -TERM "$server"
wait "$server" || true
for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
if kill -0 "$pid" 2>/dev/null; then fail 'SIGTERM to npm does not reach the server'; fi
server=
echo 'npm start is one process, and stops'
