# shellcheck shell=bash
# Installs what packages.txt and the package-lock.json files list, and only what is missing.

APT_UPDATED=no

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo --preserve-env=DEBIAN_FRONTEND "$@"
  else
    fail "installing packages needs root: run as root, install sudo, or install yourself: $*"
  fi
}

apt_update() {
  [[ $APT_UPDATED == yes ]] && return
  quietly build/logs/apt-update.log as_root apt-get update
  APT_UPDATED=yes
}

is_installed() {
  [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == "install ok installed" ]]
}

# The packages of a purpose that neither are installed nor have a command that stands in.
missing_packages() {
  local purpose package command
  while read -r purpose package command; do
    [[ $purpose == "$1" ]] || continue
    is_installed "$package" && continue
    [[ -n $command ]] && command -v "$command" >/dev/null && continue
    echo "$package"
  done <packages.txt
}

need_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$1")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  require_system
  note "installing for $1: ${missing[*]}"
  apt_update
  DEBIAN_FRONTEND=noninteractive quietly build/logs/apt-install.log \
    as_root apt-get install -y --no-install-recommends "${missing[@]}"
}

# A server for tests and benches: unpacked below build/tools with the libraries that packages.txt
# names, not installed, so that the machine gets no service. Prints nothing; afterwards
# $(server_path PACKAGE) is its program.
need_server() {
  local package=$1
  server_path "$package" >/dev/null && return
  local program libraries
  read -r program libraries < <(server_line "$package")
  note "unpacking the server $package"
  apt_update
  local folder=build/tools/$package
  mkdir -p "$folder"
  # apt drops its rights to a user that may not write here: fetch to a folder of its own.
  local fetched
  fetched=$(mktemp -d)
  chmod 755 "$fetched"
  # shellcheck disable=SC2086 # several packages
  (cd "$fetched" && quietly "$ROOT/build/logs/apt-download.log" apt-get download "$package" $libraries)
  local archive
  for archive in "$fetched"/*.deb; do dpkg -x "$archive" "$folder"; done
  rm -rf "$fetched"
  server_path "$package" >/dev/null || fail "the package $package has no program $program"
}

# "<program> [library packages]" of a server of packages.txt.
server_line() {
  local line
  line=$(sed -n "s/^server $1 //p" packages.txt)
  [[ -n $line ]] || fail "packages.txt has no server '$1'"
  echo "$line"
}

server_path() {
  local program place
  program=$(server_line "$1" | cut -d ' ' -f 1)
  for place in {"build/tools/$1",}/usr/{sbin,bin,lib/postgresql/15/bin}/"$program"; do
    if [[ -x $place ]]; then
      realpath "$place"
      return
    fi
  done
  return 1
}

# npm packages of a folder with a package-lock.json, without install scripts.
need_npm() {
  local folder=$1
  local stamp=$folder/node_modules/.installed-lock
  [[ -f $folder/package-lock.json ]] || return 0
  cmp -s "$folder/package-lock.json" "$stamp" && return
  need_packages web
  note "installing npm packages of $folder"
  quietly build/logs/npm.log npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund
  cp "$folder/package-lock.json" "$stamp"
}

# Schemathesis from PyPI, which only tests, in an environment of its own. Where it cannot be had its test is left out.
need_oracles() {
  local folder=build/oracles
  [[ -x $folder/bin/schemathesis ]] && return
  note "installing schemathesis"
  mkdir -p build/logs
  if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet schemathesis==4.32.5; } \
    >build/logs/oracles.log 2>&1; then
    rm -rf "$folder"
    note "schemathesis cannot be installed here (build/logs/oracles.log): its test is left out"
  fi
}
