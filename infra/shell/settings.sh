# What an instance remembers in <data>/settings (mode 600): ports and generated secrets, KEY=value per line.
# shellcheck shell=bash

# The folder itself may be passed through by the servers' user, never listed.
open_data() {
  [[ -d $data ]] || (umask 077 && mkdir -p "$data" 2>/dev/null) || true
  [[ -w $data ]] || die "$(id -un) may not write to $data. Choose another folder with --data."
  ((EUID != 0)) || chmod 711 "$data"
  mkdir -p "$data/logs" "$data/run"
  chmod 700 "$data/logs" "$data/run"
}

recall() { [[ ! -f $data/settings ]] || sed -n "s/^$1=//p" "$data/settings"; }

remember() {
  local rest=""
  [[ ! -f $data/settings ]] || rest=$(grep -v "^$1=" "$data/settings" || true)
  (umask 077 && printf '%s\n' ${rest:+"$rest"} "$1=$2" >"$data/settings.new")
  mv -f "$data/settings.new" "$data/settings"
}

# secret KEY: the remembered secret, made at first use; 24 letters and digits are 142 bits.
secret() {
  [[ -n $(recall "$1") ]] || remember "$1" "$(head -c 1024 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | cut -c 1-24)"
  recall "$1"
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000)) # below the range from which outgoing connections take theirs
    grep -qs "=$port\$" "$data/settings" || port_taken "$port" || break
  done
  echo "$port"
}

# claim_port KEY: the remembered port, or another one when somebody else sits on it by now. Ask before starting only.
claim_port() {
  local port
  port=$(recall "$1")
  if [[ -z $port ]] || port_taken "$port"; then remember "$1" "$(free_port)"; fi
  recall "$1"
}
