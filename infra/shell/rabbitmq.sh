# An own RabbitMQ below <data>/servers/rabbitmq: a node name, a port mapper and ports of its own, all on loopback.
# shellcheck shell=bash

rabbitmq_bin() {
  local folder=/usr/lib/rabbitmq/bin # Debian's own wrapper in the path insists on Debian's own service
  [[ -x $folder/rabbitmq-server ]] || folder=$(dirname "$(command -v rabbitmq-server)" 2>/dev/null)
  [[ -x $folder/rabbitmq-server ]] && echo "$folder"
}

# rabbitmq_uri [VHOST]: the virtual host as it is written in a URI, so / is %2f.
rabbitmq_uri() { echo "amqp://causality:$(recall RABBITMQ_PASSWORD)@127.0.0.1:$(recall RABBITMQ_PORT)/${1:-causality}"; }

# The listener opens when all else has started: an answer to the protocol's greeting means ready.
rabbitmq_answers() (
  { exec 3<>"/dev/tcp/127.0.0.1/$(recall RABBITMQ_PORT)"; } 2>/dev/null || exit 1
  printf 'AMQP\0\0\x09\x01' >&3
  [[ $(timeout 3 head -c 1 <&3 | od -An -tx1) == " 01" ]]
)
rabbitmq_ready() { gone rabbitmq || rabbitmq_answers; }

# start_rabbitmq [VHOST]: the virtual host that its first start makes.
start_rabbitmq() {
  local home
  home=$(server_folder rabbitmq)
  if gone epmd; then
    gone rabbitmq || end rabbitmq TERM 60 # without its port mapper a node can be neither found nor asked
    claim_port EPMD_PORT >/dev/null
    in_clean_room "$home"
    spawn epmd "$home" "${clean[@]}" epmd -address 127.0.0.1 -port "$(recall EPMD_PORT)"
  fi
  alive rabbitmq && return
  claim_port RABBITMQ_PORT >/dev/null
  claim_port RABBITMQ_DIST_PORT >/dev/null
  write_rabbitmq_settings "$home" "${1:-causality}"
  in_clean_room "$home"
  # said to run under systemd, the start script becomes the node instead of its parent
  spawn rabbitmq "$home" "${clean[@]}" RUNNING_UNDER_SYSTEMD=1 "$home/run" rabbitmq-server
  if ! wait_until 90 rabbitmq_ready || gone rabbitmq; then
    tail -n 40 "$data/logs/rabbitmq.log"
    return 1
  fi
}

write_rabbitmq_settings() {
  local home=$1 vhost=$2
  secret RABBITMQ_PASSWORD >/dev/null
  [[ -f $home/.erlang.cookie ]] || secret ERLANG_COOKIE | give "$home/.erlang.cookie" # Erlang's own are easy to guess
  give "$home/rabbitmq.conf" <<CONF
listeners.tcp.local = 127.0.0.1:$(recall RABBITMQ_PORT)
default_vhost = $vhost
default_user = causality
default_pass = $(recall RABBITMQ_PASSWORD)
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
raft.wal_max_size_bytes = 67108864
consumer_timeout = 43200000
log.console = true
log.console.level = info
log.file = false
CONF
  give "$home/enabled_plugins" <<<'[].'
  give "$home/run" <<SCRIPT
#!/bin/bash
# run TOOL ARGUMENTS...: a tool of RabbitMQ for the node of this folder
export HOME='$home' RABBITMQ_NODENAME=causality-$(printf '%s' "$home" | sha256sum | cut -c 1-12)@localhost
export RABBITMQ_DIST_PORT=$(recall RABBITMQ_DIST_PORT) ERL_EPMD_PORT=$(recall EPMD_PORT) ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_CONF_ENV_FILE='$home/none' RABBITMQ_CONFIG_FILE='$home/rabbitmq' RABBITMQ_ADVANCED_CONFIG_FILE='$home/none'
export RABBITMQ_MNESIA_BASE='$home/mnesia' RABBITMQ_LOG_BASE='$home/log' RABBITMQ_ENABLED_PLUGINS_FILE='$home/enabled_plugins'
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}'
cd '$home' && tool=\$1 && shift && exec "$(rabbitmq_bin)/\$tool" "\$@"
SCRIPT
  chmod 700 "$home/run"
  # for people and tests: may be called by root too
  give "$home/rabbitmqctl" <<SCRIPT
#!/bin/bash
exec ${as_server[*]} '$home/run' rabbitmqctl "\$@"
SCRIPT
  chmod 700 "$home/rabbitmqctl"
}

stop_rabbitmq() {
  end rabbitmq TERM 60
  end epmd TERM 5
}
