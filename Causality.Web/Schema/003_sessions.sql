-- A sign-in, from one browser or program, until it is ended. Its refresh tokens are a family: each supersedes the one before.
create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id),
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    address text,
    user_agent text,
    ended_at timestamptz,
    ended_because text
);
create index sessions_user on sessions (user_id) where ended_at is null;

create table refresh_tokens (
    hash bytea primary key check (octet_length(hash) = 32),
    session_id uuid not null references sessions (id) on delete cascade,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    superseded_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

-- The keys that sign access tokens, shared by every host. private_key: PKCS #8, under data protection. The newest one that is due signs.
create table signing_keys (
    id text primary key,
    public_key bytea not null,
    private_key text not null,
    created_at timestamptz not null,
    signs_from timestamptz not null
);

-- Wrong passwords, by e-mail, whether or not there is such an account: each delays the next try.
create table sign_in_failures (
    email text primary key,
    failures int not null,
    last_at timestamptz not null
);

create table password_resets (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    user_id uuid not null references users (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    -- sent to the address of the account, so that who uses it reads what is sent there
    mailed boolean not null
);
create index password_resets_user on password_resets (user_id);

-- When a person has shown that the address is theirs. Until then another's sign-in with it, by a provider, does not share the account.
alter table users add column email_verified_at timestamptz;

-- Who a person is at a provider of OpenID Connect.
create table external_logins (
    issuer text not null,
    subject text not null,
    user_id uuid not null references users (id),
    linked_at timestamptz not null,
    primary key (issuer, subject)
);
create index external_logins_user on external_logins (user_id);
