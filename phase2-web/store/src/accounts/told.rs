//! What happens to an account, as events of its owner's history, in the transaction of what they tell:
//! the outside learns of it as of tasks, and the audit keeps it (SPEC 9).
//!
//! They hold names and ids, never what a field was or is. Log-ins that fail are not among them: a
//! stranger who knows an address could write into its owner's history without end.

use serde::Serialize;
use todo_core::event::{ActorKind, SCHEMA_VERSION};
use todo_core::{Owner, Timestamp};
use uuid::Uuid;

use super::profile::integer;
use super::{AccountError, Scope};
use crate::Store;
use crate::conn::{Conn, Tx};
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::rows::word;

/// Who does something to an account, when, for which request, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The user, a program of theirs, an operator, or the system by itself.
    pub kind: ActorKind,
    /// The token's id, where it is a program.
    pub token: Option<Uuid>,
    /// When.
    pub at: Timestamp,
    /// Shared by everything that one request sets off.
    pub correlation: Uuid,
    /// In which of the user's sessions, where it is done in one.
    pub session: Option<Uuid>,
    /// The address it is asked from, where it is asked over a network.
    pub address: Option<String>,
}

impl By {
    /// The user, in no session.
    pub fn user(at: Timestamp, correlation: Uuid) -> Self {
        Self { kind: ActorKind::User, token: None, at, correlation, session: None, address: None }
    }

    /// Whoever runs the server.
    pub fn operator(at: Timestamp, correlation: Uuid) -> Self {
        Self { kind: ActorKind::Admin, ..Self::user(at, correlation) }
    }

    /// Operators have no id, and the system acts for whom it acts.
    fn actor(&self, owner: Owner) -> Uuid {
        if self.kind == ActorKind::Admin { Uuid::nil() } else { self.token.unwrap_or(owner.0) }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub(super) enum Happened<'a> {
    /// The account was made.
    Registered,
    /// These fields of it were changed.
    Updated(&'a [&'static str]),
    /// A session was opened.
    LoggedIn { session: Uuid, user_agent: Option<&'a str> },
    /// A session was ended, be it the one that asks.
    SessionEnded(Uuid),
    /// Every session was ended but the one that asks.
    OthersEnded,
    /// A refresh token came again long after it was used; its session was ended.
    RefreshReused(Uuid),
    /// By somebody who knew the old one.
    PasswordChanged,
    /// By a link that was mailed, or by the operator.
    PasswordReset,
    /// A personal access token was made.
    TokenMade(Uuid, Scope),
    /// A personal access token was taken away.
    TokenRevoked(Uuid),
    /// All tasks, the audit, or all that is stored was asked for.
    Exported,
    /// A secret address of the calendar was made.
    CalendarMade,
    /// It was taken away.
    CalendarRemoved,
}

/// What an event says beside its envelope. What does not apply is left away.
#[derive(Default, Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
}

impl<'a> Happened<'a> {
    fn event_type(self) -> &'static str {
        match self {
            Self::Registered => "user.registered",
            Self::Updated(_) => "user.updated",
            Self::LoggedIn { .. } => "auth.logged_in",
            Self::SessionEnded(_) => "auth.session_ended",
            Self::OthersEnded => "auth.other_sessions_ended",
            Self::RefreshReused(_) => "auth.refresh_reused",
            Self::PasswordChanged => "auth.password_changed",
            Self::PasswordReset => "auth.password_reset",
            Self::TokenMade(..) => "auth.token_made",
            Self::TokenRevoked(_) => "auth.token_revoked",
            Self::Exported => "auth.exported",
            Self::CalendarMade => "auth.calendar_made",
            Self::CalendarRemoved => "auth.calendar_removed",
        }
    }

    fn data(self, by: &'a By) -> Data<'a> {
        let mut data =
            Data { session: by.session, address: by.address.as_deref(), ..Data::default() };
        match self {
            Self::Updated(fields) => data.fields = fields,
            Self::LoggedIn { session, user_agent } => {
                (data.session, data.user_agent) = (Some(session), user_agent);
            }
            Self::SessionEnded(ended) | Self::RefreshReused(ended) => data.ended = Some(ended),
            Self::TokenMade(token, scope) => {
                (data.token, data.scope) = (Some(token), Some(scope.as_str()));
            }
            Self::TokenRevoked(token) => data.token = Some(token),
            Self::Registered
            | Self::OthersEnded
            | Self::PasswordChanged
            | Self::PasswordReset
            | Self::Exported
            | Self::CalendarMade
            | Self::CalendarRemoved => {}
        }
        data
    }
}

static NUMBER: Sql =
    Sql::new("UPDATE owners SET next_seq = next_seq + 1 WHERE owner = ? RETURNING next_seq - 1");
static EVENT: Sql = Sql::new(
    "INSERT INTO events (owner, seq, event_type, schema_version, actor_kind, actor_id, \
     aggregate_type, aggregate_id, aggregate_version, at, correlation_id, data) \
     SELECT u.owner, ?, ?, ?, ?, ?, 'user', u.owner, u.version, ?, ?, ? FROM users u \
     WHERE u.owner = ?",
);
static OUTBOX: Sql =
    Sql::new("INSERT INTO outbox (owner, seq, created_at, trace) VALUES (?, ?, ?, ?)");

/// The place of what is about to happen in its owner's history. With it the owner's row is locked, so
/// it is taken before any other row of theirs is: all who write take them in this order.
#[derive(Debug)]
#[must_use = "a number that nothing has is a gap"]
pub(super) struct Next {
    owner: Owner,
    seq: u64,
    /// The trace that it belongs to.
    trace: Option<String>,
}

impl Next {
    /// Writes what happened.
    pub(super) async fn is(
        self,
        what: Happened<'_>,
        by: &By,
        conn: &mut Conn<'_>,
    ) -> StoreResult<()> {
        let Self { owner, seq, trace } = self;
        let event = vec![
            seq.into(),
            what.event_type().into(),
            SCHEMA_VERSION.into(),
            word(&by.kind)?.into(),
            by.actor(owner).into(),
            by.at.millis().into(),
            by.correlation.into(),
            serde_json::to_string(&what.data(by))?.into(),
            owner.0.into(),
        ];
        conn.run(&EVENT, event).await?;
        let told = vec![owner.0.into(), seq.into(), by.at.millis().into(), trace.into()];
        conn.run(&OUTBOX, told).await?;
        Ok(())
    }
}

impl Store {
    /// Takes the owner's lock, and the next number of their history; nothing if there is no such owner.
    /// If it comes to nothing, the transaction must be given up.
    pub(super) async fn next_event(
        &self,
        conn: &mut Conn<'_>,
        owner: Owner,
    ) -> StoreResult<Option<Next>> {
        let found = conn.rows(&NUMBER, vec![owner.0.into()], |row| integer(row, 0)).await?;
        Ok(found.into_iter().next().map(|seq| Next { owner, seq, trace: self.origin().trace }))
    }

    /// Ends a transaction in which something happened, and wakes whoever tells of it.
    pub(super) async fn committed(&self, tx: Tx) -> StoreResult<()> {
        tx.commit().await?;
        self.wake_writes();
        Ok(())
    }

    /// Notes that somebody is about to be given all their tasks, or all that is stored of them.
    pub async fn note_export(&self, owner: Owner, by: &By) -> Result<(), AccountError> {
        let mut tx = self.writing().await?;
        let next = self.next_event(&mut tx.lend(), owner).await?.ok_or(AccountError::Gone)?;
        next.is(Happened::Exported, by, &mut tx.lend()).await?;
        Ok(self.committed(tx).await?)
    }
}
