-- Messages that were decided on together with facts, until the broker has confirmed them. A lane is what keeps its order: a stream, a
-- saga, or one transaction alone. Within a lane the sequence is the order of commits, because whoever writes to a lane holds the row of
-- its stream or saga before it takes a number. Partitions divide the lanes among hosts.
create table outbox (
    sequence bigint generated always as identity primary key,
    partition smallint not null,
    lane text not null,
    message_id uuid not null,
    destination text not null,
    message_types text not null,
    body text not null,
    created_at timestamptz not null,
    attempts int not null default 0,
    next_attempt_at timestamptz,
    last_error text
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create index outbox_by_partition on outbox (partition, sequence);

-- the heads of the lanes that wait for another attempt
create index outbox_failing on outbox (partition, lane) where attempts > 0;

-- Which consumer has had which message, committed with what it did; a second copy finds the row and does nothing.
create table inbox (
    message_id uuid not null,
    consumer_id uuid not null,
    consumed_at timestamptz not null,
    primary key (message_id, consumer_id)
);

create index inbox_by_age on inbox (consumed_at);
