create table users (
    id uuid primary key,
    email text not null check (email = lower(email)),
    password_hash text not null,
    role text not null check (role in ('Viewer', 'Editor', 'Admin')),
    created_at timestamptz not null default now(),
    unique (email)
);

-- The keys that protect cookies and tokens, shared by every host.
create table data_protection_keys (
    name text primary key,
    xml text not null
);
