-- Keys of stored events, a row for each flush: 16-byte hashes of (app, key), sorted, end to end. Written once, looked into where an index in the sinks' memory says
-- that a key may be, deleted when the window has passed. A unique index over single keys cost more than all else that a flush does here.
create table event_keys (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    keys bytea not null
);
-- hashes do not compress, and so a part of a row is read without the rest
alter table event_keys alter column keys set storage external;

-- what was remembered until now, once no sink that began before is still adding to it; there, the first eight bytes lie in the order of .NET's Guid
lock table event_keys_a, event_keys_b, event_key_window in access exclusive mode;
with known as (select uuid_send(key) as k from event_keys_a union all select uuid_send(key) from event_keys_b),
hashes as (
    select substring(k from 4 for 1) || substring(k from 3 for 1) || substring(k from 2 for 1) || substring(k from 1 for 1)
        || substring(k from 6 for 1) || substring(k from 5 for 1) || substring(k from 8 for 1) || substring(k from 7 for 1) || substring(k from 9) as hash from known),
-- dealt out, not cut up: the keys of a row are evenly spread
numbered as (select hash, (row_number() over (order by hash) - 1) % greatest(1, ceil(count(*) over () / 20000.0)::bigint) as part from hashes)
insert into event_keys (keys) select string_agg(hash, ''::bytea order by hash) from numbered group by part order by part;
drop table event_keys_a, event_keys_b, event_key_window;
