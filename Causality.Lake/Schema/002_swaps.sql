-- A swap adds files and retires others in one transaction. It says that it runs by 'open', since it may run for minutes: the
-- janitor gives it up later than a flush.
alter table lake_flushes drop constraint lake_flushes_state_check;
alter table lake_flushes add constraint lake_flushes_state_check check (state in ('open', 'committed', 'published', 'cleaned', 'abandoned'));

-- compacted: 0 as a flush wrote it, else one more than the highest of the files that it was made of.
-- typed_columns: properties of the payload that have a column of their own in this file, {"plan": {"column": "p_plan", "type": "VARCHAR"}};
-- null for a property that was looked at and has none here.
alter table lake_files
    add column compacted integer not null default 0,
    add column sorted boolean not null default false,
    add column typed_columns jsonb not null default '{}',
    add column retired_by uuid,
    add column retired_at timestamptz;
create index lake_files_live on lake_files (app_id, hour) where retired_snapshot is null;
create index lake_files_retired_by on lake_files (retired_by) where retired_by is not null;
create index lake_files_retired on lake_files (retired_at) where retired_at is not null;

-- A snapshot below readable_from may lack files, one below erased_from shows what was erased: neither is read any more.
alter table lake_snapshots
    add column readable_from bigint not null default 0,
    add column erased_from bigint not null default 0;

-- Properties that get a column of their own where files are compacted: the chosen ones, and those asked most.
create table hot_properties (
    app_id text not null,
    property text not null,
    column_name text not null,
    -- what the last compaction found; files say for themselves what they have
    sql_type text,
    asked bigint not null default 0,
    chosen boolean not null default false,
    since timestamptz not null default now(),
    primary key (app_id, property),
    unique (app_id, column_name)
);
