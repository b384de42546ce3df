-- The first schema. Numbered alike on both databases; forward only.
--
-- The owner leads every key and every index, so that no query can forget whose rows it reads; but
-- for `tasks_expiring`, which tells only whose trash is to be emptied, and `tasks_waking`, which
-- tells only what is to be looked at.
-- Instants are milliseconds since 1970 in UTC (INTEGER), exactly what the core counts in: no
-- database's own idea of precision or of zones can come between. Identities are 16 bytes.
-- Folded texts are made by the core (Q5) and compared byte by byte.
-- Tables that one command writes together have no foreign keys to each other: they are written in
-- one transaction under the lock of the owner's row, and a check of each row would cost more than
-- the row.

-- What was derived with which version of the outside world: zones, folding.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One row a person: the lock of all that is written for them, and their counters.
CREATE TABLE owners (
    owner BLOB NOT NULL PRIMARY KEY,
    -- The number of the next new task (never used twice).
    next_id INTEGER NOT NULL DEFAULT 1,
    -- The sequence number of the next event.
    next_seq INTEGER NOT NULL DEFAULT 1,
    -- How many tasks there are, the trash included.
    tasks INTEGER NOT NULL DEFAULT 0,
    -- The zone that this owner's `tasks.due_key` are reckoned in. It is the profile's
    -- (`users.timezone`) and changes with it and the keys in one transaction; it stands here
    -- because a write learns it with the lock.
    timezone TEXT NOT NULL DEFAULT 'UTC'
) STRICT;

CREATE TABLE users (
    owner BLOB NOT NULL PRIMARY KEY REFERENCES owners (owner),
    -- As it was typed, and as it is compared.
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT,
    -- A PHC string (argon2id).
    password TEXT NOT NULL,
    -- Raised by each change of the address.
    email_version INTEGER NOT NULL DEFAULT 1,
    -- Raised to end every access token that was given out before.
    token_version INTEGER NOT NULL DEFAULT 1,
    timezone TEXT NOT NULL,
    locale TEXT,
    week_start INTEGER NOT NULL,
    all_day_time TEXT NOT NULL,
    -- JSON.
    default_reminders TEXT NOT NULL,
    notifications TEXT NOT NULL,
    -- Raised by each change of the profile.
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- A log-in on one device: a family of refresh tokens.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    owner BLOB NOT NULL REFERENCES users (owner),
    user_agent TEXT,
    address TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    -- Idle life: moved on by each use.
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX sessions_of_owner ON sessions (owner, created_at);

-- Only digests of refresh tokens are here. One that was used stays until its family ends, so that
-- its second use shows.
CREATE TABLE refresh_tokens (
    digest BLOB NOT NULL PRIMARY KEY,
    session BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    owner BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session);

-- Personal access tokens, by digest.
CREATE TABLE tokens (
    id BLOB NOT NULL PRIMARY KEY,
    owner BLOB NOT NULL REFERENCES users (owner),
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER
) STRICT;
CREATE INDEX tokens_of_owner ON tokens (owner, created_at);

-- Invitations that were used, until they would not count any more. Nobody's.
CREATE TABLE spent_invitations (
    id BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

-- Tickets for live updates that were used, likewise.
CREATE TABLE spent_tickets (
    id BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX spent_tickets_by_age ON spent_tickets (expires_at);

-- The secret addresses that calendars are subscribed to by, as digests: one a user.
CREATE TABLE calendars (
    owner BLOB NOT NULL PRIMARY KEY REFERENCES users (owner),
    digest BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tasks (
    owner BLOB NOT NULL,
    uid BLOB NOT NULL,
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    -- 0 pending, 1 in progress, 2 completed, 3 cancelled: open is below 2.
    status INTEGER NOT NULL,
    -- 0 high, 1 medium, 2 low.
    priority INTEGER NOT NULL,
    project TEXT,
    -- A JSON array, as typed; folded they are in task_tags.
    tags TEXT,
    parent_uid BLOB,
    parent_id INTEGER,
    -- A day, or RFC 9557 (wall time, offset and zone): the truth. What follows is derived from it.
    start_date TEXT,
    due_date TEXT,
    -- JSON.
    recurrence TEXT,
    series BLOB,
    slot TEXT,
    reminders TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    completed_at INTEGER,
    cancelled_at INTEGER,
    deleted_at INTEGER,
    trash_id BLOB,

    -- Derived by the core, for queries. A day, or the instant of a time; never both.
    start_day TEXT,
    start_at INTEGER,
    due_day TEXT,
    due_at INTEGER,
    -- Where it stands when sorted by due date (Q6), the end of the day in the owner's zone;
    -- the largest number there is without one.
    due_key INTEGER NOT NULL,
    title_fold TEXT NOT NULL,
    project_fold TEXT,
    -- All that is searched (Q5), folded, parted by U+001F, which no text can hold.
    search TEXT NOT NULL,
    -- Whether it holds the baton of a series that goes by the clock (R5).
    scheduled INTEGER NOT NULL,
    -- Not later than the clock next has something to do with it (R5, R10): exact once it was looked
    -- at, and below zero where it must be looked at now. Null where nothing is planned.
    wake_at INTEGER,

    PRIMARY KEY (owner, uid),
    UNIQUE (owner, id)
) STRICT;
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
    owner BLOB NOT NULL,
    tag TEXT NOT NULL,
    uid BLOB NOT NULL,
    PRIMARY KEY (owner, tag, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_tags_of_task ON task_tags (owner, uid);

-- What happened: the history, and what the outside is told.
CREATE TABLE events (
    owner BLOB NOT NULL,
    seq INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id BLOB NOT NULL,
    aggregate_version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    correlation_id BLOB NOT NULL,
    causation_id BLOB,
    -- JSON; null once the task was purged.
    data TEXT,
    PRIMARY KEY (owner, seq)
) STRICT;
CREATE INDEX events_of_task ON events (owner, aggregate_id, seq);

-- What is not told yet, and for a while what was told: the events of these numbers. By the key what
-- was told of an account is found when it goes; the relay looks in the index of what was not told.
CREATE TABLE outbox (
    owner BLOB NOT NULL,
    seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- The trace that it belongs to, as W3C writes it; null where nobody collects traces.
    trace TEXT,
    -- Its place in the log of all owners, once it was told: without a gap, and in the order in which
    -- it can be seen.
    position INTEGER,
    published_at INTEGER,
    PRIMARY KEY (owner, seq)
) STRICT;
CREATE INDEX outbox_unpublished ON outbox (owner, seq) WHERE position IS NULL;
CREATE UNIQUE INDEX outbox_position ON outbox (position) WHERE position IS NOT NULL;

-- Who does what only one may do at a time, and how far that has come: the relay in giving positions,
-- a consumer in handling them. Nobody's.
CREATE TABLE leaders (
    name TEXT NOT NULL PRIMARY KEY,
    -- Raised by each who begins to lead: what an earlier one still writes is refused.
    epoch INTEGER NOT NULL,
    position INTEGER
) STRICT;

-- What undo remembers (S7).
CREATE TABLE steps (
    owner BLOB NOT NULL,
    no INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- JSON: the step's changes, and the tasks that an import made.
    changes TEXT NOT NULL,
    imported TEXT NOT NULL,
    -- The sequence number of its undoing.
    undone INTEGER,
    PRIMARY KEY (owner, no)
) STRICT;
CREATE INDEX steps_undone ON steps (owner) WHERE undone IS NOT NULL;

-- What became of reminders (R10): each happens once.
CREATE TABLE reminder_firings (
    owner BLOB NOT NULL,
    task BLOB NOT NULL,
    reminder INTEGER NOT NULL,
    at INTEGER NOT NULL,
    fate TEXT NOT NULL,
    settled_at INTEGER NOT NULL,
    PRIMARY KEY (owner, task, reminder, at)
) STRICT, WITHOUT ROWID;

-- Requests that were carried out once, with what was answered; kept for 24 hours.
CREATE TABLE receipts (
    owner BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX receipts_by_age ON receipts (owner, at);

-- Events that a consumer has handled.
CREATE TABLE inbox (
    owner BLOB NOT NULL,
    consumer TEXT NOT NULL,
    event BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, consumer, event)
) STRICT, WITHOUT ROWID;

-- Events that a consumer could not handle, and those that wait behind them.
CREATE TABLE dead_letters (
    owner BLOB NOT NULL,
    consumer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    event BLOB NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, consumer, seq)
) STRICT;

-- What was done, by whom and from where: names and ids, no content. Nothing here is ever changed, and
-- nothing goes but with its account: the database itself refuses both.
CREATE TABLE audit (
    owner BLOB NOT NULL,
    seq INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id BLOB NOT NULL,
    aggregate_version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    correlation_id BLOB NOT NULL,
    causation_id BLOB,
    address TEXT,
    -- JSON: a list of names.
    fields TEXT,
    -- JSON: ids and words that say which session, token or device it was.
    details TEXT,
    PRIMARY KEY (owner, seq)
) STRICT;
CREATE INDEX audit_by_time ON audit (owner, at, seq);
CREATE INDEX audit_of_type ON audit (owner, event_type, at, seq);
CREATE INDEX audit_of_one ON audit (owner, aggregate_id, at, seq);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is not changed');
END;
CREATE TRIGGER audit_goes_with_its_account BEFORE DELETE ON audit
WHEN EXISTS (SELECT 1 FROM users WHERE owner = OLD.owner)
BEGIN
    SELECT RAISE(ABORT, 'the audit goes with its account');
END;

-- What somebody is told where they look: the newest thousand.
CREATE TABLE notifications (
    owner BLOB NOT NULL,
    -- The number of the event that it comes of.
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    task BLOB NOT NULL,
    task_id INTEGER NOT NULL,
    -- As the task was called then.
    title TEXT NOT NULL,
    -- What the reminder says.
    message TEXT,
    -- When the reminder was meant to come.
    remind_at INTEGER,
    at INTEGER NOT NULL,
    read_at INTEGER,
    PRIMARY KEY (owner, seq)
) STRICT;
CREATE INDEX notifications_unread ON notifications (owner, seq) WHERE read_at IS NULL;

-- How much somebody did, day by day as the days were where they were.
CREATE TABLE activity (
    owner BLOB NOT NULL,
    day TEXT NOT NULL,
    created INTEGER NOT NULL DEFAULT 0,
    completed INTEGER NOT NULL DEFAULT 0,
    reopened INTEGER NOT NULL DEFAULT 0,
    cancelled INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, day)
) STRICT, WITHOUT ROWID;

-- Saved filters (Q9).
CREATE TABLE filters (
    owner BLOB NOT NULL,
    -- As the core keeps it: composed, in small letters.
    name TEXT NOT NULL,
    -- The expression in its written form.
    filter TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT;

CREATE TABLE conversations (
    owner BLOB NOT NULL,
    id BLOB NOT NULL,
    title TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT;

CREATE TABLE messages (
    owner BLOB NOT NULL,
    conversation BLOB NOT NULL,
    no INTEGER NOT NULL,
    role TEXT NOT NULL,
    -- JSON.
    content TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, conversation, no)
) STRICT;
