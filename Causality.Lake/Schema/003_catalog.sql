-- What the payloads of each event type have at their top, kept in the flush's transaction as event_catalog is: of all events stored,
-- whatever became of them later. An event that has the property counts in one of the kinds. No values: those are asked of the lake.
create table property_catalog (
    app_id text not null,
    event_type text not null,
    property text not null,
    texts bigint not null,
    numbers bigint not null,
    booleans bigint not null,
    lists bigint not null,
    objects bigint not null,
    nulls bigint not null,
    first_seen_ms bigint not null,
    last_seen_ms bigint not null,
    primary key (app_id, event_type, property)
) with (fillfactor = 70);

-- Events that had properties beyond the bound of their type, or with names that no catalog holds.
create table property_catalog_beyond (
    app_id text not null,
    event_type text not null,
    events bigint not null,
    first_seen_ms bigint not null,
    last_seen_ms bigint not null,
    primary key (app_id, event_type)
);
