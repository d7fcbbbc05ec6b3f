#!/usr/bin/env bash
# The private local network integration run: real processes on loopback, relay events from a recording, totals at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
Usage: test/run_test.sh [OPTIONS]

Writes a private network into a folder, starts one tally server, share keepers, data collectors and an injector for
each of them, waits until the rounds are over, and prints the results.

  --keepers N          share keepers                                   (3)
  --threshold T        how many of them open a total                   (2)
  --collectors N       data collectors                                 (3)
  --min N              least collectors of a total                     (all)
  --lost N             collectors that may be lost                     (0)
  --rounds N           rounds, one after the other                     (1)
  --seconds S          seconds of counting in each round               (10)
  --events FILE        an event log, perhaps packed by gzip; give it several times for several relays: the
                       collectors take them in turn                    (those of the demonstration)
  --counters FILE      counters and bins                               (config/counters/exit-streams.bins.yaml)
  --noise FILE         their noise file                                (config/noise/exit-streams.demo.yaml)
  --sigmas FILE        a file of sigmas instead
  --domains FILE       a list of domains; may be given several times   (none)
  --noise-off          exact totals, with test keys
  --kill NAME          kill -9 this node when counting has begun; may be given several times
  --folder DIR         where to put it                                 (a new temporary folder)
  --skip-build         use build/ as it is
  -h, --help           this text

Exit code: that of the tally server. 0: every round was released; 3: one was aborted.
Without --events the relays' logs are played in the first round only; later ones count nothing but noise.
TEXT
}

keepers=3 threshold=2 collectors=3 min='' lost=0 rounds=1 seconds=10 folder='' build=yes
events=() init=() kills=()
need() { [ $# -ge 2 ] || { echo "run_test.sh: $1 needs a value; see --help" >&2; exit 2; }; }
while [ $# -gt 0 ]; do
  case "$1" in
    --noise-off) init+=(--test --noise-off); shift; continue ;;
    --skip-build) build=no; shift; continue ;;
    -h | --help) usage; exit 0 ;;
  esac
  need "$@"
  case "$1" in
    --keepers) keepers=$2 ;;
    --threshold) threshold=$2 ;;
    --collectors) collectors=$2 ;;
    --min) min=$2 ;;
    --lost) lost=$2 ;;
    --rounds) rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --events) events+=("$2") ;;
    --counters | --noise | --sigmas | --domains) init+=("$1" "$2") ;;
    --kill) kills+=("$2") ;;
    --folder) folder=$2 ;;
    *) echo "run_test.sh: unknown option $1; see --help" >&2; exit 2 ;;
  esac
  shift 2
done

[ "$build" = no ] || npm run --silent build
[ -n "$folder" ] || folder=$(mktemp -d "${TMPDIR:-/tmp}/privcount-run.XXXXXX")
[ ${#events[@]} -gt 0 ] || events=(config/demo/exit-1.events.gz config/demo/exit-2.events.gz config/demo/exit-3.events.gz)
[ -z "$min" ] || init+=(--min "$min")
privcount=(node build/src/cli/main.js)
network=$folder/network
# Ports beside the defaults, so that a run does not meet a network that is there already.
port=$((21000 + RANDOM % 20000))
"${privcount[@]}" init "$network" --name run-test --injected --keepers "$keepers" --threshold "$threshold" \
  --collectors "$collectors" --lost "$lost" --rounds "$rounds" --collect-period "$seconds" --port "$port" \
  --control-port $((port + 1)) --noise-period 2 --settle-period 20 --phase-timeout 10 "${init[@]}"

declare -A pids
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true' EXIT
launch() { # NAME, then the command's arguments
  local name=$1
  shift
  "${privcount[@]}" "$@" >"$folder/$name.log" 2>&1 &
  pids[$name]=$!
}
for ((n = 1; n <= collectors; n++)); do
  launch "relay-$n" inject --ip 127.0.0.1 --port $((port + n)) --stay --log "${events[$(((n - 1) % ${#events[@]}))]}"
  launch "collector-$n" dc "$network/collector-$n/config.yaml"
done
for ((n = 1; n <= keepers; n++)); do launch "keeper-$n" sk "$network/keeper-$n/config.yaml"; done
launch tally ts "$network/tally/config.yaml"

if [ ${#kills[@]} -gt 0 ]; then
  until grep -q ': collecting$' "$folder/tally.log" || ! kill -0 "${pids[tally]}" 2>/dev/null; do sleep 0.2; done
  for name in "${kills[@]}"; do
    [ -n "${pids[$name]:-}" ] || { echo "run_test.sh: no node $name" >&2; exit 2; }
    kill -9 "${pids[$name]}" && echo "killed $name"
  done
fi

code=0
wait "${pids[tally]}" || code=$?
unset 'pids[tally]'
grep -h ' \[\(WARN\|ERROR\)\] ' "$folder/tally.log" || true
ls "$network/tally/results"
for file in "$network"/tally/results/privcount.tallies.*.json; do
  [ -e "$file" ] && "${privcount[@]}" show "$file"
done
echo "Network, logs and results: $folder"
exit "$code"
