-- Who signs in by another provider has no password. The role moves to the memberships; the installation's administrator stays.
alter table users alter column password_hash drop not null;
alter table users add column name text not null default '';
alter table users add column administrator boolean not null default false;
update users set administrator = role = 'Admin';
alter table users drop column role;

-- Read models of the organizations' streams, which commit with their facts. role: viewer, editor or admin.
create table organizations (
    id uuid primary key,
    name text not null,
    created_at timestamptz not null
);

create table members (
    organization_id uuid not null references organizations (id),
    user_id uuid not null references users (id),
    role text not null check (role in ('viewer', 'editor', 'admin')),
    joined_at timestamptz not null,
    primary key (organization_id, user_id)
);
create index members_user on members (user_id);

-- a role in one app, which replaces that of the organization
create table member_app_roles (
    organization_id uuid not null,
    user_id uuid not null,
    app_id text not null,
    role text not null check (role in ('viewer', 'editor', 'admin')),
    primary key (organization_id, user_id, app_id),
    foreign key (organization_id, user_id) references members on delete cascade
);

create table invitations (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    email text,
    role text not null check (role in ('viewer', 'editor', 'admin')),
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    invited_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz
);
create index invitations_organization on invitations (organization_id);
