#!/usr/bin/env bash
# Fails when generated documentation is stale, a relative link leads nowhere, or a module has no README.
set -euo pipefail
cd "$(dirname "$0")/.."
problems=0
complain() {
  printf '%s\n' "$*"
  problems=$((problems + 1))
}

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/generate-docs.sh "$fresh"
for file in configuration.md energy-platform.example.yaml; do
  cmp -s "$fresh/$file" "docs/$file" || complain "docs/$file is stale: ./dev docs"
done

for module in src/*/; do
  [[ -f ${module}README.md ]] || complain "$module has no README.md"
done

while IFS=: read -r file link; do
  path=${link%%#*}
  [[ -z $path || $path == *://* || $path == mailto:* ]] && continue
  [[ -e $(dirname "$file")/$path ]] || complain "$file: the link $link leads nowhere"
done < <(git ls-files --cached --others --exclude-standard '*.md' | grep -v node_modules |
  xargs grep -oHE '\]\([^) ]+\)' | sed -E 's/\]\(([^)]*)\)/\1/')

[[ $problems == 0 ]] || { echo "$problems problem(s)"; exit 1; }
echo "docs: fine"
