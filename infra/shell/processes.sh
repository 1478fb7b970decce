# Processes that this data folder started. A pid alone proves nothing, numbers come back; so a pid file also
# keeps the boot and the instant at which the process was born, and what does not match is not ours.
# shellcheck shell=bash

birth() {
  local fields
  if [[ -d /proc/self ]]; then
    { fields=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    read -ra fields <<<"${fields##*) }"
    [[ ${fields[0]} != Z ]] || return 1
    echo "$(</proc/sys/kernel/random/boot_id):${fields[19]}"
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _ | grep .
  fi
}

# pid_of NAME: the pid, when the process that we started under that name lives.
pid_of() {
  local pid born
  [[ -f $data/run/$1.pid ]] || return 1
  read -r pid born <"$data/run/$1.pid" || return 1
  [[ $(birth "$pid") == "$born" ]] && echo "$pid"
}

alive() { pid_of "$1" >/dev/null; }
gone() { ! alive "$1"; }

# spawn NAME FOLDER COMMAND...: starts a process of its own session in FOLDER that outlives this shell, log in <data>/logs.
spawn() {
  local name=$1 folder=$2 log=$data/logs/$1.log session=()
  shift 2
  command -v setsid >/dev/null && session=(setsid)
  [[ ! -f $log ]] || (($(wc -c <"$log") < 50000000)) || mv -f "$log" "$log.1"
  (cd "$folder" && exec "${session[@]}" "$@") </dev/null >>"$log" 2>&1 8>&- 9>&- & # without our locks
  local pid=$!
  disown
  printf '%s %s\n' "$pid" "$(birth "$pid" || echo dead)" >"$data/run/$name.pid"
}

# end NAME SIGNAL SECONDS: asks it to stop, waits, and kills it when it does not.
end() {
  local pid
  if pid=$(pid_of "$1"); then
    kill -s "$2" "$pid" 2>/dev/null || true
    wait_until "$3" gone "$1" || { kill -s KILL "$pid" 2>/dev/null || true; wait_until 10 gone "$1"; }
  fi
  rm -f "$data/run/$1.pid"
}

# lock FILE DESCRIPTOR WORDS: one at a time; the lock goes with this shell.
lock() {
  eval "exec $2>\"\$1\""
  command -v flock >/dev/null || return 0
  flock --nonblock "$2" || { say "$3"; flock "$2"; }
}
