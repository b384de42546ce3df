//! What an operator watches of sockets.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use todo_core::Timestamp;
use todo_web::App;

/// Bounds of durations, in seconds: from one hop on a quiet machine to an outage.
const SECONDS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0];

/// Clones watch the same.
#[derive(Debug, Clone)]
pub(super) struct Measures {
    sockets: Gauge,
    slow: Counter,
    lag: Histogram,
}

/// A socket, for as long as it is kept.
#[derive(Debug)]
pub(super) struct Open(Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Measures {
    pub(super) fn of(app: &App) -> Self {
        let (sockets, slow) = (Gauge::default(), Counter::default());
        let measures = Self { sockets, slow, lag: Histogram::new(SECONDS) };
        let own = measures.clone();
        app.add_metrics(move |registry| {
            let help = "Sockets that live updates are sent over";
            registry.register("live_sockets", help, own.sockets);
            let help = "Sockets that were closed because their queue was full";
            registry.register("live_queue_overflows", help, own.slow);
            let help = "From an event to the moment in which it is read to be told to sockets";
            registry.register_with_unit("live_lag", help, Unit::Seconds, own.lag);
        });
        measures
    }

    pub(super) fn open(&self) -> Open {
        self.sockets.inc();
        Open(self.sockets.clone())
    }

    /// Sockets were told, and so many were too slow.
    pub(super) fn told(&self, happened: Option<Timestamp>, now: Timestamp, slow: usize) {
        self.slow.inc_by(slow as u64);
        if let Some(happened) = happened {
            let millis = now.millis().saturating_sub(happened.millis());
            // Clocks differ: nothing is told before it happened.
            let lasted = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
            self.lag.observe(lasted.as_secs_f64());
        }
    }
}
