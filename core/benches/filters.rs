//! What filters cost: reading expressions, and matching 10 000 tasks by flags, by an expression that
//! says the same, and by a search.
//!
//! `cargo bench -p todo-core --bench filters`. The goals: the longest expression is read in 1 ms;
//! flags and expression each match in no more than twenty times a plain loop over the same fields,
//! written for this question alone, and a search in no more than three times one, measured beside it
//! in the same run. One that is missed ends the run with an error.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use todo_core::conformance::given::{DAY, ZONE, instant, record, tags};
use todo_core::fold::fold;
use todo_core::query::expression::TEXT_MAX;
use todo_core::query::{DueFilter, Expression, Filter, Moment};
use todo_core::text::Project;
use todo_core::words::Asking;
use todo_core::{Due, Priority, Status, Task, TaskNo};

const TYPICAL: &str = "priority:high and due:today and not tag:work";

fn moment() -> Moment {
    let now = instant("2026-11-21T12:00:00Z");
    Moment { now, zone: ZONE, owner_zone: ZONE, week_start: chrono::Weekday::Mon }
}

fn asking() -> Asking {
    Asking { moment: moment(), date_order: None }
}

fn read(text: &str) -> Expression {
    Expression::parse(text, &asking(), &()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Ten thousand tasks, a third of them due, a few today.
fn tasks() -> Vec<Task> {
    let now = moment().now;
    let task = |no: u64| {
        let day = now.plus_millis((no % 97).cast_signed() * DAY - 40 * DAY).day(ZONE);
        let mut task = Task {
            id: TaskNo(no),
            priority: Priority::ALL[(no % 3) as usize],
            project: no.is_multiple_of(4).then(|| Project::new("Home/Garden").expect("a project")),
            tags: if no.is_multiple_of(5) { tags(&["work", "Later"]) } else { tags(&["errand"]) },
            due_date: (no % 7 < 3).then_some(Due::Day(day)),
            ..record((no % 200) as u8, &format!("Number {no}: call the plumber"), now)
        };
        if no.is_multiple_of(6) {
            task.set_status(Status::Completed, now);
        }
        task
    };
    (1..=10_000).map(task).collect()
}

/// The longest text that is read: as many conditions as it holds.
fn longest() -> String {
    let mut text = "due<fri or ".repeat(TEXT_MAX / 11);
    text.push_str("milk");
    text.truncate(TEXT_MAX);
    text
}

fn count(filter: &Filter, tasks: &[Task]) -> usize {
    let moment = moment();
    let matcher = filter.matcher(&moment);
    tasks.iter().filter(|task| matcher.matches(task)).count()
}

/// The same by hand: no less can be done for an answer.
fn by_hand(tasks: &[Task]) -> usize {
    let today = moment().now.day(ZONE);
    let open = |task: &&Task| task.status.is_open() && task.trash.is_none();
    let due = |task: &&Task| task.due_date.is_some_and(|due| due.day_in(ZONE) == today);
    let tagged = |task: &&Task| task.tags.iter().any(|tag| fold(tag.as_str()) == "work");
    let high = |task: &&Task| task.priority == Priority::High;
    tasks.iter().filter(open).filter(high).filter(due).filter(|task| !tagged(task)).count()
}

/// A search by hand, in the texts that there are.
fn search_by_hand(tasks: &[Task]) -> usize {
    let found = |task: &&Task| {
        fold(task.title.as_str()).contains("plumber 77")
            || task.project.as_ref().is_some_and(|own| fold(own.as_str()).contains("plumber 77"))
            || task.tags.iter().any(|tag| fold(tag.as_str()).contains("plumber 77"))
    };
    tasks.iter().filter(|task| task.status.is_open()).filter(found).count()
}

/// The quickest of several goes: the others may have been disturbed.
fn quickest(mut act: impl FnMut() -> usize) -> Duration {
    let taken = (0..20).map(|_| {
        let begun = Instant::now();
        black_box(act());
        begun.elapsed()
    });
    taken.min().unwrap_or_default()
}

/// Ends the run if something takes longer than so many times its floor.
fn goal(what: &str, taken: Duration, floor: Duration, times: u32) {
    // Run as a test, it shows that it runs; only what is optimised is held to goals.
    if !cfg!(debug_assertions) {
        assert!(taken <= floor * times, "{what}: {taken:?}, and the goal is {times} × {floor:?}");
    }
}

fn reading(criterion: &mut Criterion) {
    let longest = longest();
    let taken = quickest(|| read(&longest).to_string().len());
    goal("the longest expression", taken, Duration::from_millis(1), 1);
    let mut group = criterion.benchmark_group("read");
    for (name, text) in [("typical", TYPICAL), ("longest", &longest)] {
        group.bench_with_input(BenchmarkId::from_parameter(name), text, |bencher, text| {
            bencher.iter(|| read(black_box(text)));
        });
    }
    group.finish();
}

fn matching(criterion: &mut Criterion) {
    let tasks = tasks();
    let flags = Filter {
        priority: vec![Priority::High],
        due: Some(DueFilter::Today),
        tags_none: vec!["work".into()],
        ..Filter::default()
    };
    let expression = Filter { expression: Some(read(TYPICAL)), ..Filter::default() };
    let search = Filter::default().search("plumber 77");
    let words = Filter { expression: Some(read("\"plumber 77\"")), ..Filter::default() };
    assert_eq!(count(&flags, &tasks), by_hand(&tasks));
    assert_eq!(count(&expression, &tasks), by_hand(&tasks));
    assert!(by_hand(&tasks) > 0);
    let (floor, search_floor) = (quickest(|| by_hand(&tasks)), quickest(|| search_by_hand(&tasks)));
    let mut group = criterion.benchmark_group("10 000 tasks");
    group.bench_function("by hand", |bencher| bencher.iter(|| by_hand(black_box(&tasks))));
    group.bench_function("search by hand", |bencher| {
        bencher.iter(|| search_by_hand(black_box(&tasks)));
    });
    for (name, filter, floor, times) in [
        ("flags", &flags, floor, 20),
        ("expression", &expression, floor, 20),
        ("search", &search, search_floor, 3),
        ("search by expression", &words, search_floor, 3),
    ] {
        goal(name, quickest(|| count(filter, &tasks)), floor, times);
        group.bench_function(name, |bencher| bencher.iter(|| count(filter, black_box(&tasks))));
    }
    group.finish();
}

criterion_group! {
    name = filters;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = reading, matching
}
criterion_main!(filters);
