# An own PostgreSQL below <data>/servers/postgres: loopback only, passwords only, no Unix socket.
# shellcheck shell=bash

# The newest one installed; an existing cluster needs the version that made it.
postgres_bin() {
  local folder
  folder=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV | head -n 1)
  [[ ! -f ${1:-}/PG_VERSION ]] || folder=/usr/lib/postgresql/$(<"$1/PG_VERSION")/bin
  [[ -x $folder/initdb ]] || folder=$(dirname "$(command -v initdb)" 2>/dev/null)
  [[ -x $folder/postgres ]] && echo "$folder"
}

postgres_uri() { echo "postgres://causality:$(recall POSTGRES_PASSWORD)@127.0.0.1:$(recall POSTGRES_PORT)/${1:-causality}"; }

postgres_answers() {
  PGPASSWORD=$(recall POSTGRES_PASSWORD) PGCONNECT_TIMEOUT=3 "$(postgres_bin "$data/servers/postgres/data")/psql" \
    -XAtq -h 127.0.0.1 -p "$(recall POSTGRES_PORT)" -U causality -d postgres -c "${1:-select 1}" 2>/dev/null
}
postgres_ready() { gone postgres || [[ $(postgres_answers) == 1 ]]; }

start_postgres() {
  alive postgres && return
  local home bin
  home=$(server_folder postgres)
  [[ -d $home/data ]] || create_cluster "$home"
  bin=$(postgres_bin "$home/data") || { echo "PostgreSQL $(<"$home/data/PG_VERSION") made $home/data and is not installed any more."; return 1; }
  clear_cluster "$home/data"
  give "$home/data/causality.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $(claim_port POSTGRES_PORT)
unix_socket_directories = ''
password_encryption = scram-sha-256
max_connections = 100
shared_buffers = 128MB
max_wal_size = 1GB
fsync = on
synchronous_commit = on
timezone = UTC
log_timezone = UTC
log_line_prefix = '%m [%p] '
CONF
  in_clean_room "$home"
  spawn postgres "$home" "${clean[@]}" "$bin/postgres" -D "$home/data"
  if ! wait_until 60 postgres_ready || gone postgres; then
    tail -n 20 "$data/logs/postgres.log"
    return 1
  fi
  [[ $(postgres_answers "select 1 from pg_database where datname = 'causality'") ]] || postgres_answers "create database causality"
}

# Made beside its place and then renamed, so that a crash in the middle leaves nothing half made.
create_cluster() {
  local home=$1
  rm -rf "$home/new"
  secret POSTGRES_PASSWORD | give "$home/password"
  in_clean_room "$home"
  (cd "$home" && "${clean[@]}" "$(postgres_bin)/initdb" -D "$home/new" -U causality --pwfile="$home/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-instructions)
  rm "$home/password"
  # initdb has tried what this machine can do (shared memory, say), so its own choices stay underneath
  echo "include 'causality.conf'" >>"$home/new/postgresql.conf"
  mv "$home/new" "$home/data"
}

# After a kill -9 its children may still be finishing, and its pid file may name a process of somebody else.
clear_cluster() {
  wait_until 15 deserted "$1" || { echo "A PostgreSQL which causality did not start runs in $1."; return 1; }
  rm -f "$1/postmaster.pid"
}

deserted() {
  local process
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/cwd" 2>/dev/null) != "$1" ]] || [[ $(readlink "$process/exe" 2>/dev/null) != */postgres ]] || return 1
  done
}

stop_postgres() { end postgres INT 60; } # SIGINT is its fast shutdown
