//! The scheduler as a part of a server.

use std::time::Duration;

use todo_core::conformance::given::due;
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::reminder::{Firing, FiringFate, Trigger};
use todo_core::{NewReminder, NewTask, Owner, Timestamp};
use todo_events::roles::{Background, Roles};
use todo_web::App;
use tokio::time::{Instant, sleep};

use super::given::{Place, firings, on_both};
use super::reminders::reminding;

const ANN: Owner = OWNERS[0];
/// Nobody waits so long: then it is not going to happen.
const DEADLINE: Duration = Duration::from_mins(2);

pub(super) fn scheduler_of(app: &App) -> Background {
    let roles: Roles = "scheduler".parse().expect("a role");
    Background::start(app, &roles, Vec::new(), None)
}

/// A task that reminds at an instant.
pub(super) async fn remind(place: &Place, owner: Owner, k: u8, now: Timestamp, at: Timestamp) {
    let mut ann = Stage::of(&place.store, owner);
    ann.ctx.now = now;
    let reminders = Some(vec![NewReminder::new(Trigger::At(at))]);
    let due_date = Some(due("2099-01-01"));
    ann.create(NewTask { due_date, reminders, ..reminding(k, "2099-01-01", &[]) }).await;
}

pub(super) async fn fired(place: &Place, owner: Owner, k: u8) -> Firing {
    let begun = Instant::now();
    while begun.elapsed() < DEADLINE {
        if let [firing] = firings(&place.store, owner, uid(k)).await[..] {
            return firing;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("task {k} does not remind");
}

/// SPEC 9, R10: what is planned while it sleeps is sent in its time, and whoever comes next goes on.
async fn r10_it_reminds_by_itself(place: &Place) {
    let app = place.living();
    for turn in 0..2_u8 {
        let (soon, past) = (2 * turn + 1, 2 * turn + 2);
        let now = app.clock.now();
        remind(place, ANN, past, now, now.plus_millis(-5)).await;
        let running = scheduler_of(&app);
        // A second one stands by.
        let another = scheduler_of(&app);
        fired(place, ANN, past).await;
        let now = app.clock.now();
        let at = now.plus_millis(300);
        remind(place, ANN, soon, now, at).await;
        let firing = fired(place, ANN, soon).await;
        assert!(firing.settled_at >= at, "never early: {firing:?}");
        assert!(matches!(firing.fate, FiringFate::Sent | FiringFate::Late), "{firing:?}");
        running.end().await;
        another.end().await;
    }
}

on_both! {
    r10_it_reminds_by_itself
}
