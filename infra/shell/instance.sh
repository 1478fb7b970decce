# One instance in one data folder: up, down, status.
# shellcheck shell=bash

up() {
  local detach="" port="" from=$SECONDS running=""
  while (($#)); do
    case $1 in
      --detach) detach=1; shift ;;
      --port) port=${2:-}; shift; (($# == 0)) || shift; valid_port "$port" ;;
      --port=*) port=${1#--port=}; shift; valid_port "$port" ;;
      *) misuse "Unknown argument of up: $1" ;;
    esac
  done
  [[ $data =~ ^[A-Za-z0-9._/@+,-]+$ ]] ||
    die "RabbitMQ does not take a folder with blanks or signs in its name: $data. Choose another with --data."
  require_tools
  open_data
  lock "$data/lock" 9 "Another ./causality works on $data; waiting for it."
  choose_port "${port:-${CAUSALITY_PORT:-}}"
  ! all_running || running=1
  local log=$data/logs/build.log needs=()
  [[ -n $running ]] || say "Starting Causality in $data"
  external POSTGRES || needs+=(postgres)
  external RABBITMQ || needs+=(rabbitmq)
  require_packages "$log" "${needs[@]}"
  build "$log"
  start_servers
  [[ -z $running ]] || running=$(pid_of host)
  export_host_settings
  start_host || { stop_all; exit 1; }
  write_env
  introduce $((SECONDS - from))
  [[ -z $running || $running != "$(pid_of host)" ]] || detach=1 # it ran already, so it is not ours to hold
  [[ -n $detach ]] || hold
}

valid_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ && $1 -lt 65536 ]] || misuse "--port needs a number up to 65535."; }

# The port that was asked for, else the one that this instance had, else 8080.
choose_port() {
  local had want
  had=$(recall PORT)
  want=${1:-${had:-8080}}
  if port_taken "$want" && { gone host || [[ $want != "$had" ]]; }; then
    die "Port $want is taken by another program. Choose another one: ./causality up --port $((want + 1))"
  fi
  [[ $want == "$had" ]] || remember PORT "$want"
  export CAUSALITY_PORT=$want
}

start_servers() {
  local log=$data/logs/servers.log
  if external POSTGRES && external RABBITMQ; then return; fi
  open_servers
  external POSTGRES || { alive postgres && postgres_answers >/dev/null; } || step "Start PostgreSQL" "$log" start_postgres
  external RABBITMQ || { alive rabbitmq && alive epmd && rabbitmq_answers; } || step "Start RabbitMQ" "$log" start_rabbitmq
}

all_running() {
  { external POSTGRES || alive postgres; } && { external RABBITMQ || alive rabbitmq; } && alive host
}

write_env() {
  (umask 077 && cat >"$data/env.new") <<ENV
CAUSALITY_URL=$(host_url)
CAUSALITY_ADMIN_EMAIL=$CAUSALITY_ADMIN_EMAIL
CAUSALITY_ADMIN_PASSWORD=$CAUSALITY_ADMIN_PASSWORD
CAUSALITY_API_KEY=$CAUSALITY_API_KEY
CAUSALITY_APP_ID=$CAUSALITY_APP_ID
ENV
  mv -f "$data/env.new" "$data/env"
}

introduce() {
  cat <<TEXT

Causality is ready after $1 s.

  Page      $(host_url)/app
  E-mail    $CAUSALITY_ADMIN_EMAIL
  Password  $CAUSALITY_ADMIN_PASSWORD
  App       $CAUSALITY_APP_ID
  API key   $CAUSALITY_API_KEY

Send an event, and see it in the chart:

  curl -fsS $(host_url)/v1/events/ingest -H 'X-API-Key: $CAUSALITY_API_KEY' -H 'Content-Type: application/json' -d '{"event":{"appId":"$CAUSALITY_APP_ID","deviceId":"my-terminal","timestampMs":"'\$(date +%s)000'","customEvent":{"eventName":"hello"}}}'

TEXT
}

# In the foreground: the host's log, until Ctrl-C takes all of it down again.
hold() {
  local reader stopped=""
  say "Press Ctrl-C to stop it. The host's log follows."
  exec 9>&-
  tail -n 0 -F "$data/logs/host.log" 2>/dev/null &
  reader=$!
  trap 'stopped=1' INT TERM HUP
  while [[ -z $stopped ]] && alive host; do
    sleep 1 &
    wait $! || true
  done
  trap '' INT TERM HUP
  kill "$reader" 2>/dev/null || true
  say
  sleep 1 # a ./causality down elsewhere removes the pid file a moment after
  if [[ -z $stopped && ! -f $data/run/host.pid ]]; then
    say "Causality was taken down."
    return
  fi
  [[ -n $stopped ]] || say "The host stopped by itself; taking the servers down."
  down
  [[ -n $stopped ]] || exit 1
}

down() {
  [[ -d $data/run ]] || { say "Nothing runs in $data."; return; }
  lock "$data/lock" 9 "Another ./causality works on $data; waiting for it."
  if gone host && gone rabbitmq && gone epmd && gone postgres; then
    stop_all # leaves no stale pid file
    say "Nothing runs in $data."
    return
  fi
  gone host || step "Stop the host" "$data/logs/servers.log" stop_host
  { gone rabbitmq && gone epmd; } || step "Stop RabbitMQ" "$data/logs/servers.log" stop_rabbitmq
  gone postgres || step "Stop PostgreSQL" "$data/logs/servers.log" stop_postgres
}

stop_all() { stop_host; stop_rabbitmq; stop_postgres; stop_ceph; }

status() {
  local code=0
  [[ -d $data/run ]] || { say "Nothing runs in $data."; exit 1; }
  status_of Host host PORT "$(host_ready && echo ready || echo 'not ready')" ready || code=1
  status_of RabbitMQ rabbitmq RABBITMQ_PORT "$(rabbitmq_answers && echo answers || echo 'no answer')" answers || code=1
  status_of PostgreSQL postgres POSTGRES_PORT "$(postgres_answers >/dev/null && echo answers || echo 'no answer')" answers || code=1
  exit "$code"
}

status_of() {
  local name=$1 process=$2 key=$3 health=$4 well=$5 pid
  if [[ $process != host ]] && external "${key%_PORT}"; then
    printf '%-12s external, by CAUSALITY_%s\n' "$name" "${key%_PORT}"
  elif pid=$(pid_of "$process"); then
    printf '%-12s pid %-8s port %-6s %s\n' "$name" "$pid" "$(recall "$key")" "$health"
    [[ $health == "$well" ]]
  else
    printf '%-12s stopped\n' "$name"
    return 1
  fi
}
