# What the person at the terminal reads: one line per step, and the log only when a step failed.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }
die() { printf 'causality: %s\n' "$*" >&2; exit 1; }
misuse() { printf 'causality: %s\nSee ./causality help\n' "$*" >&2; exit 2; }

begin() { printf '  %-44s' "$1"; }
finish() { printf '%4d s\n' $((SECONDS - $1)); }

# step LABEL LOG COMMAND...: runs the command in a subshell with its output in LOG; says how many seconds it took.
# Not to be called in a condition: bash would then ignore failures inside the command.
step() {
  local label=$1 log=$2 from=$SECONDS code
  shift 2
  mkdir -p "$(dirname "$log")"
  begin "$label"
  printf '\n== %s\n' "$label" >>"$log"
  local mark
  mark=$(wc -l <"$log")
  set +e
  (set -e; "$@") >>"$log" 2>&1 8>&- 9>&- # the locks must not live on in what it leaves behind, a compiler server say
  code=$?
  set -e
  if ((code == 0)); then
    finish "$from"
    return
  fi
  printf 'failed\n\n'
  tail -n +"$((mark + 1))" "$log" | tail -n 120 >&2
  printf '\nThe whole log: %s\n' "$log" >&2
  return "$code"
}

# wait_until SECONDS COMMAND...: asks again until it succeeds; fails when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}
