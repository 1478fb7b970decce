-- names of properties that are not stored, such as password and card*
alter table apps add column denied_properties text[] not null default '{}';
-- whether browser, campaign and the like are found out where the client does not say them
alter table apps add column enrichment boolean not null default true;
