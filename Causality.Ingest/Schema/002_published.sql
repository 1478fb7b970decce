-- events that the broker has confirmed, by app and hour of receipt (hours since 1970, UTC); each run of a host keeps rows of its own
-- and writes totals, never differences, so that writing twice counts once
create table pipeline_published (
    run_id uuid not null,
    app_id text not null,
    hour int not null,
    events bigint not null,
    primary key (run_id, app_id, hour)
);

create index pipeline_published_app on pipeline_published (app_id, hour);
