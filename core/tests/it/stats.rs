//! Statistics against a naive count, and where their days begin.

use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use serde_json::json;
use todo_core::conformance::cases;
use todo_core::conformance::given::{due, instant, title, uid};
use todo_core::conformance::history::record;
use todo_core::fold::fold;
use todo_core::query::{DueFilter, Moment};
use todo_core::stats::{Counted, DAYS, DayCounts, Stats, StatsQuery, Tally, Uses};
use todo_core::{Due, Filter, Priority, Status, Tag, Task, Timestamp};

use crate::naive;

fn at(now: &str, zone: Tz) -> Moment {
    Moment { now: instant(now), zone, owner_zone: zone, week_start: Weekday::Mon }
}

fn stats(tasks: &[Task], moment: Moment) -> Stats {
    let mut tally = Tally::new(moment);
    for task in tasks {
        tally.offer(task);
    }
    tally.finish()
}

/// Made then, and completed then.
fn task(k: u8, created: &str, completed: Option<&str>) -> Task {
    let mut task = Task::blank(uid(k), title("A task"), instant(created));
    if let Some(at) = completed {
        task.set_status(Status::Completed, instant(at));
    }
    task
}

fn day(stats: &Stats, date: &str) -> (u64, u64) {
    let date: NaiveDate = date.parse().expect("a date");
    let day = stats.days.iter().find(|day| day.date == date);
    day.map(|day| (day.created, day.completed)).expect("one of the last days")
}

#[test]
fn a_day_begins_where_the_asker_is() {
    // Midnight in Karachi is 19:00 in UTC.
    let tasks = [
        task(1, "2026-11-20T18:59:59.999Z", Some("2026-11-20T19:00:00Z")),
        task(2, "2026-11-20T19:00:00Z", Some("2026-11-21T18:59:59.999Z")),
    ];
    let here = stats(&tasks, at("2026-11-21T09:00:00Z", Tz::Asia__Karachi));
    assert_eq!((day(&here, "2026-11-20"), day(&here, "2026-11-21")), ((1, 0), (1, 2)));
    let there = stats(&tasks, at("2026-11-21T09:00:00Z", Tz::UTC));
    assert_eq!((day(&there, "2026-11-20"), day(&there, "2026-11-21")), ((2, 1), (0, 1)));
}

/// On 8 March 2026 Havana has no midnight, and on 1 November it has two.
#[test]
fn a_day_of_23_or_25_hours_is_a_day() {
    let spring = [
        task(1, "2026-03-08T04:59:59.999Z", None),
        task(2, "2026-03-08T05:00:00Z", None),
        task(3, "2026-03-09T03:59:59.999Z", None),
        task(4, "2026-03-09T04:00:00Z", None),
    ];
    let told = stats(&spring, at("2026-03-09T12:00:00Z", Tz::America__Havana));
    let created = ["2026-03-07", "2026-03-08", "2026-03-09"].map(|date| day(&told, date).0);
    assert_eq!(created, [1, 2, 1]);
    let autumn = [
        task(1, "2026-11-01T03:59:59.999Z", None),
        task(2, "2026-11-01T04:00:00Z", None),
        task(3, "2026-11-01T05:30:00Z", None),
        task(4, "2026-11-02T04:59:59.999Z", None),
        task(5, "2026-11-02T05:00:00Z", None),
    ];
    let told = stats(&autumn, at("2026-11-02T12:00:00Z", Tz::America__Havana));
    let created = ["2026-10-31", "2026-11-01", "2026-11-02"].map(|date| day(&told, date).0);
    assert_eq!(created, [1, 3, 1]);
    assert_eq!(told.days.len(), DAYS);
    assert_eq!(told.days[0].date.to_string(), "2026-10-06");
}

#[test]
fn a_streak_ends_with_a_day_that_is_over() {
    let done = |days: &[&str]| {
        let tasks: Vec<_> = (1..)
            .zip(days)
            .map(|(k, day)| task(k, "2026-01-01T00:00:00Z", Some(&format!("{day}T12:00:00Z"))))
            .collect();
        stats(&tasks, at("2026-11-21T15:00:00Z", Tz::UTC)).streak_days
    };
    assert_eq!(done(&[]), 0);
    assert_eq!(done(&["2026-11-21"]), 1);
    assert_eq!(done(&["2026-11-21", "2026-11-21", "2026-11-20", "2026-11-18"]), 2);
    assert_eq!(done(&["2026-11-20", "2026-11-19"]), 2, "today is not over");
    assert_eq!(done(&["2026-11-19"]), 0, "yesterday is");
    let month: Vec<_> = (10..=31).map(|day| format!("2026-10-{day}")).collect();
    let november = (1..=20).map(|day| format!("2026-11-{day:02}"));
    let long: Vec<_> = month.into_iter().chain(november).collect();
    let long: Vec<_> = long.iter().map(String::as_str).collect();
    assert_eq!(done(&long), 42, "longer than the days that are shown");
}

#[test]
fn the_median_of_an_even_number_is_the_smaller_middle() {
    let made = |dates: &[&str]| {
        let tasks: Vec<_> = (1..).zip(dates).map(|(k, at)| task(k, at, None)).collect();
        stats(&tasks, at("2026-11-21T09:00:00Z", Tz::UTC)).median_age_days
    };
    assert_eq!(made(&[]), None);
    assert_eq!(made(&["2026-11-20T23:59:00Z"]), Some(1), "days of the calendar");
    assert_eq!(made(&["2026-11-20T09:00:00Z", "2026-11-11T09:00:00Z"]), Some(1));
    assert_eq!(
        made(&["2026-11-20T09:00:00Z", "2026-11-11T09:00:00Z", "2026-01-01T00:00:00Z"]),
        Some(10)
    );
    assert_eq!(made(&["2027-01-01T00:00:00Z"]), Some(0), "made by a clock that goes wrong");
}

#[test]
fn completion_before_creation_took_no_time() {
    let tasks = [task(1, "2026-11-20T00:00:00Z", Some("2026-11-19T00:00:00Z"))];
    let told = stats(&tasks, at("2026-11-21T09:00:00Z", Tz::UTC));
    assert_eq!(told.median_seconds_to_complete, Some(0));
    let tasks = [task(1, "2026-11-20T00:00:00Z", Some("2026-11-20T01:00:01.999Z"))];
    let told = stats(&tasks, at("2026-11-21T09:00:00Z", Tz::UTC));
    assert_eq!(told.median_seconds_to_complete, Some(3601));
}

#[test]
fn a_label_is_shown_in_its_newest_spelling_and_counted_folded() {
    let [early, late] = ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"].map(instant);
    let mut uses = Uses::default();
    for (spelling, at) in [("Straße", early), ("STRASSE", late), ("strasse", early), ("b", early)]
    {
        uses.add(spelling, at);
    }
    assert_eq!(uses.iter().collect::<Vec<_>>(), [("b", 1), ("STRASSE", 3)]);
}

/// Q1, S4: what was done and what waits counts, the trash by itself; a filter says of which.
#[test]
fn a_question_is_for_all_that_a_filter_means() {
    let moment = at("2026-11-21T09:00:00Z", Tz::UTC);
    let parts = |filter| {
        let query = StatsQuery::new(filter, moment);
        query.parts().map(|part| part.filter.clone()).collect::<Vec<_>>()
    };
    let all = Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
    let trash = Filter { trash: true, ..all.clone() };
    assert_eq!(parts(Filter::default()), [all, trash.clone()]);
    assert_eq!(parts(Filter { trash: true, ..Filter::default() }), [trash]);
    let done = || Some(vec![Status::Completed]);
    let [there, trash] = parts(Filter { status: done(), ..Filter::default() })
        .try_into()
        .expect("one for the tasks, one for the trash");
    assert_eq!((there.status, trash.status), (done(), done()));
}

/// The contract of every surface that answers statistics.
#[test]
fn the_shape_is_frozen() {
    let mut open = task(1, "2026-11-11T09:00:00Z", None);
    open.project = Some(todo_core::Project::new("home").expect("a project"));
    open.due_date = Some(due("2026-11-20"));
    let tasks = [open, task(2, "2026-11-20T09:00:00Z", Some("2026-11-21T08:00:00Z"))];
    let told = stats(&tasks, at("2026-11-21T09:00:00Z", Tz::UTC));
    let mut told = serde_json::to_value(told).expect("JSON");
    let days = told["days"].as_array().expect("days").clone();
    assert_eq!(days.len(), DAYS);
    assert_eq!(days[DAYS - 1], json!({ "date": "2026-11-21", "created": 0, "completed": 1 }));
    told["days"].take();
    let weekdays: Vec<_> =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .map(|day| json!({ "weekday": day, "completed": u64::from(day == "saturday") }))
            .into();
    let expected = json!({
        "status": { "pending": 1, "in_progress": 0, "completed": 1, "cancelled": 0 },
        "trash": 0,
        "open": { "overdue": 1, "today": 0, "week": 0, "waiting": 0, "repeating": 0 },
        "priorities": { "high": 0, "medium": 1, "low": 0 },
        "projects": { "in_use": 1, "without": 0, "top": [{ "name": "home", "count": 1 }] },
        "tags": { "in_use": 0, "without": 1, "top": [] },
        "days": null,
        "weekdays": weekdays,
        "streak_days": 1,
        "median_age_days": 10,
        "median_seconds_to_complete": 82800,
    });
    assert_eq!(told, expected);
}

fn moment() -> impl Strategy<Value = Moment> {
    let zones = [Tz::UTC, Tz::Asia__Karachi, Tz::America__Havana, Tz::Pacific__Apia];
    let nows = ["2026-11-21T12:00:00Z", "2026-11-20T19:00:00Z", "2026-12-15T04:00:00Z"];
    let weeks = select(vec![Weekday::Mon, Weekday::Sun, Weekday::Sat]);
    (select(nows.to_vec()), select(zones.to_vec()), weeks)
        .prop_map(|(now, zone, week_start)| Moment { week_start, ..at(now, zone) })
}

/// Made, changed and finished over some weeks, at every hour.
fn tasks() -> impl Strategy<Value = Vec<Task>> {
    let spread = (record(), 0..24_i64 * 30).prop_map(|(mut task, hours)| {
        let millis = (240 - hours) * 3_600_000;
        task.created_at = task.created_at.plus_millis(millis);
        task.completed_at = task.completed_at.map(|at| at.plus_millis(millis));
        task
    });
    vec(spread, 0..24)
}

fn count(tasks: &[Task], is: impl Fn(&Task) -> bool) -> u64 {
    tasks.iter().filter(|task| is(task)).count() as u64
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_number_is_what_a_naive_count_says(tasks in tasks(), moment in moment()) {
        let told = stats(&tasks, moment);
        let Moment { now, zone, .. } = moment;
        let thirty_days = 30 * 24 * 60 * 60 * 1000;
        let in_trash = |task: &Task| task.trash.is_some_and(|t| now.millis() - t.at.millis() <= thirty_days);
        let there: Vec<_> = tasks.iter().filter(|task| task.trash.is_none()).cloned().collect();
        let open: Vec<_> = there.iter().filter(|task| task.status.is_open()).cloned().collect();

        prop_assert_eq!(told.trash, count(&tasks, in_trash));
        prop_assert_eq!(told.total(), told.trash + there.len() as u64);
        let by_status = [told.status.pending, told.status.in_progress, told.status.completed, told.status.cancelled];
        let statuses = [Status::Pending, Status::InProgress, Status::Completed, Status::Cancelled];
        prop_assert_eq!(by_status, statuses.map(|status| count(&there, |task| task.status == status)));
        let by_priority = [told.priorities.high, told.priorities.medium, told.priorities.low];
        let priorities = [Priority::High, Priority::Medium, Priority::Low];
        prop_assert_eq!(by_priority, priorities.map(|p| count(&open, |task| task.priority == p)));

        let due = [told.open.overdue, told.open.today, told.open.week];
        let listed = [DueFilter::Overdue, DueFilter::Today, DueFilter::Week].map(|due| {
            let filter = Filter { due: Some(due), ..Filter::default() };
            count(&tasks, |task| naive::matches(&filter, task, &moment))
        });
        prop_assert_eq!(due, listed);
        let shown = count(&tasks, |task| naive::matches(&Filter::default(), task, &moment));
        prop_assert_eq!(told.open.waiting, open.len() as u64 - shown);
        prop_assert_eq!(told.open.repeating, count(&open, |task| task.recurrence.is_some()));

        let on = |at: Timestamp, day: &DayCounts| at.utc().with_timezone(&zone).date_naive() == day.date;
        for day in &told.days {
            prop_assert_eq!(day.created, count(&there, |task| on(task.created_at, day)));
            let completed = |task: &Task| task.completed_at.is_some_and(|at| on(at, day));
            prop_assert_eq!(day.completed, count(&there, completed));
        }
        for count in &told.weekdays {
            let days = told.days.iter().filter(|day| day.date.weekday() == count.weekday);
            prop_assert_eq!(count.completed, days.map(|day| day.completed).sum::<u64>());
        }
        prop_assert_eq!(told.weekdays[0].weekday, moment.week_start);

        let mut ages: Vec<_> = open.iter().map(|task| (now.day(zone) - task.created_at.day(zone)).num_days().max(0)).collect();
        ages.sort_unstable();
        let middle = ages.get(ages.len().saturating_sub(1) / 2);
        prop_assert_eq!(told.median_age_days, middle.map(|age| age.unsigned_abs()));
    }

    #[test]
    fn labels_are_counted_folded(tasks in tasks(), moment in moment()) {
        let told = stats(&tasks, moment);
        let open = |task: &&Task| task.trash.is_none() && task.status.is_open();
        let tags = |task: &Task| task.tags.iter().map(|tag| fold(tag.as_str()).into_owned()).collect::<Vec<_>>();
        let used: Vec<_> = tasks.iter().filter(open).flat_map(tags).collect();
        for label in &told.tags.top {
            let same = used.iter().filter(|tag| **tag == fold(&label.name)).count();
            prop_assert_eq!(label.count, same as u64);
            let spelt = tasks.iter().filter(open).any(|task| task.tags.iter().map(Tag::as_str).any(|tag| tag == label.name));
            prop_assert!(spelt, "{} is nobody's spelling", label.name);
        }
        prop_assert!(told.tags.top.is_sorted_by_key(|label| std::cmp::Reverse(label.count)));
        prop_assert_eq!(told.tags.without, tasks.iter().filter(open).filter(|task| task.tags.is_empty()).count() as u64);
        prop_assert_eq!(told.projects.without, tasks.iter().filter(open).filter(|task| task.project.is_none()).count() as u64);
    }

    /// A store need not know a task to have it counted, nor the zone of a date's clock.
    #[test]
    fn what_is_counted_of_a_task_is_all_that_counts(tasks in tasks(), moment in moment()) {
        let instant = |due: Due| match due {
            Due::Day(_) => due,
            Due::At { .. } => Due::at(due.starts(Tz::UTC).wall(Tz::UTC), Tz::UTC, None),
        };
        let mut tally = Tally::new(moment);
        for task in &tasks {
            let counted = Counted::of(task);
            let (due_date, start_date) = (counted.due_date.map(instant), counted.start_date.map(instant));
            tally.count(&Counted { due_date, start_date, ..counted }, task.tags.iter().map(Tag::as_str));
        }
        prop_assert_eq!(tally.finish(), stats(&tasks, moment));
    }

    /// Whatever the order in which a store answers.
    #[test]
    fn the_order_of_tasks_changes_nothing(
        (tasks, shuffled) in tasks().prop_flat_map(|tasks| (Just(tasks.clone()), Just(tasks).prop_shuffle())),
        moment in moment(),
    ) {
        prop_assert_eq!(stats(&tasks, moment), stats(&shuffled, moment));
    }
}
