# shellcheck shell=bash
# Messages and checks that every command uses.

note() { printf '==> %s\n' "$*" >&2; }

# One clear line, with the remedy.
fail() {
  printf './dev: %s\n' "$*" >&2
  exit 1
}

require_system() {
  local id='' version=''
  if [[ -r /etc/os-release ]]; then
    # shellcheck source=/dev/null
    id=$(. /etc/os-release && echo "${ID:-}")
    # shellcheck source=/dev/null
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  fi
  [[ $id == debian && $version == 12 ]] ||
    fail "this system is ${id:-unknown} ${version:-}: the build needs Debian 12 (a container of it will do)"
}

require_writable() {
  local folder=$1
  mkdir -p "$folder" 2>/dev/null || true
  [[ -d $folder && -w $folder ]] ||
    fail "the folder $ROOT/$folder cannot be written: change its owner, or clone to another place"
}

# Runs a command with its output in a log file, which is shown when the command fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    fail "failed: $* (all of its output: $log)"
  fi
}
