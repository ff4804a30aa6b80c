# shellcheck shell=bash
# Checks and fixes the form of the sources.

cpp_sources() { git ls-files --cached --others --exclude-standard 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h' 'bench/*.cc' 'bench/*.h'; }
shell_sources() { git ls-files --cached --others --exclude-standard dev .ci/run 'scripts/*.sh' 'bench/*.sh'; }

check_format() { cpp_sources | xargs clang-format-14 --dry-run -Werror; }

run_lint() {
  need_packages build
  need_packages lint
  need_packages web
  need_npm web
  run_step "lint format" check_format
  run_step "lint layers" scripts/check-layers.sh
  run_step "lint shell" bash -c "$(declare -f shell_sources); shell_sources | xargs shellcheck -x"
  run_step "lint web" npm --prefix web run lint
  run_step "lint web types" npm --prefix web run types:check
  compile release energy-platform
  run_step "lint docs" scripts/check-docs.sh
  run_step "lint clang-tidy" scripts/clang-tidy.sh
}

lint() {
  run_lint
  finish
}

format() {
  need_packages lint
  need_npm web
  cpp_sources | xargs clang-format-14 -i
  npm --prefix web run format --silent
}

# Documentation that comes from the program itself.
docs() {
  compile release energy-platform
  scripts/generate-docs.sh docs
  note "docs/configuration.md and docs/energy-platform.example.yaml are written"
}

ci() {
  FINISH=no test_all
  run_fuzzers 60
  run_lint
  finish
}
