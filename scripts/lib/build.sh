# shellcheck shell=bash
# Builds the program and the page.

# Another checkout of the same sources finds the same compilations.
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}

# One build at a time: two would fight for the processor and the build folder.
with_build_lock() {
  mkdir -p build
  exec {BUILD_LOCK}>build/.lock
  if ! flock --nonblock "$BUILD_LOCK"; then
    note "waiting for another build"
    flock "$BUILD_LOCK"
  fi
  "$@"
  exec {BUILD_LOCK}>&-
}

compile() {
  local preset=$1
  shift
  need_packages build
  need_packages web # npm brings DuckDB
  [[ $preset == fuzz ]] && need_packages fuzz
  require_writable "build/$preset"
  with_build_lock compile_locked "$preset" "$@"
}

compile_locked() {
  local preset=$1
  shift
  if [[ ! -f build/$preset/build.ninja ]]; then
    note "configuring build/$preset"
    quietly "build/logs/configure-$preset.log" cmake --preset "$preset"
  fi
  local targets=()
  [[ $# -gt 0 ]] && targets=(--target "$@")
  # A terminal gets ninja's progress line, a log only what went wrong.
  local quiet=(-- --quiet)
  [[ -t 2 ]] && quiet=()
  cmake --build "build/$preset" "${targets[@]}" "${quiet[@]}" >&2 ||
    fail "the build of the preset $preset failed: the first error is above"
}

# The page is built when a source is newer than the last build.
build_web() {
  local stamp=web/dist/.built
  if [[ -f $stamp ]] && [[ -z $(find web docs/api/openapi.yaml -newer "$stamp" -type f \
    -not -path 'web/node_modules/*' -not -path 'web/dist/*' -print -quit) ]]; then
    return
  fi
  need_packages web
  need_npm web
  note "building the web page"
  quietly build/logs/web.log npm --prefix web run build
  touch "$stamp"
}

# The program finds the page in web/ beside it.
place_web() {
  local preset=$1
  [[ -d web/dist ]] || return 0
  cmp -s web/dist/index.html "build/$preset/web/index.html" && return
  rm -rf "build/$preset/web"
  cp -r web/dist "build/$preset/web"
}

build_all() {
  local preset=$1
  note "building the program ($preset)"
  compile "$preset" energy-platform
  build_web
  place_web "$preset"
}

build_command() {
  local preset=release targets=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      --preset)
        [[ $# -ge 2 ]] || fail "--preset needs a name: dev, release, asan, tsan or fuzz"
        preset=$2
        shift 2
        ;;
      *)
        targets+=("$1")
        shift
        ;;
    esac
  done
  if [[ ${#targets[@]} -gt 0 ]]; then
    compile "$preset" "${targets[@]}"
  else
    build_all "$preset"
    compile "$preset"
  fi
}
