# Benchmarks: the measuring program gets private servers and the host that was built, and prints the figures.
# shellcheck shell=bash

bench() {
  own_world
  log=$results/bench.log
  require_tools
  local needs=(postgres rabbitmq)
  [[ " $* " != *" faults "*" s3 "* ]] || needs+=(ceph)
  require_packages "$log" "${needs[@]}"
  [[ " $* " != *" faults "* ]] || command -v faketime >/dev/null || install_packages "$log" faketime
  build "$log"
  step "Build the benchmarks" "$log" publish tests/Causality.Benchmarks bench
  start_test_servers
  [[ " ${needs[*]} " != *" ceph "* ]] || start_test_store
  export CAUSALITY_HOST=$host_dll CAUSALITY_PGBENCH=$(postgres_bin)/pgbench CAUSALITY_BENCH_DATA=$data/bench CAUSALITY_BENCH_RESULTS=$results DOTNET_gcServer=0
  export CAUSALITY_POSTGRES_PID=$(pid_of postgres) CAUSALITY_RABBITMQ_PID=$(pid_of rabbitmq)
  mkdir -p "$CAUSALITY_BENCH_DATA"
  dotnet "$artifacts/bench/Causality.Benchmarks.dll" "$@"
}
