//! The log: one line an event, on standard error.

use std::io::{self, IsTerminal};
use std::panic;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use crate::settings::LogFormat;

/// Writes the log from now on. What a panic says goes into it as well.
pub fn start(filter: EnvFilter, format: Option<LogFormat>) {
    let terminal = io::stderr().is_terminal();
    let log = Subscriber::builder().with_env_filter(filter).with_writer(io::stderr);
    let started = match format.unwrap_or_else(|| LogFormat::fit_for(terminal)) {
        LogFormat::Json => {
            let log = log.json().flatten_event(true).with_current_span(false);
            tracing::subscriber::set_global_default(log.with_span_list(false).finish())
        }
        LogFormat::Pretty => {
            tracing::subscriber::set_global_default(log.with_ansi(terminal).finish())
        }
    };
    // Somebody else's log is as good, as in a test.
    if started.is_ok() {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            // A text that was put together may hold what users wrote.
            let text = panic.payload().downcast_ref::<&str>().copied();
            tracing::error!(place, text, "panicked");
        }));
    }
}
