//! What a filter asks, in SQL.
//!
//! The core says what each condition means; here it is said again to a database, and the suite
//! holds the two together. Two things are not said: urgency, which only the core reckons (Q8), and
//! what comes after [`VALUES_MAX`] values. In their place stands what holds of every task (or of
//! none, under a `not`), the answer is then too large, and the core looks at each row of it.
//!
//! A condition may come to null where a value is missing. `and`, `or` and `where` take it for
//! false; `not` is written `is not true` so that it does too.

use todo_core::query::expression::{Compare, DateField, IdRange, Is};
use todo_core::query::{Condition, Moment};
use todo_core::task::TRASH_KEPT_MILLIS;
use todo_core::{Priority, Status, TaskRef, Timestamp};
use uuid::Uuid;

use super::dates::columns;
use super::values::{NO_DUE_KEY, priority_code, status_code};
use crate::bind::Value;
use crate::statement::{Dialect, Statement};

/// Most values of a statement: SQLite takes 32 766, and one condition has 2 000 at most.
const VALUES_MAX: usize = 4_000;
/// Longest list that is written in a row: SQLite counts each `and` as a level, and takes 1 000.
const ROW_MAX: usize = 8;
/// Most conditions on tags that a database may take for joins.
const JOINED_MAX: usize = 4;

/// Conditions as they are written into a statement.
pub(super) struct Conditions<'s> {
    pub(super) statement: &'s mut Statement,
    pub(super) moment: &'s Moment,
    /// Whether what was written means just what was asked, and not more.
    exact: bool,
    /// How many conditions on tags were written.
    tags: usize,
}

/// Adds a condition to a statement, and answers whether it says all that was asked.
pub(super) fn add(statement: &mut Statement, condition: &Condition, moment: &Moment) -> bool {
    let mut conditions = Conditions { statement, moment, exact: true, tags: 0 };
    conditions.condition(condition, true);
    conditions.exact
}

impl Conditions<'_> {
    pub(super) fn add<const N: usize>(&mut self, text: &str, values: [Value; N]) {
        self.statement.add(text, values);
    }

    pub(super) fn say(&mut self, text: &str) {
        self.add(text, []);
    }

    fn truth(&mut self, holds: bool) {
        self.say(if holds { "TRUE" } else { "FALSE" });
    }

    /// `wide`: what cannot be said may hold of more tasks, else of fewer.
    fn condition(&mut self, condition: &Condition, wide: bool) {
        if self.statement.bound() > VALUES_MAX {
            return self.unsaid(wide);
        }
        match condition {
            Condition::All(parts) => self.several(parts, " AND ", true, wide),
            Condition::Any(parts) => self.several(parts, " OR ", false, wide),
            Condition::Not(inner) => {
                self.say("(");
                self.condition(inner, !wide);
                self.say(" IS NOT TRUE)");
            }
            Condition::Text(word) => self.contains("search", word),
            Condition::Title(part) => self.contains("title_fold", part),
            Condition::Description(is) => match is {
                Is::A(part) => self.described(part),
                is => self.given("description", is),
            },
            Condition::Status(any) => self.status(any),
            Condition::Priority(any) => self.priority(any),
            Condition::Rank(by, level) => {
                let level = Value::from(priority_code(*level));
                self.add(&format!("? {} priority", sign(*by)), [level]);
            }
            Condition::Project(is) => match is {
                Is::A(paths) => self.project(paths),
                is => self.given("project", is),
            },
            Condition::Tag(is) => match is {
                Is::A(any) => self.tagged(any),
                is => self.given("tags", is),
            },
            Condition::Id(any) => self.ids(any),
            Condition::IdRank(by, number) => {
                self.add(&format!("id {} ?", sign(*by)), [Value::from(whole(*number))]);
            }
            Condition::Parent(is) => match is {
                Is::A(any) => self.references("parent_uid", "parent_id", any.iter()),
                is => self.given("parent_uid", is),
            },
            // In terms of the index.
            Condition::Has(DateField::Due, has) => {
                let sign = if *has { "<" } else { "=" };
                self.say(&format!("due_key {sign} {NO_DUE_KEY}"));
            }
            Condition::Has(field, has) => self.has(columns(*field).2, *has),
            Condition::Within(field, from, to) => self.within(*field, *from, *to),
            Condition::Urgency(..) => self.unsaid(wide),
            Condition::Overdue => self.overdue(),
            Condition::Waiting => self.waiting(),
            Condition::Repeating(does) => self.has("recurrence", *does),
            Condition::Scheduled => self.say("scheduled"),
            Condition::Reminders(has) => self.has("reminders", *has),
            Condition::Trash(lies) => self.trash(*lies),
        }
    }

    /// The first few may be where PostgreSQL begins. It tries all orders of what it may join, and
    /// of many that takes longer than any answer: the others it may only test.
    fn tagged(&mut self, any: &[Box<str>]) {
        self.tags += 1;
        self.say("(uid IN (SELECT uid FROM task_tags WHERE owner = $1 AND ");
        self.one_of_texts("tag", any);
        self.say(if self.tags > JOINED_MAX { ")) IS TRUE" } else { "))" });
    }

    fn unsaid(&mut self, wide: bool) {
        self.exact = false;
        self.truth(wide);
    }

    fn several(&mut self, parts: &[Condition], join: &str, empty: bool, wide: bool) {
        match parts {
            [] => self.truth(empty),
            [only] => self.condition(only, wide),
            parts => {
                self.say("(");
                let pieces = if parts.len() > ROW_MAX { parts.len().div_ceil(2) } else { 1 };
                for (place, piece) in parts.chunks(pieces).enumerate() {
                    if place > 0 {
                        self.say(join);
                    }
                    self.several(piece, join, empty, wide);
                }
                self.say(")");
            }
        }
    }

    pub(super) fn has(&mut self, column: &str, has: bool) {
        self.say(column);
        self.say(if has { " IS NOT NULL" } else { " IS NULL" });
    }

    /// Whether there is one at all.
    fn given<T>(&mut self, column: &str, is: &Is<T>) {
        self.has(column, !matches!(is, Is::None));
    }

    /// The position of a text in another, from 1; 0 if it is not there.
    fn find(&self) -> &'static str {
        match self.statement.dialect {
            Dialect::Sqlite => "instr",
            Dialect::Postgres => "strpos",
        }
    }

    fn contains(&mut self, column: &str, text: &str) {
        if !can_be(text) {
            return self.truth(false);
        }
        let find = self.find();
        self.add(&format!("{find}({column}, ?) > 0"), [Value::from(text.to_owned())]);
    }

    /// The description is the second of the texts that are searched: what is found behind the
    /// title is in it if it begins before the next one does.
    fn described(&mut self, part: &str) {
        if !can_be(part) {
            return self.truth(false);
        }
        let find = self.find();
        let gap = match self.statement.dialect {
            Dialect::Sqlite => "char(31)",
            Dialect::Postgres => "chr(31)",
        };
        let rest = "substr(search, length(title_fold) + 2)";
        let part = self.statement.bind(Value::from(part.to_owned()));
        self.say(&format!(
            "(description IS NOT NULL AND {find}({rest}, ${part}) > 0 \
             AND {find}({rest}, ${part}) < {find}({rest} || {gap}, {gap}))"
        ));
    }

    fn status(&mut self, any: &[Status]) {
        let all = Status::ALL.iter().copied().filter(|status| any.contains(status));
        let (open, closed): (Vec<Status>, Vec<Status>) = all.partition(|status| status.is_open());
        match (open.as_slice(), closed.as_slice()) {
            ([], []) => self.truth(false),
            ([_, _], [_, _]) => self.truth(true),
            // In the very words of the index of what is open.
            ([_, _], []) => self.say("status < 2"),
            ([one], []) => self.say(&format!("(status < 2 AND status = {})", status_code(*one))),
            _ => {
                let codes = open.iter().chain(&closed).map(|status| status_code(*status));
                self.one_of_codes("status", codes);
            }
        }
    }

    fn priority(&mut self, any: &[Priority]) {
        let all: Vec<_> = Priority::ALL.iter().filter(|priority| any.contains(priority)).collect();
        match all.len() {
            0 => self.truth(false),
            len if len == Priority::ALL.len() => self.truth(true),
            _ => self.one_of_codes("priority", all.into_iter().map(|level| priority_code(*level))),
        }
    }

    fn one_of_codes(&mut self, column: &str, codes: impl Iterator<Item = i16>) {
        let codes: Vec<_> = codes.map(|code| code.to_string()).collect();
        self.say(&format!("{column} IN ({})", codes.join(", ")));
    }

    /// Below `a/b` is what begins with `a/b/`; behind `/` comes `0`.
    fn project(&mut self, paths: &[Box<str>]) {
        let paths: Vec<_> = paths.iter().filter(|path| can_be(path)).map(AsRef::as_ref).collect();
        match paths.as_slice() {
            [] => self.truth(false),
            [path] => {
                let ends = [(*path).to_owned(), format!("{path}/"), format!("{path}0")];
                self.add(
                    "(project_fold = ? OR (project_fold >= ? AND project_fold < ?))",
                    ends.map(Value::from),
                );
            }
            paths => {
                let each = match self.statement.dialect {
                    Dialect::Sqlite => "json_each(?)",
                    Dialect::Postgres => "unnest(?) AS each(value)",
                };
                let paths: Vec<_> = paths.iter().map(|path| (*path).to_owned()).collect();
                let within = "project_fold = value OR (project_fold >= value || '/' \
                              AND project_fold < value || '0')";
                self.add(
                    &format!("EXISTS (SELECT 1 FROM {each} WHERE {within})"),
                    [Value::from(paths)],
                );
            }
        }
    }

    fn one_of_texts(&mut self, column: &str, any: &[Box<str>]) {
        let mut any: Vec<String> =
            any.iter().filter(|text| can_be(text)).map(ToString::to_string).collect();
        match (any.len(), any.pop()) {
            (1, Some(one)) => self.add(&format!("{column} = ?"), [Value::from(one)]),
            (_, last) => {
                any.extend(last);
                self.among(column, "value", Value::from(any));
            }
        }
    }

    /// A column that has one of a list's values.
    fn among(&mut self, column: &str, value: &str, list: Value) {
        let among = match self.statement.dialect {
            Dialect::Sqlite => format!("{column} IN (SELECT {value} FROM json_each(?))"),
            Dialect::Postgres => format!("{column} = ANY(?)"),
        };
        self.add(&among, [list]);
    }

    fn ids(&mut self, any: &[IdRange]) {
        self.say("(");
        for range in any {
            if let IdRange::Range(from, to) = range {
                let ends = [*from, *to].map(whole).map(Value::from);
                self.add("id BETWEEN ? AND ? OR ", ends);
            }
        }
        let ones = any.iter().filter_map(|range| match range {
            IdRange::One(one) => Some(one),
            IdRange::Range(..) => None,
        });
        self.references("uid", "id", ones);
        self.say(")");
    }

    /// Tasks by their numbers, their identities, or the beginnings of those.
    fn references<'r>(
        &mut self,
        uid: &str,
        id: &str,
        any: impl Iterator<Item = &'r TaskRef> + Clone,
    ) {
        let prefixes = any.clone().filter_map(|one| match one {
            TaskRef::Prefix(hex) => ends_of(hex),
            _ => None,
        });
        let uids = any.clone().filter_map(|one| match one {
            TaskRef::Uid(uid) => Some(uid.0),
            _ => None,
        });
        let uids: Vec<_> = uids.collect();
        let numbers: Vec<_> = any
            .filter_map(|one| match one {
                TaskRef::No(no) => i64::try_from(no.0).ok(),
                _ => None,
            })
            .collect();
        self.say("(");
        for (first, last) in prefixes {
            let ends = [first, last].map(Value::from);
            self.add(&format!("{uid} BETWEEN ? AND ? OR "), ends);
        }
        match (uids.as_slice(), numbers.as_slice()) {
            ([], []) => self.truth(false),
            ([one], []) => self.add(&format!("{uid} = ?"), [Value::from(*one)]),
            ([], [one]) => self.add(&format!("{id} = ?"), [Value::from(*one)]),
            (_, []) => self.among(uid, "unhex(value)", Value::from(uids)),
            ([], _) => self.among(id, "value", Value::from(numbers)),
            _ => {
                self.among(uid, "unhex(value)", Value::from(uids));
                self.say(" OR ");
                self.among(id, "value", Value::from(numbers));
            }
        }
        self.say(")");
    }

    fn trash(&mut self, lies: bool) {
        if !lies {
            return self.say("deleted_at IS NULL");
        }
        let since = self.moment.now.plus_millis(-TRASH_KEPT_MILLIS);
        // The first part is the index's.
        self.add("(trash_id IS NOT NULL AND deleted_at >= ?)", [instant(since)]);
    }
}

fn sign(compare: Compare) -> &'static str {
    match compare {
        Compare::Less => "<",
        Compare::AtMost => "<=",
        Compare::More => ">",
        Compare::AtLeast => ">=",
    }
}

pub(super) fn instant(at: Timestamp) -> Value {
    Value::from(at.millis())
}

/// A number as a column can have it; none there is as large.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Whether a text can be part of one that is stored. One with a null could not even be bound.
fn can_be(text: &str) -> bool {
    !text.contains(['\0', super::values::SEARCH_GAP])
}

/// The first and the last identity that begin so. Written otherwise, none does.
fn ends_of(hex: &str) -> Option<(Uuid, Uuid)> {
    let known = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if hex.len() > 32 || !hex.bytes().all(known) {
        return None;
    }
    let first = Uuid::try_parse(&format!("{hex:0<32}")).ok()?;
    let last = Uuid::try_parse(&format!("{hex:f<32}")).ok()?;
    Some((first, last))
}
