//! Which clock decides, and what goes by it beside reminders and series.

use std::time::Duration;

use todo_core::command::Verb;
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::event::Seq;
use todo_core::{AsyncTaskStore, Needs};
use todo_events::roles::{Background, Roles};
use todo_store::log::Position;
use todo_web::{App, Clock};
use tokio::time::{advance, pause, resume};

use super::given::{Place, firings, on_both, scheduler, settle};
use super::running::{remind, scheduler_of};
use crate::support::{parts, until};

const HOUR: i64 = 60 * 60 * 1_000;
const DAY: i64 = 24 * HOUR;

/// A task that was deleted so many days ago.
async fn deleted(place: &Place, k: u8, days: i64) {
    let mut ann = Stage::new(&place.store);
    ann.ctx.now = place.living().clock.now().plus_millis(-days * DAY);
    ann.add(k, "Old receipts").await;
    ann.act(k, Verb::Delete).await;
}

/// How many tasks are stored, gone or not.
async fn stored(place: &Place) -> u64 {
    place.store.load(OWNERS[0], &Needs::default()).await.expect("facts").count
}

/// A machine whose clock is far ahead.
fn ahead(place: &Place) -> App {
    let right = Clock::of_the_machine();
    let wrong = Clock::asking_the_machine(move || right.now().plus_millis(60 * DAY));
    App::new(parts(place.store.clone(), wrong))
}

/// SPEC 9: the database's clock decides. S4: what is purged is gone for good.
async fn a_machine_whose_clock_is_wrong_purges_and_reminds_of_nothing(place: &Place) {
    let app = ahead(place);
    deleted(place, 1, 1).await;
    deleted(place, 2, 31).await;
    let now = place.living().clock.now();
    remind(place, OWNERS[0], 3, now, now.plus_millis(HOUR)).await;
    assert_eq!(
        app.sweep().await.expect("no outage"),
        1,
        "only what is over by the database's clock"
    );
    settle(&mut scheduler(app)).await;
    assert_eq!(firings(&place.store, OWNERS[0], uid(3)).await, []);
}

/// SPEC 9: rows of the log go after seven days, by themselves.
async fn the_relay_takes_out_of_the_log_what_is_old(place: &Place) {
    let app = place.living();
    let relay: Roles = "relay".parse().expect("a role");
    let told = async |count: usize| {
        let log = place.store.read_log(Position::default(), 10).await.expect("it answers");
        log.len() == count
    };
    Stage::new(&place.store).add(1, "Tea").await;
    let running = Background::start(&app, &relay, Vec::new(), None);
    until("it is told", async || told(1).await).await;
    running.end().await;
    let week = app.clock.now().plus_millis(-7 * DAY - HOUR);
    place.say(&format!("UPDATE outbox SET published_at = {}", week.millis())).await;
    let running = Background::start(&app, &relay, Vec::new(), None);
    until("it is taken out", async || told(0).await).await;
    running.end().await;
    let history = place.store.read_history(OWNERS[0], Seq(0), 10).await.expect("it answers");
    assert_eq!(history.len(), 1, "the history keeps it");
}

on_both! {
    a_machine_whose_clock_is_wrong_purges_and_reminds_of_nothing
    the_relay_takes_out_of_the_log_what_is_old
}

/// S4: whoever has a scheduler has the trash emptied.
#[tokio::test]
async fn s4_a_scheduler_empties_the_trash() {
    let place = Place::sqlite().await;
    deleted(&place, 1, 31).await;
    let running = scheduler_of(&place.living());
    // Passed over is the time in which a server that has just started is left alone; it is asleep by then.
    until("it leads", async || place.store.lead("scheduler").await.expect("it answers").is_none())
        .await;
    pause();
    advance(Duration::from_secs(61)).await;
    resume();
    until("it is purged", async || stored(&place).await == 0).await;
    running.end().await;
}
