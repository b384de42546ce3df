//! What is set in the terminal with `todo config` and counts here too. A value that is not
//! understood counts as not set, and stays in the file.

use chrono::{NaiveTime, Weekday};
use serde_json::{Map, Value};
use todo_core::reminder::{Offset, REMINDERS_MAX, Trigger};
use todo_core::words::DateOrder;
use todo_core::{Actor, ActorKind, NewReminder, Owner, Preferences, Zone};

use super::Asker;

#[derive(Debug)]
pub(super) struct Settings(Map<String, Value>);

impl Settings {
    pub(super) fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// Who works at this machine, where that is in `zone` unless it is set.
    pub(super) fn asker(&self, zone: Zone) -> Asker {
        Asker {
            owner: Owner::LOCAL,
            actor: Actor { kind: ActorKind::User, id: Owner::LOCAL.0 },
            zone: self.zone().unwrap_or(zone),
            week_start: self.week_start(),
            preferences: self.preferences(),
            date_order: self.date_order(),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().map(str::trim)
    }

    fn zone(&self) -> Option<Zone> {
        todo_core::time::zone(self.text("timezone")?).ok()
    }

    fn week_start(&self) -> Weekday {
        self.text("week_start").and_then(|day| day.parse().ok()).unwrap_or(Weekday::Mon)
    }

    fn date_order(&self) -> Option<DateOrder> {
        match self.text("date_order")? {
            "day_first" => Some(DateOrder::DayFirst),
            "month_first" => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    fn preferences(&self) -> Preferences {
        let usual = Preferences::default();
        let time = self.text("all_day_time");
        let time = time.and_then(|text| NaiveTime::parse_from_str(text, "%H:%M").ok());
        let reminders = self.text("default_reminders").and_then(offsets);
        Preferences {
            all_day_time: time.unwrap_or(usual.all_day_time),
            default_reminders: reminders.unwrap_or(usual.default_reminders),
        }
    }
}

/// `PT0S,-PT1H`, or `none`.
fn offsets(text: &str) -> Option<Vec<NewReminder>> {
    if text.eq_ignore_ascii_case("none") {
        return Some(Vec::new());
    }
    let read = |text: &str| text.parse::<Offset>().ok();
    let mut offsets = text.split(',').map(read).collect::<Option<Vec<_>>>()?;
    offsets.dedup();
    let reminder = |offset| NewReminder::new(Trigger::Offset(offset));
    (offsets.len() <= REMINDERS_MAX).then(|| offsets.into_iter().map(reminder).collect())
}
