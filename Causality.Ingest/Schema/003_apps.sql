-- apps and api_keys become read models of streams, which commit with their facts. An app without organization is of before that:
-- the first start adopts it.
alter table apps add column organization_id uuid;
alter table apps add column version bigint not null default 0;
-- patterns such as https://shop.example.com and https://*.example.com; none allows every origin
alter table apps add column allowed_origins text[] not null default '{}';
-- null keeps events for ever
alter table apps add column retention_days int check (retention_days > 0);
-- what is stored of the sender's address
alter table apps add column ip_policy text not null default 'hash' check (ip_policy in ('drop', 'truncate', 'hash', 'keep'));
create index apps_organization on apps (organization_id);

alter table api_keys add column version bigint not null default 0;
alter table api_keys add column created_by text;
alter table api_keys add column expires_at timestamptz;
alter table api_keys add column replaced_by uuid;
-- within a minute; written by ingest, not by a fact
alter table api_keys add column last_used_at timestamptz;
