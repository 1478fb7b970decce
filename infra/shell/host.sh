# The host process: its settings travel by environment, so that no process list shows a secret.
# shellcheck shell=bash

host_dll=$root/artifacts/host/Causality.Host.dll
given_postgres=${CAUSALITY_POSTGRES:-} given_rabbitmq=${CAUSALITY_RABBITMQ:-}

# external POSTGRES|RABBITMQ: whether the caller named an existing server, which is then not ours to start or stop.
external() {
  local given=given_${1,,}
  [[ -n ${!given} ]]
}

export_host_settings() {
  export CAUSALITY_POSTGRES=${given_postgres:-$(postgres_uri)} CAUSALITY_RABBITMQ=${given_rabbitmq:-$(rabbitmq_uri)}
  export CAUSALITY_DATA=$data CAUSALITY_APP=$artifacts/app
  export CAUSALITY_PORT=${CAUSALITY_PORT:-$(recall PORT)} CAUSALITY_BIND=${CAUSALITY_BIND:-127.0.0.1}
  export CAUSALITY_ADMIN_EMAIL=${CAUSALITY_ADMIN_EMAIL:-admin@causality.local} CAUSALITY_APP_ID=${CAUSALITY_APP_ID:-demo}
  export CAUSALITY_ADMIN_PASSWORD=${CAUSALITY_ADMIN_PASSWORD:-$(secret ADMIN_PASSWORD)}
  [[ -n ${CAUSALITY_API_KEY:-} ]] || make_api_key
  export CAUSALITY_API_KEY=${CAUSALITY_API_KEY:-$(recall API_KEY)}
  # the first app is for trying things out: a history of months is sent by one key, so it may go faster than an app's key
  export CAUSALITY_API_KEY_EVENTS_PER_SECOND=${CAUSALITY_API_KEY_EVENTS_PER_SECOND:-100000} CAUSALITY_API_KEY_BURST=${CAUSALITY_API_KEY_BURST:-200000}
  export DOTNET_gcServer=0
}

make_api_key() {
  local key
  [[ -z $(recall API_KEY) ]] || return 0
  key=$(dotnet "$host_dll" keys new)
  remember API_KEY "$key"
}

host_url() { echo "http://127.0.0.1:$(recall PORT)"; }
host_ready() { curl -fs --max-time 3 -o /dev/null "$(host_url)/ready"; }

# What the running host was started with; another answer means that it has to be started again.
host_identity() { { env | grep '^CAUSALITY_' | sort; cat "$artifacts/host.stamp" "$artifacts/app.stamp"; } | sha256sum | cut -d ' ' -f 1; }

start_host() {
  local now
  now=$(host_identity)
  [[ $(recall HOST) == "$now" ]] || stop_host
  if gone host; then
    remember HOST "$now"
    (umask 077 && spawn host "$data" dotnet "$host_dll" serve --role all)
  fi
  host_ready || await_host
}

await_host() {
  local from=$SECONDS
  begin "Start the host"
  until host_ready; do
    if gone host; then
      host_failed "The host stopped."
      return 1
    elif ((SECONDS - from >= 120)); then
      host_failed "The host is not ready: $(what_is_missing)"
      return 1
    elif (((SECONDS - from) % 15 == 14)); then
      printf '\n    not ready yet: %s' "$(what_is_missing)"
      sleep 1
    fi
    sleep 0.2
  done
  finish "$from"
}

what_is_missing() { curl -s --max-time 3 "$(host_url)/ready" || echo "it does not answer"; }

host_failed() {
  printf 'failed\n\n'
  printf '%s The end of its log, %s:\n' "$1" "$data/logs/host.log" >&2
  tail -n 40 "$data/logs/host.log" >&2
}

# It finishes requests and flushes what it holds before it goes.
stop_host() { end host TERM 60; }

# with_host COMMAND...: another command of the host, for the servers of this instance or those that are named.
with_host() {
  require_tools
  if ! { external POSTGRES || alive postgres; } || ! { external RABBITMQ || alive rabbitmq; }; then
    die "Nothing runs in $data: start it with ./causality up, or set CAUSALITY_POSTGRES and CAUSALITY_RABBITMQ."
  fi
  open_data
  [[ $1 != serve && -f $host_dll ]] || build "$data/logs/build.log" >&2
  export_host_settings
  exec dotnet "$host_dll" "$@"
}

demo() {
  alive host || die "Causality does not run in $data: start it with ./causality up"
  set -a
  # shellcheck source=/dev/null
  source "$data/env"
  set +a
  CAUSALITY_DATA=$data exec dotnet "$host_dll" demo "$@"
}
