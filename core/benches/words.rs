//! What reading words costs.
//!
//! `cargo bench -p todo-core --bench words`. The goal: a line in 1 ms, a hostile one of the longest
//! that is read included. One that is missed ends the run with an error.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use todo_core::conformance::given::{ZONE, instant};
use todo_core::query::Moment;
use todo_core::words::{Asking, every, quick_add, when};

const LINES: [&str; 3] = [
    "Buy milk",
    "Pay rent tomorrow 5pm #finance @home/bills !high every month remind 1h before",
    "Meet Sam on monday at noon for lunch, and ask about the boat remind 1 day before",
];

fn asking() -> Asking {
    let moment = Moment {
        now: instant("2026-11-21T12:00:00Z"),
        zone: ZONE,
        owner_zone: ZONE,
        week_start: chrono::Weekday::Mon,
    };
    Asking { moment, date_order: None }
}

/// Lines of the greatest length that begin something at every word.
fn hostile() -> Vec<(&'static str, String)> {
    let fill = |words: &str| words.repeat(500 / words.len());
    vec![
        ("in in in", fill("in ")),
        ("every every", fill("every 3rd ")),
        ("by monday by", fill("by monday at ")),
        ("remind 1h remind", fill("remind 1h ")),
        ("#a #a", fill("#a ")),
    ]
}

fn words(c: &mut Criterion) {
    let asking = asking();
    let mut group = c.benchmark_group("quick add");
    for line in LINES {
        group.bench_with_input(BenchmarkId::from_parameter(line), line, |b, line| {
            b.iter(|| black_box(quick_add(black_box(line), &asking)));
        });
    }
    for (name, line) in hostile() {
        let quickest = (0..5).map(|_| {
            let begun = Instant::now();
            let _ = black_box(quick_add(&line, &asking));
            begun.elapsed()
        });
        let quickest = quickest.min().unwrap_or_default();
        assert!(quickest <= Duration::from_millis(1), "{name}: {quickest:?}, and the goal is 1 ms");
        group.bench_with_input(BenchmarkId::new("hostile", name), &line, |b, line| {
            b.iter(|| black_box(quick_add(black_box(line), &asking)));
        });
    }
    group.finish();
    c.bench_function("when", |b| {
        b.iter(|| black_box(when(black_box("last friday of next month 17:00"), &asking)));
    });
    c.bench_function("every", |b| {
        b.iter(|| {
            black_box(every(black_box("every mon,wed,fri 9am until 2027-06-30"), &asking, None))
        });
    });
}

criterion_group!(benches, words);
criterion_main!(benches);
