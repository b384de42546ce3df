//! What is asked of dates, in SQL.

use todo_core::Timestamp;
use todo_core::query::Moment;
use todo_core::query::expression::DateField;

use super::conditions::{Conditions, instant};
use super::days::{first_day_from, first_day_over};
use crate::bind::Value;

/// Where an all-day task is due lies this near to its place in the order, whichever the zones.
const NEAR_MILLIS: i64 = 4 * 86_400_000;

impl Conditions<'_> {
    pub(super) fn within(
        &mut self,
        field: DateField,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) {
        let zone = self.moment.zone;
        let (day, at, given) = columns(field);
        if from.is_none() && to.is_none() {
            return self.has(given, true);
        }
        self.say("(");
        if field == DateField::Due {
            // Says nothing new, but in terms of the index.
            let near = |end: Option<Timestamp>, by| end.map(|end| end.plus_millis(by));
            self.between("due_key", near(from, -NEAR_MILLIS), near(to, NEAR_MILLIS), instant);
            self.say(" AND (");
        }
        self.between(at, from, to, instant);
        if let Some(day) = day {
            self.say(" OR ");
            self.between(day, from, to, |end| Value::from(first_day_from(end, zone).to_string()));
        }
        self.say(if field == DateField::Due { "))" } else { ")" });
    }

    /// From one end to before the other, as far as they are given.
    fn between(
        &mut self,
        column: &str,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        value: impl Fn(Timestamp) -> Value,
    ) {
        let signs = [(">=", from), ("<", to)];
        let ends = signs.into_iter().filter_map(|(sign, end)| Some((sign, end?)));
        self.say("(");
        for (place, (sign, end)) in ends.enumerate() {
            let and = if place > 0 { " AND " } else { "" };
            self.add(&format!("{and}{column} {sign} ?"), [value(end)]);
        }
        self.say(")");
    }

    pub(super) fn overdue(&mut self) {
        let Moment { now, zone, .. } = *self.moment;
        let near = now.plus_millis(NEAR_MILLIS);
        let today = first_day_over(now, zone);
        self.add(
            "(status < 2 AND due_key < ? AND (due_at < ? OR due_day < ?))",
            [instant(near), instant(now), Value::from(today.to_string())],
        );
    }

    pub(super) fn waiting(&mut self) {
        let Moment { now, zone, .. } = *self.moment;
        let next = first_day_from(now.plus_millis(1), zone);
        let ends = [instant(now), Value::from(next.to_string())];
        self.add("(start_at > ? OR start_day >= ?)", ends);
    }
}

/// A date's columns: the day, if it can be a whole one; the instant; and what is there if it is.
pub(super) fn columns(field: DateField) -> (Option<&'static str>, &'static str, &'static str) {
    match field {
        DateField::Due => (Some("due_day"), "due_at", "due_date"),
        DateField::Start => (Some("start_day"), "start_at", "start_date"),
        DateField::Created => (None, "created_at", "created_at"),
        DateField::Updated => (None, "updated_at", "updated_at"),
        DateField::Completed => (None, "completed_at", "completed_at"),
        DateField::Cancelled => (None, "cancelled_at", "cancelled_at"),
    }
}
