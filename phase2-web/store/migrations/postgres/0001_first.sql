-- The first schema. Numbered alike on both databases; forward only.
--
-- The owner leads every key and every index, so that no query can forget whose rows it reads; but
-- for `tasks_expiring`, which tells only whose trash is to be emptied, and `tasks_waking`, which
-- tells only what is to be looked at.
-- Instants are milliseconds since 1970 in UTC (BIGINT), exactly what the core counts in: no
-- database's own idea of precision or of zones can come between.
-- Folded texts are made by the core (Q5) and compared byte by byte, hence COLLATE "C".
-- Tables that one command writes together have no foreign keys to each other: they are written in
-- one transaction under the lock of the owner's row, and a check of each row would cost more than
-- the row.

-- What was derived with which version of the outside world: zones, folding.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row a person: the lock of all that is written for them, and their counters.
CREATE TABLE owners (
    owner UUID NOT NULL PRIMARY KEY,
    -- The number of the next new task (never used twice).
    next_id BIGINT NOT NULL DEFAULT 1,
    -- The sequence number of the next event.
    next_seq BIGINT NOT NULL DEFAULT 1,
    -- How many tasks there are, the trash included.
    tasks BIGINT NOT NULL DEFAULT 0,
    -- The zone that this owner's `tasks.due_key` are reckoned in. It is the profile's
    -- (`users.timezone`) and changes with it and the keys in one transaction; it stands here
    -- because a write learns it with the lock.
    timezone TEXT NOT NULL DEFAULT 'UTC'
)
-- Updated by every write and never by its key: room on the page keeps the index out of it.
WITH (fillfactor = 50);

CREATE TABLE users (
    owner UUID NOT NULL PRIMARY KEY REFERENCES owners (owner),
    -- As it was typed, and as it is compared.
    email TEXT NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT,
    -- A PHC string (argon2id).
    password TEXT NOT NULL,
    -- Raised by each change of the address.
    email_version BIGINT NOT NULL DEFAULT 1,
    -- Raised to end every access token that was given out before.
    token_version BIGINT NOT NULL DEFAULT 1,
    timezone TEXT NOT NULL,
    locale TEXT,
    week_start SMALLINT NOT NULL,
    all_day_time TEXT NOT NULL,
    -- JSON.
    default_reminders TEXT NOT NULL,
    notifications TEXT NOT NULL,
    -- Raised by each change of the profile.
    version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A log-in on one device: a family of refresh tokens.
CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    owner UUID NOT NULL REFERENCES users (owner),
    user_agent TEXT,
    address TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    -- Idle life: moved on by each use.
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX sessions_of_owner ON sessions (owner, created_at);

-- Only digests of refresh tokens are here. One that was used stays until its family ends, so that
-- its second use shows.
CREATE TABLE refresh_tokens (
    digest BYTEA NOT NULL PRIMARY KEY,
    session UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    owner UUID NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session);

-- Personal access tokens, by digest.
CREATE TABLE tokens (
    id UUID NOT NULL PRIMARY KEY,
    owner UUID NOT NULL REFERENCES users (owner),
    name TEXT NOT NULL,
    digest BYTEA NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT
);
CREATE INDEX tokens_of_owner ON tokens (owner, created_at);

-- Invitations that were used, until they would not count any more. Nobody's.
CREATE TABLE spent_invitations (
    id UUID NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- Tickets for live updates that were used, likewise.
CREATE TABLE spent_tickets (
    id UUID NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_tickets_by_age ON spent_tickets (expires_at);

-- The secret addresses that calendars are subscribed to by, as digests: one a user.
CREATE TABLE calendars (
    owner UUID NOT NULL PRIMARY KEY REFERENCES users (owner),
    digest BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE tasks (
    owner UUID NOT NULL,
    uid UUID NOT NULL,
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    -- 0 pending, 1 in progress, 2 completed, 3 cancelled: open is below 2.
    status SMALLINT NOT NULL,
    -- 0 high, 1 medium, 2 low.
    priority SMALLINT NOT NULL,
    project TEXT,
    -- A JSON array, as typed; folded they are in task_tags.
    tags TEXT,
    parent_uid UUID,
    parent_id BIGINT,
    -- A day, or RFC 9557 (wall time, offset and zone): the truth. What follows is derived from it.
    start_date TEXT,
    due_date TEXT,
    -- JSON.
    recurrence TEXT,
    series UUID,
    slot TEXT COLLATE "C",
    reminders TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    completed_at BIGINT,
    cancelled_at BIGINT,
    deleted_at BIGINT,
    trash_id UUID,

    -- Derived by the core, for queries. A day, or the instant of a time; never both.
    start_day TEXT COLLATE "C",
    start_at BIGINT,
    due_day TEXT COLLATE "C",
    due_at BIGINT,
    -- Where it stands when sorted by due date (Q6), the end of the day in the owner's zone;
    -- the largest number there is without one.
    due_key BIGINT NOT NULL,
    title_fold TEXT COLLATE "C" NOT NULL,
    project_fold TEXT COLLATE "C",
    -- All that is searched (Q5), folded, parted by U+001F, which no text can hold.
    search TEXT COLLATE "C" NOT NULL,
    -- Whether it holds the baton of a series that goes by the clock (R5).
    scheduled BOOLEAN NOT NULL,
    -- Not later than the clock next has something to do with it (R5, R10): exact once it was looked
    -- at, and below zero where it must be looked at now. Null where nothing is planned.
    wake_at BIGINT,

    PRIMARY KEY (owner, uid),
    UNIQUE (owner, id)
);
-- The default list, in its order.
CREATE INDEX tasks_open ON tasks (owner, due_key, id) WHERE deleted_at IS NULL AND status < 2;
CREATE INDEX tasks_below ON tasks (owner, parent_uid) WHERE parent_uid IS NOT NULL;
-- R6.
CREATE UNIQUE INDEX tasks_slot ON tasks (owner, series, slot) WHERE series IS NOT NULL;
CREATE INDEX tasks_trash ON tasks (owner, trash_id) WHERE trash_id IS NOT NULL;
-- What has lain in the trash too long is looked for for all owners at once.
CREATE INDEX tasks_expiring ON tasks (deleted_at, owner) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_scheduled ON tasks (owner) WHERE scheduled;
-- What is to be looked at is looked for for all owners at once.
CREATE INDEX tasks_waking ON tasks (wake_at, owner) WHERE wake_at IS NOT NULL;

-- Folded tags.
CREATE TABLE task_tags (
    owner UUID NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    uid UUID NOT NULL,
    PRIMARY KEY (owner, tag, uid)
);
CREATE INDEX task_tags_of_task ON task_tags (owner, uid);

-- What happened: the history, and what the outside is told.
CREATE TABLE events (
    owner UUID NOT NULL,
    seq BIGINT NOT NULL,
    event_type TEXT NOT NULL,
    schema_version SMALLINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id UUID NOT NULL,
    aggregate_version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    correlation_id UUID NOT NULL,
    causation_id UUID,
    -- JSON; null once the task was purged.
    data TEXT,
    PRIMARY KEY (owner, seq)
);
CREATE INDEX events_of_task ON events (owner, aggregate_id, seq);

-- What is not told yet, and for a while what was told: the events of these numbers. By the key what
-- was told of an account is found when it goes; the relay looks in the index of what was not told.
CREATE TABLE outbox (
    owner UUID NOT NULL,
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- The trace that it belongs to, as W3C writes it; null where nobody collects traces.
    trace TEXT,
    -- Its place in the log of all owners, once it was told: without a gap, and in the order in which
    -- it can be seen.
    position BIGINT,
    published_at BIGINT,
    PRIMARY KEY (owner, seq)
);
CREATE INDEX outbox_unpublished ON outbox (owner, seq) WHERE position IS NULL;
CREATE UNIQUE INDEX outbox_position ON outbox (position) WHERE position IS NOT NULL;

-- Who does what only one may do at a time, and how far that has come: the relay in giving positions,
-- a consumer in handling them. Nobody's.
CREATE TABLE leaders (
    name TEXT NOT NULL PRIMARY KEY,
    -- Raised by each who begins to lead: what an earlier one still writes is refused.
    epoch BIGINT NOT NULL,
    position BIGINT
);

-- What undo remembers (S7).
CREATE TABLE steps (
    owner UUID NOT NULL,
    no BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID NOT NULL,
    kind TEXT NOT NULL,
    -- JSON: the step's changes, and the tasks that an import made.
    changes TEXT NOT NULL,
    imported TEXT NOT NULL,
    -- The sequence number of its undoing.
    undone BIGINT,
    PRIMARY KEY (owner, no)
);
CREATE INDEX steps_undone ON steps (owner) WHERE undone IS NOT NULL;

-- What became of reminders (R10): each happens once.
CREATE TABLE reminder_firings (
    owner UUID NOT NULL,
    task UUID NOT NULL,
    reminder BIGINT NOT NULL,
    at BIGINT NOT NULL,
    fate TEXT NOT NULL,
    settled_at BIGINT NOT NULL,
    PRIMARY KEY (owner, task, reminder, at)
);

-- Requests that were carried out once, with what was answered; kept for 24 hours.
CREATE TABLE receipts (
    owner UUID NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX receipts_by_age ON receipts (owner, at);

-- Events that a consumer has handled.
CREATE TABLE inbox (
    owner UUID NOT NULL,
    consumer TEXT NOT NULL,
    event UUID NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (owner, consumer, event)
);

-- Events that a consumer could not handle, and those that wait behind them.
CREATE TABLE dead_letters (
    owner UUID NOT NULL,
    consumer TEXT NOT NULL,
    seq BIGINT NOT NULL,
    event UUID NOT NULL,
    reason TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (owner, consumer, seq)
);

-- What was done, by whom and from where: names and ids, no content. Nothing here is ever changed, and
-- nothing goes but with its account: the database itself refuses both.
CREATE TABLE audit (
    owner UUID NOT NULL,
    seq BIGINT NOT NULL,
    event_type TEXT NOT NULL,
    schema_version SMALLINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id UUID NOT NULL,
    aggregate_version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    correlation_id UUID NOT NULL,
    causation_id UUID,
    address TEXT,
    -- JSON: a list of names.
    fields TEXT,
    -- JSON: ids and words that say which session, token or device it was.
    details TEXT,
    PRIMARY KEY (owner, seq)
);
CREATE INDEX audit_by_time ON audit (owner, at, seq);
CREATE INDEX audit_of_type ON audit (owner, event_type, at, seq);
CREATE INDEX audit_of_one ON audit (owner, aggregate_id, at, seq);
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM users WHERE owner = OLD.owner) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit stays as it is, and goes with its account';
END
$$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_stays();

-- What somebody is told where they look: the newest thousand.
CREATE TABLE notifications (
    owner UUID NOT NULL,
    -- The number of the event that it comes of.
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    task UUID NOT NULL,
    task_id BIGINT NOT NULL,
    -- As the task was called then.
    title TEXT NOT NULL,
    -- What the reminder says.
    message TEXT,
    -- When the reminder was meant to come.
    remind_at BIGINT,
    at BIGINT NOT NULL,
    read_at BIGINT,
    PRIMARY KEY (owner, seq)
);
CREATE INDEX notifications_unread ON notifications (owner, seq) WHERE read_at IS NULL;

-- How much somebody did, day by day as the days were where they were.
CREATE TABLE activity (
    owner UUID NOT NULL,
    day TEXT NOT NULL COLLATE "C",
    created BIGINT NOT NULL DEFAULT 0,
    completed BIGINT NOT NULL DEFAULT 0,
    reopened BIGINT NOT NULL DEFAULT 0,
    cancelled BIGINT NOT NULL DEFAULT 0,
    deleted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, day)
);

-- Saved filters (Q9).
CREATE TABLE filters (
    owner UUID NOT NULL,
    -- As the core keeps it: composed, in small letters.
    name TEXT COLLATE "C" NOT NULL,
    -- The expression in its written form.
    filter TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (owner, name)
);

CREATE TABLE conversations (
    owner UUID NOT NULL,
    id UUID NOT NULL,
    title TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (owner, id)
);

CREATE TABLE messages (
    owner UUID NOT NULL,
    conversation UUID NOT NULL,
    no BIGINT NOT NULL,
    role TEXT NOT NULL,
    -- JSON.
    content TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (owner, conversation, no)
);
