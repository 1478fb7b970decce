# An own S3-compatible object store for the tests, below <data>/servers/ceph: Ceph's gateway on one monitor and one
# object server that keeps all in memory. On loopback, gone when it ends; no place for what somebody wants to keep.
# shellcheck shell=bash

ceph_installed() {
  local tool
  for tool in ceph-mon ceph-osd radosgw radosgw-admin ceph monmaptool; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || return
  done
}

# s3_uri: address and keys in one, http://accesskey:secret@host:port.
s3_uri() { echo "http://$(recall S3_ACCESS_KEY):$(recall S3_SECRET_KEY)@127.0.0.1:$(recall S3_PORT)"; }

s3_answers() { curl -fs --max-time 3 -o /dev/null "http://127.0.0.1:$(recall S3_PORT)"; }
s3_ready() { gone radosgw || gone ceph-osd || s3_answers; }

# start_ceph: anew each time, since memory is what it keeps.
start_ceph() {
  ! alive radosgw || return 0
  stop_ceph
  local home
  home=$(server_folder ceph)
  claim_port CEPH_PORT >/dev/null
  claim_port S3_PORT >/dev/null
  secret S3_SECRET_KEY >/dev/null
  secret S3_ACCESS_KEY >/dev/null
  write_ceph_settings "$home"
  in_clean_room "$home"
  "${clean[@]}" "$home/make"
  spawn ceph-mon "$home" "${clean[@]}" ceph-mon -c "$home/ceph.conf" -f -i a
  "${clean[@]}" "$home/add-osd"
  spawn ceph-osd "$home" "${clean[@]}" ceph-osd -c "$home/ceph.conf" -f -i 0
  spawn radosgw "$home" "${clean[@]}" radosgw -c "$home/ceph.conf" -f -n client.rgw
  if ! wait_until 90 s3_ready || gone radosgw || gone ceph-osd; then
    tail -n 20 "$data"/logs/{ceph-mon,ceph-osd,radosgw}.log "$home"/log/{osd.0,client.rgw}.log
    return 1
  fi
  "${clean[@]}" "$home/add-user"
}

write_ceph_settings() {
  local home=$1 cluster
  cluster=$(</proc/sys/kernel/random/uuid)
  rm -rf "$home"/{mon,osd,run,log,monmap}
  # nobody but this machine's people reaches it, and what it holds is the tests': no keys between its own parts
  give "$home/ceph.conf" <<CONF
[global]
fsid = $cluster
mon_host = v1:127.0.0.1:$(recall CEPH_PORT)
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr2 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
mon_data = $home/mon
osd_data = $home/osd
run_dir = $home/run
log_file = $home/log/\$name.log
admin_socket =
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
# What add-osd says, the server need not say at its start: now and then it does before it knows the cluster, and ends.
osd_crush_update_on_start = false
osd_class_update_on_start = false
mon_max_pg_per_osd = 1000
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_data_avail_warn = 1
mon_data_avail_crit = 0
rgw_frontends = beast endpoint=127.0.0.1:$(recall S3_PORT)
rgw_gc_obj_min_wait = 30
rgw_gc_processor_period = 30
CONF
  give "$home/make" <<SCRIPT
#!/bin/bash
set -e
cd '$home' && mkdir -p mon osd run log
monmaptool --create --clobber --fsid $cluster --addv a '[v1:127.0.0.1:$(recall CEPH_PORT)]' monmap
ceph-mon -c ceph.conf --mkfs -i a --monmap monmap
SCRIPT
  give "$home/add-osd" <<SCRIPT
#!/bin/bash
set -e
cd '$home' && id=\$(cat /proc/sys/kernel/random/uuid)
timeout 60 ceph -c ceph.conf osd create "\$id"
ceph-osd -c ceph.conf -i 0 --mkfs --osd-uuid "\$id"
timeout 60 ceph -c ceph.conf osd crush add osd.0 1 root=default host=here
SCRIPT
  give "$home/add-user" <<SCRIPT
#!/bin/bash
cd '$home' && timeout 60 radosgw-admin -c ceph.conf user create --uid=causality --display-name=causality \\
  --access-key='$(recall S3_ACCESS_KEY)' --secret='$(recall S3_SECRET_KEY)' >/dev/null
SCRIPT
  chmod 700 "$home"/{make,add-osd,add-user}
}

stop_ceph() {
  end radosgw TERM 20
  end ceph-osd TERM 20
  end ceph-mon TERM 20
}
