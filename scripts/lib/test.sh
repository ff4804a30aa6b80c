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

# Runs one GoogleTest program. Its output is shown only when it fails.
run_gtest() {
  local program=$1 label=$2
  local name
  name=$label-$(basename "$program")
  local report=build/reports/$name.xml log=build/logs/$name.log
  mkdir -p build/reports build/logs
  rm -f "$report"
  local before=$SECONDS result=ok
  if ! "$program" --gtest_output="xml:$report" >"$log" 2>&1; then
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

unit() {
  local targets=() module
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
  need_npm tests/e2e
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
  run_unit_tests release
  need_packages test
  run_gtest build/release/tests/integration/integration_test release
  need_npm web
  run_step "web unit tests" npm --prefix web test
  run_e2e
  run_step "readme commands" scripts/check-readme.sh

  note "the same with AddressSanitizer and UndefinedBehaviorSanitizer"
  compile asan
  place_web asan
  run_unit_tests asan
  run_gtest build/asan/tests/integration/integration_test asan
  [[ ${FINISH:-yes} == no ]] || finish
}

finish() {
  printf '%d passed, %d failed\n' "$PASSED" "$FAILED"
  [[ $FAILED == 0 ]]
}

fuzz() {
  local seconds=${1:-30} source name names=()
  for source in src/*/*_fuzz.cc; do names+=("$(basename "$source" .cc)"); done
  compile fuzz "${names[@]}"
  for source in src/*/*_fuzz.cc; do
    name=$(basename "$source" .cc)
    mkdir -p "build/fuzz/corpus/$name"
    run_step "fuzz $name" "build/fuzz/$(dirname "$source")/$name" \
      -max_total_time="$seconds" -timeout=10 "build/fuzz/corpus/$name"
  done
  finish
}

bench() {
  local names=("$@")
  [[ ${#names[@]} -gt 0 ]] || names=(ingest pipeline series mqtt)
  build_all release
  compile release
  local name
  for name in "${names[@]}"; do
    note "bench $name"
    case $name in
      ingest)
        need_packages test
        need_server mosquitto
        MOSQUITTO=$(server_path mosquitto) with_build_lock bench/ingest_bench.sh
        ;;
      pipeline) with_build_lock build/release/bench/pipeline_bench ;;
      *)
        [[ -x build/release/src/$name/${name}_bench ]] || fail "there is no bench '$name'"
        with_build_lock "build/release/src/$name/${name}_bench"
        ;;
    esac
  done
}
