-- How far each asynchronous projection has read, committed with its rows. One that threw stands still, says since when, at which fact
-- and why, and is tried again; progress clears that. A row whose projection no longer exists stays until somebody deletes it.
create table projections (
    name text primary key,
    position bigint not null default 0 check (position >= 0),
    updated_at timestamptz not null default now(),
    failed_at timestamptz,
    failed_sequence bigint,
    error text
);
