-- How far each asynchronous projection has read, committed with its rows. One that threw stands still, says why, and is tried again.
create table projections (
    name text primary key,
    position bigint not null default 0,
    updated_at timestamptz not null default now(),
    failed_at timestamptz,
    failed_sequence bigint,
    error text
);
