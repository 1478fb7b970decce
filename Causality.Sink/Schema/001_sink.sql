-- Messages whose flush has committed. Ids are UUIDv7, so clean-up goes by id; rows outlive the longest life of a message in
-- queue and dead letters.
create table sink_inbox (
    message_id uuid primary key
);

-- Keys of stored events: 16-byte hashes of (app, key). Two tables that take turns: new keys go into the current one, the previous
-- one is asked too, and is emptied when the window has passed and it becomes the current one.
create table event_keys_a (key uuid primary key);
create table event_keys_b (key uuid primary key);
create table event_key_window (
    one boolean primary key default true check (one),
    current_table text not null check (current_table in ('event_keys_a', 'event_keys_b')),
    since timestamptz not null
);
insert into event_key_window (current_table, since) values ('event_keys_a', now());

-- The books, per app and hour of receipt (hours since 1970, UTC). What arrived is kept by the run of the host that published it,
-- as pipeline_published is, so the two can be compared run by run.
create table pipeline_arrived (
    run_id uuid not null,
    app_id text not null,
    hour integer not null,
    events bigint not null,
    primary key (run_id, app_id, hour)
);
create table pipeline_outcomes (
    app_id text not null,
    hour integer not null,
    stored bigint not null default 0,
    duplicates bigint not null default 0,
    dead bigint not null default 0,
    discarded bigint not null default 0,
    quarantined bigint not null default 0,
    primary key (app_id, hour)
);

-- What could not be stored, with its bytes and the reason, until somebody replays or discards it.
create table dead_letters (
    id uuid primary key,
    at timestamptz not null default now(),
    message_id uuid not null,
    app_id text,
    events bigint not null,
    reason text not null,
    body bytea not null,
    counts text not null
);
create index dead_letters_by_reason on dead_letters (reason, at);
