-- an app is what events belong to; its id is part of every path in the lake
create table apps (
    id text primary key check (id ~ '^[A-Za-z0-9._-]{1,128}$'),
    name text not null,
    time_zone text not null default 'UTC',
    -- ip addresses are stored only as a hash under this; 32 random bytes, never leaves the database but for Ingest
    ip_salt bytea not null default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
    created_at timestamptz not null default now()
);

-- the key itself is not here: only its SHA-256, and the first characters for people to tell keys apart
create table api_keys (
    id uuid primary key,
    app_id text not null references apps (id),
    name text not null,
    key_hash bytea not null unique check (octet_length(key_hash) = 32),
    prefix text not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    -- null: the limits of the settings
    events_per_second int check (events_per_second > 0),
    burst int check (burst > 0)
);

create index api_keys_app on api_keys (app_id);
