//! What an operator watches of events (SPEC 9), beside what every server tells.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use todo_core::Timestamp;
use todo_store::log::{Entry, Published, Settled};
use todo_web::App;

/// Bounds of durations, in seconds: from what one event takes to an outage of minutes.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0];

/// Bounds of what is late, in seconds: from what nobody notices to a day, after which nothing is sent.
const SECONDS_LATE: [f64; 12] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 60.0, 900.0, 3_600.0, 86_400.0];

type Durations = Family<Of, Histogram, fn() -> Histogram>;

/// What is watched of events. Clones watch the same.
#[derive(Debug, Clone)]
pub struct Measures {
    unpublished: Gauge,
    told: Counter,
    lag: Family<Of, Gauge>,
    handled: Family<Fate, Counter>,
    notifications: Counter,
    processing_lag: Durations,
    processing: Durations,
    leaders: Family<Part, Gauge>,
    lateness: Histogram,
    backlog: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    consumer: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Fate {
    consumer: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Part {
    part: &'static str,
}

/// This process leads a part, for as long as it is kept.
#[derive(Debug)]
pub struct Leads {
    gauge: Gauge,
    lag: Family<Of, Gauge>,
    part: &'static str,
}

impl Drop for Leads {
    fn drop(&mut self) {
        self.gauge.set(0);
        // How far behind it is, only who leads it knows.
        self.lag.remove(&Of { consumer: self.part });
    }
}

impl Measures {
    /// Shows them with the server's own, from now on.
    pub fn of(app: &App) -> Self {
        let durations =
            || -> Durations { Family::new_with_constructor(|| Histogram::new(SECONDS)) };
        let measures = Self {
            unpublished: Gauge::default(),
            told: Counter::default(),
            lag: Family::default(),
            handled: Family::default(),
            notifications: Counter::default(),
            processing_lag: durations(),
            processing: durations(),
            leaders: Family::default(),
            lateness: Histogram::new(SECONDS_LATE),
            backlog: Gauge::default(),
        };
        let own = measures.clone();
        app.add_metrics(move |registry| {
            let help = "Events that were written and not told yet, as a relay saw it last";
            registry.register("outbox_unpublished", help, own.unpublished);
            registry.register("events_told", "Events that were given their place", own.told);
            let help = "Events in the log that a consumer has not come to";
            registry.register("consumer_lag", help, own.lag);
            registry.register("events_handled", "What became of events", own.handled);
            let help = "Notifications that were written for users to see where they look";
            registry.register("notifications", help, own.notifications);
            let help = "From an event to the moment in which its effects were written";
            let (name, unit) = ("event_processing_lag", Unit::Seconds);
            registry.register_with_unit(name, help, unit.clone(), own.processing_lag);
            let help = "How long a batch of events took to be handled and written";
            registry.register_with_unit("todo_processing", help, unit, own.processing);
            let help = "1 where this process leads a part";
            registry.register("leader", help, own.leaders);
            let help = "From the instant of a reminder until it was sent";
            registry.register_with_unit("reminder_lateness", help, Unit::Seconds, own.lateness);
            let help = "Tasks that the scheduler had something to do with when it looked last";
            registry.register("scheduler_backlog", help, own.backlog);
        });
        measures
    }

    /// Leads a part from now on.
    pub fn leads(&self, part: &'static str) -> Leads {
        let gauge = self.leaders.get_or_create(&Part { part }).clone();
        gauge.set(1);
        Leads { gauge, lag: self.lag.clone(), part }
    }

    pub(crate) fn reminded(&self, late: Duration) {
        self.lateness.observe(late.as_secs_f64());
    }

    pub(crate) fn backlog(&self, tasks: u64) {
        self.backlog.set(i64::try_from(tasks).unwrap_or(i64::MAX));
    }

    pub(crate) fn told(&self, published: Published) {
        self.told.inc_by(published.count as u64);
        if published.all {
            self.waiting(published.held as u64);
        }
    }

    pub(crate) fn waiting(&self, events: u64) {
        self.unpublished.set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    pub(crate) fn lag(&self, consumer: &'static str, events: u64) {
        self.lag.get_or_create(&Of { consumer }).set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    pub(crate) fn settled(&self, consumer: &'static str, settled: Settled) {
        let Settled { done, repeated, parked, notified } = settled;
        self.notifications.inc_by(notified as u64);
        for (outcome, events) in [("done", done), ("repeated", repeated), ("parked", parked)] {
            self.handled.get_or_create(&Fate { consumer, outcome }).inc_by(events as u64);
        }
    }

    pub(crate) fn processed<'e>(
        &self,
        consumer: &'static str,
        entries: impl Iterator<Item = &'e Entry>,
        took: Duration,
        now: Timestamp,
    ) {
        self.processing.get_or_create(&Of { consumer }).observe(took.as_secs_f64());
        let lag = self.processing_lag.get_or_create(&Of { consumer });
        for entry in entries {
            let millis = now.millis().saturating_sub(entry.timestamp.millis());
            // Clocks differ: nothing is handled before it happened.
            let lasted = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
            lag.observe(lasted.as_secs_f64());
        }
    }
}
