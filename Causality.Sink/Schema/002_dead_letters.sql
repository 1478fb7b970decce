-- What becomes of a dead letter. open: nobody has decided. replaying: somebody sends it again, as the message replayed_message_id, which is decided here
-- before it is sent, so that sending it twice is harmless; sent_at: the broker has confirmed it. replayed: that message has arrived in the sink.
-- The bytes go when they are no longer needed. replay_of: the letter whose replay ended in this one. detail: what of the reason differs from letter to letter.
-- counts: what the books hold for the letter.
alter table dead_letters
    add column state text not null default 'open' check (state in ('open', 'replaying', 'replayed', 'discarded')),
    add column detail text,
    add column replay_of uuid,
    add column replayed_message_id uuid,
    add column sent_at timestamptz,
    add column resolved_at timestamptz,
    add column resolved_by text;

drop index dead_letters_by_reason;
create index dead_letters_open on dead_letters (reason, id) where state = 'open';
create unique index dead_letters_replaying on dead_letters (replayed_message_id) where state = 'replaying';

-- one event was kept without its tag and length; with them (a varint of four bytes) every body is a batch
update dead_letters set body = '\x0a'::bytea || decode(
    lpad(to_hex(length(body) & 127 | 128), 2, '0') || lpad(to_hex(length(body) >> 7 & 127 | 128), 2, '0') || lpad(to_hex(length(body) >> 14 & 127 | 128), 2, '0') || lpad(to_hex(length(body) >> 21), 2, '0'), 'hex') || body
where events = 1 and reason not like 'The broker gave the message up%' and reason not like 'The database refuses it%' and reason not like 'The batch is broken%';

update dead_letters set detail = reason, reason = 'The batch is broken.' where reason like 'The batch is broken at byte%';
update dead_letters set detail = substr(reason, length('The database refuses it: ') + 1), reason = 'The database refuses it.' where reason like 'The database refuses it: %';
