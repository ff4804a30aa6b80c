#!/usr/bin/env bash
# Puts DuckDB into build/deps/duckdb: lib/libduckdb.so and include/duckdb.h, from the npm packages
# that third_party/duckdb/package-lock.json pins. Quick when it is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

from=third_party/duckdb
to=build/deps/duckdb
cmp -s "$from/package-lock.json" "$to/package-lock.json" && exit 0
command -v npm >/dev/null || { echo "DuckDB comes from npm, which is missing: ./dev setup installs it" >&2; exit 1; }

mkdir -p build/deps
# Two builds of one checkout may ask at the same time.
exec {lock}>build/deps/.lock
flock "$lock"
cmp -s "$from/package-lock.json" "$to/package-lock.json" && exit 0

work=$(mktemp -d build/deps/duckdb.XXXXXX)
trap 'rm -rf "$work"' EXIT
cp "$from/package.json" "$from/package-lock.json" "$work"
npm --prefix "$work" ci --ignore-scripts --no-audit --no-fund >&2
rm -rf "$to"
mkdir -p "$to/lib" "$to/include"
mv "$work/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so" "$to/lib/"
mv "$work/node_modules/duckdb/src/duckdb/src/include/duckdb.h" "$to/include/"
cp "$from/package-lock.json" "$to/"
