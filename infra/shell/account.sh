# Who the servers run as, and where they live. Neither PostgreSQL nor RabbitMQ should be root: under root they
# get a system user of their own; under anybody else they run as that person.
# shellcheck shell=bash

as_server=()

open_servers() {
  servers=$data/servers
  if ((EUID == 0)); then
    id causality &>/dev/null ||
      useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin causality
    as_server=(setpriv --reuid causality --regid causality --clear-groups --no-new-privs)
  fi
  [[ ! -L $servers || -e $servers ]] || (umask 066 && mkdir -p "$(readlink "$servers")")
  [[ -d $servers ]] || make_servers_folder
}

# Below a folder which the servers' user may not enter (/root, say) they live in /var/lib, and a link says where.
make_servers_folder() {
  mkdir -m 711 "$servers"
  ((EUID == 0)) || return 0
  if (cd / && "${as_server[@]}" test -x "$servers"); then return; fi
  local elsewhere
  elsewhere=/var/lib/causality/$(printf '%s' "$data" | sha256sum | cut -c 1-12)
  if [[ -e $elsewhere ]]; then # of a data folder that was deleted: somebody may still want it
    mv "$elsewhere" "$elsewhere.$(date +%Y%m%d%H%M%S)"
  fi
  (umask 066 && mkdir -p "$elsewhere")
  rmdir "$servers"
  ln -s "$elsewhere" "$servers"
}

# server_folder NAME: <servers>/NAME, owned by the servers' user and closed to all others.
server_folder() {
  [[ -d $servers/$1 ]] || mkdir -m 700 "$servers/$1"
  ((EUID != 0)) || chown causality:causality "$servers/$1"
  (cd -P "$servers/$1" && pwd)
}

# give FILE: from standard input, readable by the servers' user alone.
give() {
  (umask 077 && cat >"$1.new")
  ((EUID != 0)) || chown causality:causality "$1.new"
  mv -f "$1.new" "$1"
}

# An environment of its own for each server: ours holds secrets which are none of its business.
# in_clean_room HOME NAME=VALUE...: what to put before a command, left in $clean.
in_clean_room() {
  local home=$1
  shift
  clean=("${as_server[@]}" env -i "PATH=$PATH:/usr/sbin:/sbin" "HOME=$home" LANG=C.UTF-8 "$@")
}

discard_data() { rm -rf "$(readlink -f "$data/servers")" "$data"; }
