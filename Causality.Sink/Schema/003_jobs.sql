-- Quartz makes its own tables, and keeps them apart from ours. They say what is due when; what was done is in job_runs.
create schema quartz;

-- Runs of maintenance jobs. A run holds an advisory lock of its session from before its row is there until after the row says how it
-- ended, so a row that is running and whose session does not hold the lock is of a host that is gone.
create table job_runs (
    id uuid primary key,
    job text not null,
    caused_by text not null check (caused_by in ('schedule', 'admin')),
    by_email text,
    app_id text,
    from_time timestamptz,
    to_time timestamptz,
    dry_run boolean not null,
    attempt integer not null,
    host text not null,
    session integer not null,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    ended_at timestamptz,
    state text not null default 'running' check (state in ('running', 'succeeded', 'failed', 'cancelled', 'lost')),
    cancelled_by text,
    summary text,
    figures jsonb,
    error text
);
create unique index job_runs_running on job_runs (job) where state = 'running';
create index job_runs_by_job on job_runs (job, id desc);

-- When a message came: its id tells that only where it is a UUIDv7, and other publishers may send what they like.
alter table sink_inbox add column at timestamptz not null default now();
create index sink_inbox_by_time on sink_inbox using brin (at);
