#!/usr/bin/env bash
# Durable ingest beside Mosquitto: bench/README.md. `./dev bench ingest` builds and fetches what
# this needs; MOSQUITTO names the program of the peer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -x build/release/bench/ingest_bench || ! -x build/release/energy-platform ]]; then
  echo "bench/ingest_bench.sh: nothing is built: run ./dev bench ingest" >&2
  exit 1
fi
exec build/release/bench/ingest_bench "$@"
