-- Sagas that have begun and not ended. type is the stable name that the saga was registered with, state that of its state machine;
-- version counts its changes, and who changes one expects the version that it has read.
create table sagas (
    type text not null,
    id uuid not null,
    version int not null,
    state text not null,
    data jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (type, id)
);

create index sagas_by_state on sagas (type, state, updated_at);
