-- Messages for later. What is due moves to the outbox, in one statement; what is cancelled before that is gone.
create table scheduled_messages (
    token uuid primary key,
    due_at timestamptz not null,
    partition smallint not null,
    lane text not null,
    message_id uuid not null,
    destination text not null,
    message_types text not null,
    body text not null,
    created_at timestamptz not null
);

create index scheduled_messages_by_time on scheduled_messages (due_at);
