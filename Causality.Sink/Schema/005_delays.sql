-- How long events took from receipt to commit, per app and minute of the commit (minutes since 1970): of 'events' events, none took
-- longer than 'at_most_ms', and each longer than the next smaller bound. Kept for two days.
create table pipeline_delays (
    app_id text not null,
    minute integer not null,
    at_most_ms bigint not null,
    events bigint not null,
    primary key (app_id, minute, at_most_ms)
);
create index pipeline_delays_by_age on pipeline_delays (minute);
