#!/usr/bin/env bash
# Runs every command that README.md shows in a console block against a demo of its own, in the order
# shown. `./dev run` is what the demo stands for, and `./dev test` is who runs this script.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${ENERGY_PROGRAM:-build/release/energy-platform}
work=$(mktemp -d)
pid=''
cleanup() {
  if [[ -n $pid ]] && kill -INT "$pid" 2>/dev/null; then wait "$pid" || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

"$program" demo --data-dir "$work/data" --http 127.0.0.1:0 --mqtt 127.0.0.1:0 >"$work/log" 2>&1 &
pid=$!
for _ in $(seq 300); do
  [[ -s $work/data/endpoints.json ]] && break
  kill -0 "$pid" 2>/dev/null || { cat "$work/log"; exit 1; }
  read -r -t 0.1 <> <(:) || true
done
http=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/data/endpoints.json")
mqtt_port=$(sed -n 's/.*"mqtt":"[^"]*:\([0-9]*\)".*/\1/p' "$work/data/endpoints.json")

ran=0
while IFS= read -r command; do
  case $command in
    './dev '*) # each is a command that ./dev knows
      word=$(cut -d' ' -f2 <<<"$command")
      ./dev help | grep -qE "^  $word( |$)" || { echo "README: no command: $command"; exit 1; }
      ;;
    'git clone'* | 'cd '*) ;;
    *)
      command=${command//http:\/\/127.0.0.1:8080/$http}
      command=${command//-p 1883/-p $mqtt_port}
      command=${command//build\/release\/energy-platform serve/timeout --preserve-status -s INT 5 $program serve}
      command=${command//data\/admin-credentials.json/$work/data/admin-credentials.json}
      command=${command//\/tmp\/energy-data/$work/serve}
      command=${command//\/tmp\/energy-backup/$work/backup}
      echo "+ $command"
      eval "$command" || { echo "README: failed: $command"; exit 1; }
      ;;
  esac
  ran=$((ran + 1))
done < <(awk '/^```console$/ {on = 1; next} /^```$/ {on = 0} on && /^\$ / {print substr($0, 3)}' README.md)
[[ $ran -gt 0 ]] || { echo "README.md shows no command"; exit 1; }
echo "$ran commands of README.md run"
