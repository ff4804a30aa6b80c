#!/usr/bin/env bash
# Fails on an include against the layers of ARCHITECTURE.md, on a third-party header outside the
# module that wraps it, and on a module that CMake does not know.
set -euo pipefail
cd "$(dirname "$0")/.."

# What each module may include besides itself.
declare -A USES=(
  [base]=""
  [mqtt]="base"
  [http]="base"
  [sql]="base"
  [cache]="base"
  [series]="base"
  [audit]="base sql"
  [auth]="base sql audit mqtt cache"
  [oidc]="base sql audit cache auth http"
  [notifications]="base sql audit http auth"
  [devices]="base sql audit"
  [telemetry]="base sql audit mqtt series devices"
  [query]="base sql series devices telemetry"
  [rules]="base sql audit series devices telemetry"
  [alerts]="base sql audit series devices telemetry rules"
  [health]="base sql series devices telemetry query"
  [sqlquery]="base sql series devices alerts rules"
  [simulator]="base mqtt"
  [api]="base cache sql audit mqtt http series auth oidc devices telemetry query rules alerts sqlquery health notifications"
  [maintenance]="base cache sql audit series auth"
  [app]="base cache sql audit mqtt http series auth oidc devices telemetry query rules alerts sqlquery simulator health api maintenance notifications"
)

# Third-party headers and the only modules that may include them.
WRAPPED='
rocksdb/            series
soci                sql
sqlite3.h           sql
boost/beast         http
boost/asio          base mqtt http
boost/              base mqtt http
openssl/            audit auth cache http mqtt oidc
crypt.h             auth
curl/               http
simdjson.h          telemetry
yaml-cpp/           base
prometheus/         base
duckdb.h            sqlquery
spdlog/             base
nlohmann/           base
CLI/                app
date/               notifications query rules
'

problems=0
complain() {
  printf '%s\n' "$*"
  problems=$((problems + 1))
}

for folder in src/*/; do
  module=$(basename "$folder")
  [[ -n ${USES[$module]+known} ]] || complain "$folder: not in the table of scripts/check-layers.sh"
done

while IFS=: read -r file line include; do
  module=$(cut -d/ -f2 <<<"$file")
  target=$(sed -n 's/.*#include "\([a-z]*\)\/.*/\1/p' <<<"$include")
  if [[ -n $target && $target != "$module" && " ${USES[$module]:-} " != *" $target "* ]]; then
    complain "$file:$line: $module may not include $target (it may include: ${USES[$module]:-nothing})"
  fi
done < <(grep -nH '#include "' src/*/*.h src/*/*.cc)

# Longest prefix first, so that boost/beast is not taken for boost/.
while IFS=: read -r file line include; do
  module=$(cut -d/ -f2 <<<"$file")
  header=$(sed -n 's/.*#include <\(.*\)>.*/\1/p' <<<"$include")
  while read -r prefix modules; do
    [[ -n $prefix && $header == "$prefix"* ]] || continue
    [[ " $modules " == *" $module "* ]] ||
      complain "$file:$line: <$header> belongs to: $modules"
    break
  done <<<"$WRAPPED"
done < <(grep -nHE '#include <(rocksdb|soci|sqlite3|boost|openssl|crypt\.h|curl|duckdb\.h|simdjson|yaml-cpp|prometheus|spdlog|nlohmann|CLI|date)' src/*/*.h src/*/*.cc)

[[ $problems == 0 ]] || { echo "$problems include(s) against the layers"; exit 1; }
echo "layers: fine"
