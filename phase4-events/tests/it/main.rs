//! What happened reaches everybody once, whoever dies meanwhile (SPEC 9).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod beginning;
mod consumers;
mod database;
mod effects;
mod held;
mod http;
mod letters;
mod live;
mod operating;
mod program;
mod scheduler;
mod stuck;
mod support;
