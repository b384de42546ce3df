//! What a trace shows of the database: one span for each question to it, below the span of whoever
//! asks.
//!
//! Spans are of the finest level and have a target of their own, so that nothing but an exporter of
//! traces asks for them; without one, a span is the comparison of two numbers. A span holds the text
//! of a statement, which is made of what stands in this crate, and never a value.

use sqlx::{Database, Error, Sqlite};
use tracing::field::Empty;
use tracing::{Instrument, Level, Span, span_enabled, trace_span};

use crate::fault::{Fault, StoreResult};

/// What the spans of this crate are known by.
pub const SPANS: &str = "todo_store::spans";

/// Longest text of a statement in a span: a longer one is cut off.
const TEXT_MAX: usize = 2_000;

/// What the conventions of OpenTelemetry call the databases.
pub(crate) const SQLITE: &str = "sqlite";
pub(crate) const POSTGRES: &str = "postgresql";

/// Which of them it is.
pub(crate) fn system<DB: Database>() -> &'static str {
    if DB::NAME == Sqlite::NAME { SQLITE } else { POSTGRES }
}

/// What a batch waits for that others may share: its turn, and the disk at the end. Its statements are
/// below it.
pub(crate) fn shared() -> Span {
    if !is_wanted() {
        return Span::none();
    }
    trace_span!(target: SPANS, "group commit", otel.kind = "internal", db.system.name = SQLITE)
}

/// Waits for the answer to a question, within a span of its own.
pub(crate) async fn asked<T, E: Into<Fault>>(
    system: &'static str,
    text: &str,
    answer: impl Future<Output = Result<T, E>>,
) -> StoreResult<T> {
    let span = of(system, text);
    let answer = answer.instrument(span.clone()).await.map_err(Into::into);
    if let Err(fault) = &answer {
        failed(&span, fault);
    }
    answer
}

/// Whether somebody records spans, and this would lie below one: what nobody has asked for, as at a start
/// or beside requests, would be a trace of its own for each statement.
fn is_wanted() -> bool {
    span_enabled!(target: SPANS, Level::TRACE) && !Span::current().is_none()
}

fn of(system: &'static str, text: &str) -> Span {
    if !is_wanted() {
        return Span::none();
    }
    trace_span!(
        target: SPANS,
        "statement",
        otel.name = verb(text),
        otel.kind = "client",
        otel.status_code = Empty,
        db.system.name = system,
        db.operation.name = verb(text),
        db.query.text = &text[..text.floor_char_boundary(TEXT_MAX)],
        error.type = Empty,
    )
}

/// `SELECT`, `INSERT` …
fn verb(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
}

/// Notes what kind of failure it was. The text of a complaint may quote what users wrote.
fn failed(span: &Span, fault: &Fault) {
    if span.is_disabled() {
        return;
    }
    span.record("otel.status_code", "ERROR");
    match fault {
        Fault::Sql(Error::Database(error)) => {
            span.record("error.type", error.code().as_deref().unwrap_or("database"))
        }
        Fault::Sql(Error::Io(_)) => span.record("error.type", "connection"),
        Fault::Sql(Error::PoolTimedOut) => span.record("error.type", "timeout"),
        Fault::Sql(_) => span.record("error.type", "client"),
        Fault::Store(_) => span.record("error.type", "refused"),
    };
}
