# All tests, by any runner. What they count is read from the results that each runner writes, not from its words.
# shellcheck shell=bash

passed=0 failed=0 skipped=0 verdict_due=""

run_tests() {
  local suites=("$@") suite
  ((${#suites[@]})) || suites=(unit integration web e2e)
  for suite in "${suites[@]}"; do
    [[ $suite =~ ^(unit|integration|web|e2e)$ ]] || misuse "There are no $suite tests, but unit, integration, web and e2e."
  done
  own_world
  verdict_due=1
  log=$results/tests.log
  require_tools
  prepare_tests " ${suites[*]} "
  for suite in "${suites[@]}"; do
    say "Tests: $suite"
    "test_$suite"
  done
  [[ " ${suites[*]} " != *" unit "* || " ${suites[*]} " != *" integration "* ]] || check_coverage
  verdict
}

# Nothing of the caller's instance reaches the tests, and nothing of theirs outlives them.
own_world() {
  local name
  for name in "${!CAUSALITY_@}"; do unset "$name"; done
  given_postgres="" given_rabbitmq=""
  world=$(mktemp -d "${TMPDIR:-/tmp}/causality.XXXXXX")
  chmod 711 "$world"
  data=$world/servers-of-tests
  results=$artifacts/tests
  rm -rf "$results"
  mkdir -p "$results"
  trap end_world EXIT
  trap 'exit 130' INT TERM HUP
}

end_world() {
  set +e
  [[ -z $verdict_due ]] || { count 0 1 0; tell_sum; } # something died on the way: that is a failure too
  for data in "$world"/*/; do
    data=${data%/}
    stop_all
    discard_data
  done
  rm -rf "$world"
}

prepare_tests() {
  local needs=()
  [[ $1 != *" integration "* && $1 != *" e2e "* ]] || needs+=(postgres rabbitmq)
  [[ $1 != *" integration "* ]] || needs+=(ceph)
  [[ $1 != *" e2e "* ]] || needs+=(chromium)
  require_packages "$log" "${needs[@]}"
  [[ $1 != *" unit "* && $1 != *" integration "* ]] || {
    place_duckdb "$log"
    step "Build the solution" "$log" dotnet build "$root/Causality.sln" -c Release --nologo -v quiet || { count 0 1 0; verdict; }
  }
}

test_unit() {
  local project
  for project in "$root"/tests/*.Tests; do
    [[ $project == */Causality.@(Integration|EndToEnd).Tests ]] || dotnet_tests "$project"
  done
}

test_integration() {
  start_test_servers
  start_test_store
  dotnet_tests "$root/tests/Causality.Integration.Tests"
  stop_all
  unset CAUSALITY_TEST_POSTGRES CAUSALITY_TEST_RABBITMQ CAUSALITY_TEST_RABBITMQCTL CAUSALITY_TEST_SERVERS CAUSALITY_TEST_S3
}

# start_test_servers: a PostgreSQL and a RabbitMQ for tests and benchmarks, and how to reach them.
start_test_servers() {
  open_data
  open_servers
  step "Start PostgreSQL" "$log" start_postgres
  step "Start RabbitMQ" "$log" start_rabbitmq /
  CAUSALITY_TEST_POSTGRES=$(postgres_uri postgres)
  CAUSALITY_TEST_RABBITMQ=$(rabbitmq_uri %2f)
  CAUSALITY_TEST_RABBITMQCTL=$(realpath "$servers")/rabbitmq/rabbitmqctl
  CAUSALITY_TEST_SERVERS=$data # for infra/shell/test-server
  export CAUSALITY_TEST_POSTGRES CAUSALITY_TEST_RABBITMQ CAUSALITY_TEST_RABBITMQCTL CAUSALITY_TEST_SERVERS
}

# start_test_store: an S3-compatible store beside them.
start_test_store() {
  step "Start Ceph's S3 gateway" "$log" start_ceph
  CAUSALITY_TEST_S3=$(s3_uri)
  export CAUSALITY_TEST_S3
}

dotnet_tests() {
  local name=${1##*/}
  runner "$name" dotnet test "$1" --no-build -c Release --nologo --logger "trx;LogFileName=$name.trx" \
    --results-directory "$results/$name" --collect "XPlat Code Coverage" --settings "$root/tests/coverage.runsettings" \
    --blame-hang-timeout 10m --blame-hang-dump-type none
  local counters
  counters=$(grep -om 1 '<Counters [^>]*>' "$results/$name/$name.trx" 2>/dev/null || true)
  tally "$(attribute passed)" "$(attribute failed)" "$(($(attribute total) - $(attribute executed)))"
}
attribute() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters" | grep . || echo 0; }

test_web() {
  app_packages "$log"
  build "$log" # the typed client comes from the server's own description
  cd "$app_source"
  check "ESLint" npm run --silent lint
  check "TypeScript" npm run --silent types
  runner "Vitest" npx --no-install vitest run --reporter=json --outputFile="$results/vitest.json"
  tally_json vitest '[r.numPassedTests, r.numFailedTests + r.testResults.filter(t => t.status === "failed" && !t.assertionResults.length).length, r.numPendingTests + r.numTodoTests]'
  cd "$root"
}

test_e2e() {
  npm_packages "$root/tests/e2e" "the browser tests" "$log"
  data=$world/instance
  "$root/causality" up --detach --data "$data" --port "$(free_port)" || { count 0 1 0; return 0; }
  cd "$root/tests/e2e"
  set -a
  # shellcheck source=/dev/null
  source "$data/env"
  CAUSALITY_RABBITMQ=$(rabbitmq_uri) # for what the API lets nobody do, such as to publish garbage
  CAUSALITY_CHROMIUM=$(chromium_path) PLAYWRIGHT_JSON_OUTPUT_NAME=$results/playwright.json
  set +a
  runner "Playwright" npx --no-install playwright test --reporter=json
  tally_json playwright '[r.stats.expected + r.stats.flaky, r.stats.unexpected + r.errors.length, r.stats.skipped]'
  cd "$root"
  stop_all
}

# runner NAME COMMAND...: runs it and keeps its exit code in $code and its output for when it fails.
runner() {
  runner_name=$1 runner_from=$SECONDS runner_log=$results/${1// /-}.log
  shift
  begin "$runner_name"
  code=0
  "$@" >"$runner_log" 2>&1 </dev/null || code=$?
}

# check NAME COMMAND...: what counts no tests, and is one failure when it complains.
check() {
  runner "$@"
  if ((code == 0)); then finish "$runner_from"; else tally 0 1 0; fi
}

# tally PASSED FAILED SKIPPED: of the last runner. One that failed or ran nothing, and names no failure, is one.
tally() {
  local fails=$2
  ((code == 0 || fails > 0)) || fails=1
  (($1 + fails + $3 > 0)) || fails=1
  count "$1" "$fails" "$3"
  printf '%4d s  %s\n' $((SECONDS - runner_from)) "$(sum "$1" "$fails" "$3")"
  ((fails == 0)) || { tail -n 200 "$runner_log" && say "The whole output: $runner_log"; }
}

# tally_json NAME EXPRESSION: the three numbers out of the report r, in JavaScript.
tally_json() {
  local numbers
  numbers=$(node -p "const r = JSON.parse(require('fs').readFileSync('$results/$1.json')); ($2).join(' ')" 2>/dev/null || echo 0 0 0)
  # shellcheck disable=SC2086
  tally $numbers
}

count() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }

sum() {
  printf '%d passed, %d failed' "$1" "$2"
  (($3 == 0)) || printf ', %d skipped' "$3"
}

# Lines of our own code that unit and integration tests ran; below 70 % is a failure like any other.
check_coverage() {
  local percent least=70
  (cd "$root" && dotnet tool restore && dotnet reportgenerator "-reports:$results/**/coverage.cobertura.xml" \
    "-targetdir:$results/coverage" "-reporttypes:TextSummary") >>"$log" 2>&1 || true
  percent=$(sed -n 's/.*Line coverage: *\([0-9.]*\)%.*/\1/p' "$results/coverage/Summary.txt" 2>/dev/null || true)
  say "Line coverage: ${percent:-unknown} % (at least $least %)"
  ((${percent%%.*} >= least)) 2>/dev/null || count 0 1 0
}

tell_sum() { say "$(sum "$passed" "$failed" "$skipped")"; }

verdict() {
  stop_all
  verdict_due=""
  tell_sum
  ((failed == 0 && passed > 0))
  exit $?
}
