# shellcheck shell=bash
# Runs tests and counts them.

PASSED=0
FAILED=0

# Adds the counts of a GoogleTest report.
count_gtest() {
  local report=$1 tests failures errors skipped
  if [[ ! -s $report ]]; then
    FAILED=$((FAILED + 1))
    return
  fi
  read -r tests failures errors < <(sed -n \
    's/.*<testsuites tests="\([0-9]*\)" failures="\([0-9]*\)" disabled="[0-9]*" errors="\([0-9]*\)".*/\1 \2 \3/p' "$report")
  skipped=$(grep -c 'result="skipped"' "$report" || true)
  FAILED=$((FAILED + failures + errors))
  PASSED=$((PASSED + tests - failures - errors - skipped))
}

# Runs one GoogleTest program, with options. Its output is shown only when it fails.
run_gtest() {
  local program=$1 label=$2
  shift 2
  local name
  name=$label-$(basename "$program")
  local report=build/reports/$name.xml log=build/logs/$name.log
  mkdir -p build/reports build/logs
  rm -f "$report"
  local before=$SECONDS result=ok
  if ! "$program" --gtest_output="xml:$report" "$@" >"$log" 2>&1; then
    result=FAILED
    grep -v '^\[       OK \]\|^\[ RUN      \]' "$log" | tail -n 60 >&2
    # A program that ended before its report was written is one failure.
    [[ -s $report ]] || note "$name ended early: $log"
  fi
  count_gtest "$report"
  note "$name: $result ($((SECONDS - before)) s)"
}

# Runs a step that counts as one test.
run_step() {
  local name=$1
  shift
  local log=build/logs/${name// /-}.log before=$SECONDS
  mkdir -p build/logs
  if "$@" >"$log" 2>&1; then
    PASSED=$((PASSED + 1))
    note "$name: ok ($((SECONDS - before)) s)"
  else
    FAILED=$((FAILED + 1))
    tail -n 60 "$log" >&2
    note "$name: FAILED, all of its output: $log"
  fi
}

# A PostgreSQL of this run in a temporary folder. ENERGY_TEST_POSTGRESQL is its URL, until
# stop_postgresql: tests that know it run on PostgreSQL instead of SQLite.
start_postgresql() {
  need_server postgresql-15
  local port
  POSTGRESQL_FOLDER=$(mktemp -d /tmp/energy-postgresql-XXXXXX)
  while port=$((20000 + RANDOM % 12000)) && (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  scripts/start-postgresql.sh "$POSTGRESQL_FOLDER" "$port" &
  POSTGRESQL_PROCESS=$!
  trap stop_postgresql EXIT
  until grep -qs ready "$POSTGRESQL_FOLDER/data/postmaster.pid"; do
    kill -0 "$POSTGRESQL_PROCESS" 2>/dev/null || fail "PostgreSQL does not start: $(cat "$POSTGRESQL_FOLDER/log")"
    sleep 0.1
  done
  export ENERGY_TEST_POSTGRESQL=postgresql://energy@127.0.0.1:$port/postgres
}

stop_postgresql() {
  trap - EXIT
  unset ENERGY_TEST_POSTGRESQL
  kill -INT "$POSTGRESQL_PROCESS" 2>/dev/null || true
  wait "$POSTGRESQL_PROCESS" || true
  rm -rf "$POSTGRESQL_FOLDER"
}

# Adds the counts of a report in the Test Anything Protocol.
run_tap() {
  local name=$1
  shift
  local log=build/logs/$name.tap before=$SECONDS result=ok
  mkdir -p build/logs
  "$@" >"$log" 2>&1 || result=FAILED
  local passed failed
  passed=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$log" | tail -n 1)
  failed=$(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$log" | tail -n 1)
  if [[ $result == FAILED ]]; then
    grep -v '^ *ok ' "$log" | tail -n 80 >&2
    [[ ${failed:-0} -gt 0 ]] || failed=1
  fi
  PASSED=$((PASSED + ${passed:-0}))
  FAILED=$((FAILED + ${failed:-0}))
  note "$name: $result ($((SECONDS - before)) s)"
}

unit_programs() {
  find "build/$1/src" -maxdepth 2 -name '*_test' -type f -perm -u+x | sort
}

run_unit_tests() {
  local preset=$1 program
  while read -r program; do run_gtest "$program" "$preset"; done < <(unit_programs "$preset")
}

# What tests start besides the program.
need_test_servers() {
  local name
  command -v python3 >/dev/null || need_packages test # of the mail server
  for name in nginx postgresql-15 redis-server python3-aiosmtpd; do need_server "$name"; done
}

# What uses the metadata database, on PostgreSQL.
run_postgresql_tests() {
  local preset=$1 module
  start_postgresql
  for module in sql audit auth oidc notifications devices telemetry health query rules alerts api maintenance; do
    run_gtest "build/$preset/src/$module/${module}_test" "$preset-postgresql"
  done
  [[ $preset == asan ]] || run_gtest "build/$preset/tests/integration/integration_test" "$preset-postgresql" \
    --gtest_filter='Api.*:Alerts.*:AlertLife.*:Resources.*:Session.*:DeadLetters.*:Lifecycle.ALaterStart*'
  stop_postgresql
}

unit() {
  local targets=() module
  need_test_servers
  for module in "$@"; do targets+=("${module}_test"); done
  compile dev "${targets[@]}"
  if [[ $# -gt 0 ]]; then
    for module in "$@"; do run_gtest "build/dev/src/$module/${module}_test" dev; done
  else
    run_unit_tests dev
  fi
  finish
}

run_e2e() {
  need_packages test
  need_test_servers
  need_npm tests/e2e
  need_oracles
  ENERGY_PLATFORM="$ROOT/build/release/energy-platform" \
    run_tap e2e node --test --test-reporter=tap --test-concurrency=1 tests/e2e/
}

e2e() {
  build_all release
  run_e2e
  finish
}

test_all() {
  note "release build of the program and its tests"
  build_all release
  compile release
  need_test_servers
  run_unit_tests release
  need_packages test
  run_postgresql_tests release
  run_gtest build/release/tests/integration/integration_test release
  need_npm web
  run_step "web unit tests" npm --prefix web test
  run_e2e
  run_step "readme commands" scripts/check-readme.sh

  note "the same with AddressSanitizer and UndefinedBehaviorSanitizer"
  compile asan
  place_web asan
  run_unit_tests asan
  run_postgresql_tests asan
  run_gtest build/asan/tests/integration/integration_test asan
  [[ ${FINISH:-yes} == no ]] || finish
}

finish() {
  printf '%d passed, %d failed\n' "$PASSED" "$FAILED"
  [[ $FAILED == 0 ]]
}

# One fuzzer on what earlier runs found and on the stored corpus, which it leaves as it is.
run_fuzzer() {
  local source=$1 seconds=$2 name
  name=$(basename "$source" .cc)
  mkdir -p "build/fuzz/corpus/$name" "tests/corpus/$name" build/logs
  "build/fuzz/$(dirname "$source")/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" "tests/corpus/$name" \
    >"build/logs/fuzz-$name.log" 2>&1
}

# Every fuzzer for so many seconds, two at a time.
run_fuzzers() {
  local seconds=$1 source name names=() sources=() running=()
  for source in src/*/*_fuzz.cc; do
    sources+=("$source")
    names+=("$(basename "$source" .cc)")
  done
  compile fuzz "${names[@]}"
  local at i
  for ((at = 0; at < ${#sources[@]}; at += 2)); do
    running=()
    for source in "${sources[@]:at:2}"; do
      run_fuzzer "$source" "$seconds" &
      running+=("$!")
    done
    for i in "${!running[@]}"; do
      run_step "fuzz ${names[at + i]}" finish_fuzzer "${running[i]}" "${names[at + i]}"
    done
  done
}

finish_fuzzer() {
  wait "$1" && return
  cat "build/logs/fuzz-$2.log"
  return 1
}

fuzz() {
  run_fuzzers "${1:-30}"
  finish
}

PLATFORM_BENCHES=(ingest batches latency backup store year fleet connections reading scan rules)

# Names of platform_bench run together, so that their targets make one table.
bench() {
  local names=("$@") platform=() name
  [[ ${#names[@]} -gt 0 ]] || names=(pipeline series mqtt "${PLATFORM_BENCHES[@]}")
  build_all release
  compile release
  for name in "${names[@]}"; do
    if [[ " ${PLATFORM_BENCHES[*]} " == *" $name "* ]]; then
      platform+=("$name")
    else
      bench_program "$name"
    fi
  done
  [[ ${#platform[@]} -gt 0 ]] || return 0
  for name in mosquitto influxdb victoria-metrics; do need_server "$name"; done
  with_build_lock build/release/bench/platform_bench "${platform[@]}"
}

bench_program() {
  local name=$1 program
  for program in "build/release/bench/${name}_bench" "build/release/src/$name/${name}_bench"; do
    [[ -x $program ]] || continue
    note "bench $name"
    with_build_lock "$program"
    return
  done
  fail "there is no bench '$name': ./dev help lists them"
}
