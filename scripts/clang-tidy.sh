#!/usr/bin/env bash
# clang-tidy on every source, two at a time; a source is passed over when neither it, nor any header,
# nor the configuration changed since it last passed.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${XDG_CACHE_HOME:-$HOME/.cache}/energy-platform/clang-tidy
mkdir -p "$cache"
common=$(cat .clang-tidy src/*/*.h cmake/*.cmake | sha256sum | cut -d' ' -f1)

check_one() {
  local file=$1 key
  key=$( (echo "$COMMON $file"; cat "$file") | sha256sum | cut -d' ' -f1)
  [[ -e $CACHE/$key ]] && return 0
  clang-tidy-14 --quiet -p build/release "$file" 2>/dev/null || { echo "clang-tidy: $file"; return 1; }
  touch "$CACHE/$key"
}
export -f check_one
export CACHE=$cache COMMON=$common

git ls-files --cached --others --exclude-standard 'src/*.cc' | grep -vE '_(test|bench|fuzz)\.cc$' |
  xargs -P "$(nproc)" -I{} bash -c 'check_one {}'
