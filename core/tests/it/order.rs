//! Q6: every order is total.

use std::cmp::Ordering;

use chrono::Weekday;
use chrono_tz::Tz;
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use todo_core::conformance::cases;
use todo_core::conformance::history::record;
use todo_core::query::{KeyPart, Moment, RowKey, SortKey};
use todo_core::{ErrorCode, Order, Task, TaskNo};

fn any_order() -> impl Strategy<Value = Order> {
    let key = (select(SortKey::WORDS), proptest::bool::ANY)
        .prop_map(|(word, reversed)| format!("{}{word}", if reversed { "-" } else { "" }));
    proptest::collection::vec(key, 1..5)
        .prop_map(|keys| keys.join(",").parse().expect("known keys"))
}

fn moment(zone: Tz) -> Moment {
    let now = "2026-11-21T12:00:00Z".parse().expect("an instant");
    Moment { now, zone, owner_zone: zone, week_start: Weekday::Mon }
}

/// Three tasks with three numbers; most of their values are often equal.
fn three() -> impl Strategy<Value = [Task; 3]> {
    [record(), record(), record()].prop_map(|mut tasks| {
        for (id, task) in (1..).zip(&mut tasks) {
            task.id = TaskNo(id);
        }
        tasks
    })
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn q6_total_antisymmetric_transitive(order in any_order(), tasks in three()) {
        let keys = tasks.map(|task| order.key(&task, &moment(Tz::Asia__Karachi)));
        for a in &keys {
            for b in &keys {
                prop_assert_eq!(order.compare(a, b), order.compare(b, a).reverse());
                prop_assert_eq!(order.compare(a, b) == Ordering::Equal, a.id == b.id);
                for c in &keys {
                    if order.compare(a, b).is_le() && order.compare(b, c).is_le() {
                        prop_assert!(order.compare(a, c).is_le(), "{:?} {:?} {:?}", a, b, c);
                    }
                }
            }
        }
    }

    /// Reversing a key reverses what has a value, and leaves what has none at the end.
    #[test]
    fn q6_missing_is_last_both_ways(word in select(SortKey::WORDS), tasks in three()) {
        let forward: Order = word.parse().expect("a key");
        let backward: Order = format!("-{word}").parse().expect("a key");
        let keys = tasks.map(|task| forward.key(&task, &moment(Tz::UTC)));
        for a in &keys {
            for b in &keys {
                let there = (forward.compare(a, b), backward.compare(a, b));
                let missing = |key: &RowKey| key.first == KeyPart::Missing;
                if missing(a) != missing(b) {
                    prop_assert_eq!(there.0, there.1);
                    prop_assert_eq!(there.0, missing(a).cmp(&missing(b)));
                } else if a.first != b.first {
                    prop_assert_eq!(there.0, there.1.reverse());
                } else {
                    // Only the number decides, and that is never turned round by another key.
                    prop_assert_eq!(there, (a.id.cmp(&b.id), a.id.cmp(&b.id)));
                }
            }
        }
    }
}

#[test]
fn q1_an_unknown_key_is_named() {
    for text in ["", "urgent", "due,", "--due", "-", "due;id", "due,prio"] {
        let error = text.parse::<Order>().expect_err(text);
        assert_eq!(error.code(), ErrorCode::ValidationError);
        assert!(error.to_string().starts_with("sort "), "{error}");
    }
    let keys = " Due , -PRIORITY".parse::<Order>().expect("ignores case and spaces");
    assert_eq!(keys, "due,-priority".parse().expect("the same"));
    assert_eq!(Order::default(), "due".parse().expect("the default"));
}
