-- A flush decides by its row here whether its files count. The janitor claims a flush that never committed by writing
-- 'abandoned' first: whoever comes second conflicts and rolls back.
create table lake_flushes (
    id uuid primary key,
    state text not null check (state in ('committed', 'published', 'cleaned', 'abandoned')),
    at timestamptz not null default now()
);
create index lake_flushes_unfinished on lake_flushes (state, at) where state <> 'cleaned';

-- The truth about which files are live. A committed file is read under its pending name until it is published.
-- hour: of the partition, counted from 1970 in UTC. Live at snapshot n: added <= n, and not retired at n.
create table lake_files (
    path text primary key,
    pending_path text not null,
    published boolean not null default false,
    flush_id uuid not null references lake_flushes (id),
    app_id text not null,
    hour integer not null,
    rows bigint not null,
    bytes bigint not null,
    min_timestamp_ms bigint not null,
    max_timestamp_ms bigint not null,
    added_snapshot bigint,
    retired_snapshot bigint
);
create index lake_files_of_app on lake_files (app_id, hour);
create index lake_files_of_flush on lake_files (flush_id) where not published;

create table lake_snapshots (
    app_id text primary key,
    snapshot bigint not null
);

-- What each app sends, kept in the flush's transaction.
create table event_catalog (
    app_id text not null,
    event_type text not null,
    event_category text not null,
    events bigint not null,
    first_seen_ms bigint not null,
    last_seen_ms bigint not null,
    primary key (app_id, event_type, event_category)
);
