//! Orders and the places where pages are cut (Q6, Q7), in SQL.

use todo_core::Order;
use todo_core::query::{KeyPart, RowKey, Sort, SortKey};

use super::values::NO_DUE_KEY;
use crate::bind::Value;
use crate::statement::Statement;

/// A column that rows are sorted by.
#[derive(Debug, Clone, Copy)]
struct Column {
    name: &'static str,
    falls: bool,
    /// Whether what has no value has the largest one there is, and stays last all the same.
    missing: bool,
}

/// An order that the database can keep.
#[derive(Debug)]
pub(super) struct Sorted(Vec<Column>);

/// The place of a row in it: a value for each column.
pub(super) type Place = Vec<Value>;

impl Sorted {
    /// The order in columns; none where only the core can tell which of two comes first.
    pub(super) fn of(order: &Order) -> Option<Self> {
        let mut columns = Vec::with_capacity(2);
        for Sort { key, reversed } in order.keys() {
            let name = match key {
                SortKey::Due => "due_key",
                SortKey::Priority => "priority",
                SortKey::Created => "created_at",
                SortKey::Updated => "updated_at",
                SortKey::Title => "title_fold",
                SortKey::Id => "id",
                SortKey::Urgency => return None,
            };
            let falls = *reversed;
            columns.push(Column { name, falls, missing: falls && *key == SortKey::Due });
            if *key == SortKey::Id {
                // No two rows have the same: nothing behind it decides.
                return Some(Self(columns));
            }
        }
        columns.push(Column { name: "id", falls: false, missing: false });
        Some(Self(columns))
    }

    /// Where a row stands; none if its key is not of this order.
    pub(super) fn place(&self, key: &RowKey) -> Option<Place> {
        let id = KeyPart::Number(i64::try_from(key.id.0).ok()?);
        let asked = std::iter::once(&key.first).chain(&key.rest);
        let asked = asked.filter(|part| !(**part == KeyPart::Missing && self.0.len() == 1));
        let parts: Vec<_> = asked.chain([&id]).take(self.0.len()).collect();
        if parts.len() != self.0.len() {
            return None;
        }
        let value = |(column, part): (&Column, &&KeyPart)| match part {
            KeyPart::Text(text) if column.name == "title_fold" && !text.contains('\0') => {
                Some(Value::from(text.to_string()))
            }
            KeyPart::Number(number) if column.name != "title_fold" => Some(Value::from(*number)),
            KeyPart::Missing if column.name == "due_key" => Some(Value::from(NO_DUE_KEY)),
            _ => None,
        };
        self.0.iter().zip(&parts).map(value).collect()
    }

    /// `ORDER BY …`
    pub(super) fn order(&self, statement: &mut Statement) {
        for (place, column) in self.0.iter().enumerate() {
            statement.add(if place == 0 { " ORDER BY " } else { ", " }, []);
            if column.missing {
                statement.add(&format!("due_key = {NO_DUE_KEY}, "), []);
            }
            statement.add(column.name, []).add(if column.falls { " DESC" } else { "" }, []);
        }
    }

    /// `AND …`: what comes after a place. Directions differ from column to column, so it is said
    /// column by column; each says first what an index can begin at.
    pub(super) fn after(&self, place: &Place, statement: &mut Statement) {
        let mut open = 0;
        let mut join = " AND ";
        let last = self.0.len().saturating_sub(1);
        for (at, (column, value)) in self.0.iter().zip(place).enumerate() {
            let number = statement.bind(value.clone());
            let Column { name, falls, missing } = *column;
            let sign = if falls { "<" } else { ">" };
            let ends = matches!(value, Value::Integer(Some(NO_DUE_KEY)));
            let text = match (missing, at == last) {
                (_, true) => format!("{join}{name} {sign} ${number}"),
                // Behind those without a due date come only more of them.
                (true, _) if ends => format!("{join}({name} = ${number}"),
                (true, _) => {
                    let none = format!("{name} = {NO_DUE_KEY}");
                    format!(
                        "{join}(({name} <= ${number} OR {none}) \
                         AND ({name} < ${number} OR {none}"
                    )
                }
                (false, _) => {
                    format!("{join}({name} {sign}= ${number} AND ({name} {sign} ${number}")
                }
            };
            statement.add(&text, []);
            if at != last {
                (open, join) = match (missing, ends) {
                    (true, true) => (open + 1, " AND "),
                    _ => (open + 2, " OR "),
                };
            }
        }
        statement.add(&")".repeat(open), []);
    }
}
