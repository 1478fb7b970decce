-- The processes of this installation, each of which tells every few seconds that it lives and how it is.
create table hosts (
    id uuid primary key,
    name text not null,
    roles text[] not null,
    version text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    status jsonb not null
);
