-- What swaps took out of the lake again. Stored stays what was stored: live rows = stored - erased - expired. Copies that compaction
-- removes were never to be stored, and move from stored to duplicates.
alter table pipeline_outcomes
    add column erased bigint not null default 0,
    add column expired bigint not null default 0;

-- Whose events are to be gone: what was received before requested_at, wherever it is and wherever it still comes from. The figures
-- grow with each file, in the transaction that swaps it.
create table erasures (
    id uuid primary key,
    app_id text not null,
    user_id text,
    device_ids text[] not null default '{}',
    requested_at timestamptz not null,
    requested_by text not null,
    state text not null default 'requested' check (state in ('requested', 'running', 'done')),
    rows bigint not null default 0,
    files bigint not null default 0,
    dead_letters bigint not null default 0,
    started_at timestamptz,
    ended_at timestamptz,
    check (user_id is not null or cardinality(device_ids) > 0)
);
create index erasures_of_app on erasures (app_id, requested_at);
create index erasures_to_do on erasures (requested_at) where state <> 'done';
