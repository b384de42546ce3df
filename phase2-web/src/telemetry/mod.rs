//! The log: one line an event, on standard error. And traces, where somebody collects them.

mod context;
mod origin;
mod traces;

use std::io::{self, IsTerminal};
use std::panic;

use tracing::subscriber::set_global_default;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

pub use context::{follows, traceparent};
pub(crate) use origin::origin;
pub use traces::{Traces, TracesError};

use crate::settings::LogFormat;
use traces::Export;

/// What is told of a running server, until it ends.
#[derive(Debug)]
pub struct Telemetry(Option<Export>);

/// Writes the log from now on, and sends traces where they are wanted.
///
/// What a panic says goes into the
/// log as well. Without `traces` nothing of them is started; with them, they are those of the service
/// `name`.
pub fn start(
    filter: EnvFilter,
    format: Option<LogFormat>,
    traces: Option<&Traces>,
    name: &'static str,
) -> Result<Telemetry, TracesError> {
    let terminal = io::stderr().is_terminal();
    let log = match format.unwrap_or_else(|| LogFormat::fit_for(terminal)) {
        LogFormat::Json => {
            let log = fmt::layer::<Registry>().json().flatten_event(true).with_current_span(false);
            log.with_span_list(false).with_writer(io::stderr).boxed()
        }
        LogFormat::Pretty => fmt::layer().with_ansi(terminal).with_writer(io::stderr).boxed(),
    };
    let export = traces.map(|traces| Export::start(traces, name)).transpose()?;
    let started = match &export {
        None => {
            let log = Registry::default().with(log).with(filter);
            set_global_default(log.with(filter_fn(tells_no_message)))
        }
        // Each with its own filter: no span is made for the log.
        Some(export) => {
            let log = Registry::default().with(log.with_filter(filter));
            set_global_default(log.with(export.layer()).with(filter_fn(tells_no_message)))
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
    Ok(Telemetry(export))
}

/// The library of the tools' protocol tells whole messages, and in them what stands in tasks. That is not
/// logged, whatever is asked for.
fn tells_no_message(event: &Metadata<'_>) -> bool {
    *event.level() == Level::ERROR || !event.target().starts_with("rmcp")
}

impl Telemetry {
    /// Sends what has not been sent, if that can be done in a moment.
    pub async fn finish(self) {
        if let Some(export) = self.0 {
            export.finish().await;
        }
    }
}
