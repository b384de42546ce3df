//! Q9: what an expression means, by the specification and by the laws of logic.

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use todo_core::conformance::cases;
use todo_core::conformance::given::{due, instant, record};
use todo_core::query::expression::Node;
use todo_core::query::{Bound, DueFilter, Expression, Moment};
use todo_core::{Filter, Task, TaskQuery};

use crate::filter_naive::{
    self, PLAIN_DAYS, PLAIN_MOMENTS, is_about_start, is_about_status, names,
};
use crate::naive;
use todo_core::conformance::asked::{asking, expression, moment, node_with, task};
use todo_core::conformance::wanted::filter;

/// Expressions whose dates [`filter_naive`] understands.
fn plain_node() -> impl Strategy<Value = Node> {
    node_with(PLAIN_DAYS, PLAIN_MOMENTS)
}

/// Whether the default list, with this expression, means a task.
fn meant(root: &Node, task: &Task, moment: &Moment) -> bool {
    let filter = Filter { expression: Some(expression(root.clone())), ..Filter::default() };
    TaskQuery { filter, ..TaskQuery::new(*moment) }.matches(task)
}

fn not(node: &Node) -> Node {
    Node::Not(Box::new(node.clone()))
}

fn both(a: &Node, b: &Node) -> Node {
    Node::all(vec![a.clone(), b.clone()])
}

fn either(a: &Node, b: &Node) -> Node {
    Node::one_of(vec![a.clone(), b.clone()])
}

/// Q1: what is due on a day that a zone has left out is due on the next: Apia had no 30 December 2011.
#[test]
fn q1_a_day_that_was_left_out_comes_with_the_next() {
    let apia = todo_core::time::zone("Pacific/Apia").expect("a zone");
    let now = instant("2011-12-30T10:00:00Z");
    let moment = Moment { now, zone: apia, owner_zone: apia, week_start: chrono::Weekday::Mon };
    let mut task = record(1, "Fly over the line", now);
    task.due_date = Some(due("2011-12-30"));
    let bounds = |from, to| Filter { due_from: from, due_to: to, ..Filter::default() };
    let (left_out, next) = (Some(Bound::Day(day(30))), Some(Bound::Day(day(31))));
    let word = |due| Filter { due: Some(due), ..Filter::default() };
    for (filter, means) in [
        (word(DueFilter::Today), true),
        (word(DueFilter::Week), true),
        (word(DueFilter::Tomorrow), false),
        (word(DueFilter::Overdue), true),
        (bounds(left_out, None), true),
        (bounds(next, None), true),
        (bounds(None, next), false),
    ] {
        assert_eq!(filter.matcher(&moment).matches(&task), means, "{filter:?}");
        assert_eq!(filter.condition(&moment).holds(&task, &moment), means, "{filter:?}");
        assert_eq!(naive::matches(&filter, &task, &moment), means, "{filter:?}");
    }
}

fn day(of_december: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2011, 12, of_december).expect("a day")
}

proptest! {
    #![proptest_config(cases(1_500))]

    /// Q1, Q9: flags and expressions AND together. What an expression says of statuses lifts
    /// "open", and of start dates "not waiting"; nothing else does, and nothing opens the trash.
    #[test]
    fn q9_as_the_specification_says(
        filter in filter(),
        root in plain_node(),
        tasks in vec(task(), 8),
        moment in moment(),
    ) {
        let default = Filter { expression: Some(expression(root.clone())), ..Filter::default() };
        for filter in [Filter { expression: default.expression.clone(), ..filter }, default] {
            let matcher = filter.matcher(&moment);
            let condition = filter.condition(&moment);
            for task in &tasks {
                let expected = filter_naive::matches(&filter, &root, task, &moment);
                prop_assert_eq!(matcher.matches(task), expected, "{:?}", task);
                prop_assert_eq!(condition.holds(task, &moment), expected, "{:?}", condition);
                prop_assert!(!expected || task.trash.is_some() == filter.trash);
            }
        }
    }

    /// Q9: what is printed means the same as well.
    #[test]
    fn q9_printed_means_the_same(root in plain_node(), tasks in vec(task(), 8), moment in moment()) {
        let typed = expression(root.clone()).to_string();
        if let Ok(read) = Expression::parse(&typed, &todo_core::words::Asking { moment, ..asking() }, &()) {
            for task in &tasks {
                prop_assert_eq!(meant(&read.root, task, &moment), meant(&root, task, &moment));
            }
        }
    }

    /// Q9: De Morgan, double negation; `and` and `or` in any order.
    #[test]
    fn q9_laws_of_logic(
        a in plain_node(),
        b in plain_node(),
        tasks in vec(task(), 8),
        moment in moment(),
    ) {
        let same = [
            (not(&both(&a, &b)), either(&not(&a), &not(&b))),
            (not(&either(&a, &b)), both(&not(&a), &not(&b))),
            (not(&not(&a)), a.clone()),
            (both(&a, &b), both(&b, &a)),
            (either(&a, &b), either(&b, &a)),
            (both(&a, &a), a.clone()),
            (either(&a, &both(&a, &b)), both(&a, &either(&a, &b))),
        ];
        for task in &tasks {
            for (one, other) in &same {
                prop_assert_eq!(
                    meant(one, task, &moment),
                    meant(other, task, &moment),
                    "{} / {}: {:?}",
                    expression(one.clone()),
                    expression(other.clone()),
                    task
                );
            }
        }
    }

    /// Q1, Q9: of what the list can show, each task is meant by an expression or by its opposite;
    /// what the list can show is the same for both.
    #[test]
    fn q9_not_keeps_the_defaults(root in plain_node(), tasks in vec(task(), 8), moment in moment()) {
        for task in &tasks {
            let waits = task.start_date.is_some_and(|start| start.starts(moment.zone) > moment.now);
            let shown = task.trash.is_none()
                && (task.status.is_open() || names(&root, is_about_status))
                && (!waits || names(&root, is_about_start));
            let two = (meant(&root, task, &moment), meant(&not(&root), task, &moment));
            prop_assert_eq!(two.0 || two.1, shown, "{:?}", task);
            prop_assert!(!(two.0 && two.1));
        }
    }
}
