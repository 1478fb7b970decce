-- What was done and refused. Changes come from the facts, in their transaction; sign-ins, refusals and exports are written by themselves.
-- organization_id: whose admins may read it; null for what concerns one person, which the organizations of that person see.
-- changes: [{"field", "old", "new"}]
create table audit_log (
    id uuid primary key,
    at timestamptz not null,
    organization_id uuid,
    actor_id text,
    actor_email text,
    action text not null,
    subject text not null,
    address text,
    request_id text,
    changes jsonb not null default '[]'
);
create index audit_log_organization on audit_log (organization_id, at desc, id desc);
create index audit_log_actor on audit_log (actor_id, at desc) where organization_id is null;

create trigger audit_log_is_append_only before update or delete or truncate on audit_log execute function refuse_change();
