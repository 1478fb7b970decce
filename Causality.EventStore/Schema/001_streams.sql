-- A stream is one thing's history: its facts in order, counted from 1. version is that of the newest.
create table streams (
    id text primary key,
    type text not null,
    version bigint not null check (version > 0),
    tenant text,
    created_at timestamptz not null
);

-- The order of all facts. It has gaps, where a transaction was rolled back.
create sequence facts_sequence;

-- schema: the version of the fact's own shape. Older ones are lifted when they are read, never rewritten.
create table facts (
    sequence bigint primary key,
    id uuid not null unique,
    stream text not null,
    version bigint not null,
    name text not null,
    schema int not null,
    data jsonb not null,
    at timestamptz not null,
    actor text not null,
    actor_name text,
    tenant text,
    correlation_id text,
    causation_id text,
    trace_id text,
    address text,
    unique (stream, version)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger facts_are_append_only before update or delete or truncate on facts execute function refuse_change();

-- Whoever appends takes its numbers here: while the transaction lives, others see by the lock's second key that numbers above it
-- may still be in flight. It is the low half of the last number that anybody had taken, so it is read, and shown, before the
-- first number is taken.
create function facts_take(count int) returns setof bigint language plpgsql as $$
declare
    taken bigint;
begin
    select case when is_called then last_value else 0 end into taken from facts_sequence;
    perform pg_advisory_xact_lock_shared(1178683219, (taken & 2147483647)::int);
    for i in 1..count loop
        return next nextval('facts_sequence');
    end loop;
end $$;

-- Appends facts, one in each place of the arrays, to a stream that must be at this version; 0: that there is none. That it is not
-- is an error, ES409 with the stream as its constraint, and not a count of rows, so that the commit can follow in the same round trip.
create function facts_append(
    stream text, expected bigint, type text, at timestamptz, actor text, actor_name text, tenant text, correlation_id text,
    causation_id text, trace_id text, address text, sequences bigint[], ids uuid[], names text[], schemas int[], data jsonb[])
returns void language plpgsql as $$
#variable_conflict use_variable
begin
    if expected = 0 then
        insert into streams (id, type, version, tenant, created_at) values (stream, type, cardinality(sequences), tenant, at)
        on conflict on constraint streams_pkey do nothing;
    else
        update streams set version = expected + cardinality(sequences) where id = stream and version = expected;
    end if;
    if not found then
        raise exception 'The stream % is not at version %.', stream, expected using errcode = 'ES409', constraint = stream;
    end if;
    insert into facts (sequence, id, stream, version, name, schema, data, at, actor, actor_name, tenant, correlation_id, causation_id, trace_id, address)
    select f.sequence, f.id, stream, expected + f.place, f.name, f.schema, f.data, at, actor, actor_name, tenant, correlation_id, causation_id, trace_id, address
    from unnest(sequences, ids, names, schemas, data) with ordinality as f (sequence, id, name, schema, data, place);
end $$;

-- The greatest number of which every fact up to it can be read, now and for ever: below all that an open transaction has
-- announced. A rollback, a transaction that appends nothing and one of another database hold nothing back. Ask it in a statement
-- before the one that reads facts: a statement sees what was committed when it began.
create function facts_high_water() returns bigint language plpgsql as $$
declare
    taken bigint;
    oldest bigint;
begin
    select case when is_called then last_value else 0 end into taken from facts_sequence;
    -- the distance back to what was announced, of which the lock shows 31 bits; who announced after the line above is ahead, and
    -- takes only numbers above it
    select min(taken - distance) into oldest
    from (
        select (taken - objid::bigint) & 2147483647 as distance
        from pg_locks
        where locktype = 'advisory' and objsubid = 2 and granted and classid = 1178683219
            and database = (select oid from pg_database where datname = current_database())) announced
    where distance < 1073741824;
    return least(taken, coalesce(oldest, taken));
end $$;
