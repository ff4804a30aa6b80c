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

# A server for tests and benches: unpacked below build/tools, not installed, so that the machine gets
# no service. Prints nothing; afterwards $(server_path NAME) is its program.
need_server() {
  local name=$1
  server_path "$name" >/dev/null && return
  note "unpacking the server $name for tests"
  apt_update
  local folder=build/tools/$name
  mkdir -p "$folder"
  # apt drops its rights to a user that may not write here: fetch to a folder of its own.
  local fetched
  fetched=$(mktemp -d)
  chmod 755 "$fetched"
  (cd "$fetched" && quietly "$ROOT/build/logs/apt-download.log" apt-get download "$name")
  dpkg -x "$fetched"/"$name"_*.deb "$folder"
  rm -rf "$fetched"
  server_path "$name" >/dev/null || fail "the package $name has no program of that name"
}

server_path() {
  local place
  for place in "build/tools/$1/usr/sbin/$1" "build/tools/$1/usr/bin/$1" "/usr/sbin/$1" "/usr/bin/$1"; do
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
