//! Q3, Q4: days turn in the database where they turn in the core, to the millisecond.

use chrono::NaiveDate;
use chrono_tz::Tz;
use todo_core::conformance::agree::same_answer;
use todo_core::conformance::{Stage, given};
use todo_core::memory::{MemoryStore, Shared};
use todo_core::query::{Bound, DueFilter, Filter, Moment};
use todo_core::time::day_start;
use todo_core::{Due, Limit, Owner, Status, Task, TaskQuery, Timestamp};
use uuid::Uuid;

use crate::find::{ZONES, put};
use crate::support;

/// Around these the clocks are put forward or back at midnight, or a day is left out.
const TURNS: &[&str] = &["2010-11-07", "2011-12-30", "2026-03-08", "2026-11-01", "2026-11-21"];

fn days() -> Vec<NaiveDate> {
    let turns = TURNS.iter().map(|text| text.parse::<NaiveDate>().expect("a day"));
    turns.flat_map(|day| (day - chrono::Days::new(2)).iter_days().take(5)).collect()
}

/// All-day tasks of these days, and one that is due at the first instant of each.
fn tasks(zone: Tz) -> Vec<Task> {
    let dues = days().into_iter().flat_map(|day| {
        let at = day_start(day, zone);
        [Due::Day(day), Due::at(at.wall(Tz::UTC), Tz::UTC, None)]
    });
    let task = |(k, due): (u8, Due)| {
        let text = if k.is_multiple_of(2) { "all day" } else { "timed" };
        let task = given::record(k, text, Timestamp::from_millis(0));
        Task { due_date: Some(due), start_date: Some(due), ..task }
    };
    (0_u8..).zip(dues).map(task).collect()
}

fn filters(at: Timestamp) -> Vec<Filter> {
    let all = || Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
    let due = |due| Filter { due: Some(due), ..all() };
    vec![
        Filter::default(),
        Filter { due_from: Some(Bound::At(at)), ..all() },
        Filter { due_to: Some(Bound::At(at)), ..all() },
        due(DueFilter::Today),
        due(DueFilter::Overdue),
        due(DueFilter::Week),
    ]
}

#[test]
fn q3_days_turn_where_the_core_turns_them() {
    support::run(async {
        let (store, _kept) = support::sqlite().await;
        for (made, zone) in (1..).zip(ZONES.iter().copied()) {
            let owner = Owner(Uuid::from_u128(made));
            store.add_owner(owner, zone).await.expect("a new owner");
            let reference = Shared::new(MemoryStore::default());
            let (ours, theirs) = (Stage::of(&store, owner), Stage::of(&reference, owner));
            put(&ours, &tasks(zone)).await;
            put(&theirs, &tasks(zone)).await;
            for at in days().into_iter().flat_map(|day| {
                let start = day_start(day, zone);
                [-1, 0, 1, 30_000].map(|by| start.plus_millis(by))
            }) {
                for filter in filters(at) {
                    let week_start = chrono::Weekday::Mon;
                    let moment = Moment { now: at, zone, owner_zone: zone, week_start };
                    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) };
                    same_answer(&ours, &theirs, &query)
                        .await
                        .unwrap_or_else(|error| panic!("{zone} {at}: {error}"));
                }
            }
        }
    });
}
