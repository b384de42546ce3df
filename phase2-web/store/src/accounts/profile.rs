//! What a user prefers, in a row and out of it.

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use todo_core::error::excerpt;
use todo_core::reminder::{Channel, Offset, REMINDERS_MAX, Trigger};
use todo_core::{
    FieldError, NewReminder, Patch, Preferences, Problem, StoreError, Timestamp, Title, Zone,
};
use uuid::Uuid;

use super::NewEmail;
use crate::cells::Cells;
use crate::fault::{Fault, StoreResult};
use crate::tasks::load::bad;

/// Longest name, in Unicode scalar values.
const NAME_MAX: usize = 100;
/// Longest language tag that anybody uses, in bytes.
const LOCALE_MAX: usize = 35;

/// What a user prefers.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What they are called.
    pub name: Option<String>,
    /// A language tag.
    pub locale: Option<String>,
    /// Where they are, unless a request says otherwise.
    pub zone: Zone,
    /// The first day of their week.
    pub week_start: Weekday,
    /// How reminders are meant (R9).
    pub preferences: Preferences,
    /// Raised by each change.
    pub version: u64,
}

impl Default for Profile {
    /// What a new account has: UTC, weeks from Monday, the core's preferences.
    fn default() -> Self {
        Self {
            name: None,
            locale: None,
            zone: Zone::UTC,
            week_start: Weekday::Mon,
            preferences: Preferences::default(),
            version: 1,
        }
    }
}

/// Changes to some fields of a profile. Every value has passed its rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProfilePatch {
    /// Another name.
    pub name: Patch<String>,
    /// Another language.
    pub locale: Patch<String>,
    /// Another zone.
    pub zone: Option<Zone>,
    /// Another first day of the week.
    pub week_start: Option<Weekday>,
    /// Another time of day at which all-day dates count.
    pub all_day_time: Option<NaiveTime>,
    /// Other reminders for new timed due dates.
    pub default_reminders: Option<Vec<NewReminder>>,
    /// Another address: no part of the profile, and written with it. That it is another one the
    /// caller has seen.
    pub email: Option<NewEmail>,
}

impl ProfilePatch {
    /// A profile with the changes made; its version is the old one's.
    #[must_use]
    pub fn applied(&self, profile: &Profile) -> Profile {
        let mut new = profile.clone();
        self.name.apply(&mut new.name);
        self.locale.apply(&mut new.locale);
        new.zone = self.zone.unwrap_or(new.zone);
        new.week_start = self.week_start.unwrap_or(new.week_start);
        new.preferences.all_day_time = self.all_day_time.unwrap_or(new.preferences.all_day_time);
        if let Some(reminders) = &self.default_reminders {
            new.preferences.default_reminders.clone_from(reminders);
        }
        new
    }
}

impl Profile {
    /// What somebody may be called: one line of 1–100 characters, trimmed, NFC.
    pub fn checked_name(text: &str) -> Result<String, FieldError> {
        let too_long = |got| FieldError::new("name", Problem::TooLong { max: NAME_MAX, got });
        let name = Title::new(text).map_err(|error| match error.problem {
            Problem::TooLong { got, .. } => too_long(got),
            problem => FieldError::new("name", problem),
        })?;
        match name.as_str().chars().count() {
            got if got > NAME_MAX => Err(too_long(got)),
            _ => Ok(name.into()),
        }
    }

    /// A language tag (BCP 47) by its form: `en`, `ur-PK`, `zh-Hant-TW`.
    pub fn checked_locale(text: &str) -> Result<String, FieldError> {
        let text = text.trim();
        let mut subtags = text.split('-');
        let language = subtags.next().unwrap_or_default();
        let fits = text.len() <= LOCALE_MAX
            && (2..=8).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_alphabetic())
            && subtags.all(|tag| {
                (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        if fits {
            Ok(text.to_owned())
        } else {
            Err(FieldError::new("locale", Problem::NotALanguage(excerpt(text))))
        }
    }

    /// Reminders for new due dates: each counts from it, and there are no more than a task takes.
    pub fn checked_reminders(reminders: Vec<NewReminder>) -> Result<Vec<NewReminder>, FieldError> {
        let wrong = |problem| FieldError::new("default_reminders", problem);
        let got = reminders.len();
        if got > REMINDERS_MAX {
            return Err(wrong(Problem::TooMany { max: REMINDERS_MAX, got }));
        }
        let all = reminders.iter().all(|new| matches!(new.trigger, Trigger::Offset(_)));
        if all { Ok(reminders) } else { Err(wrong(Problem::ReminderTrigger)) }
    }

    /// The fields in which it differs from another, as clients know them.
    pub(super) fn differs(&self, other: &Self) -> Vec<&'static str> {
        let mut fields = Vec::new();
        for (name, differs) in [
            ("name", self.name != other.name),
            ("locale", self.locale != other.locale),
            ("timezone", self.zone != other.zone),
            ("week_start", self.week_start != other.week_start),
            ("all_day_time", self.preferences.all_day_time != other.preferences.all_day_time),
            (
                "default_reminders",
                self.preferences.default_reminders != other.preferences.default_reminders,
            ),
        ] {
            if differs {
                fields.push(name);
            }
        }
        fields
    }

    /// The day of the week as it is stored: 0 is Monday.
    pub(super) fn week_start_number(&self) -> i64 {
        i64::from(self.week_start.num_days_from_monday())
    }

    pub(super) fn all_day_text(&self) -> String {
        self.preferences.all_day_time.format(TIME).to_string()
    }

    pub(super) fn reminders_text(&self) -> Result<String, StoreError> {
        let kept = self.preferences.default_reminders.iter().filter_map(|new| match new.trigger {
            Trigger::Offset(offset) => {
                Some(Kept { offset, message: new.message.clone(), channel: new.channel })
            }
            // An instant passes once; `checked_reminders` lets none in.
            Trigger::At(_) => None,
        });
        serde_json::to_string(&kept.collect::<Vec<_>>())
            .map_err(|error| StoreError::Backend(error.into()))
    }
}

/// How a time of day is stored.
const TIME: &str = "%H:%M:%S";

/// A reminder as the column has it.
#[derive(Serialize, Deserialize)]
struct Kept {
    offset: Offset,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Title>,
    channel: Channel,
}

impl From<Kept> for NewReminder {
    fn from(kept: Kept) -> Self {
        let Kept { offset, message, channel } = kept;
        Self { trigger: Trigger::Offset(offset), message, channel }
    }
}

/// The columns of [`read`], of `users AS u`.
macro_rules! profile_columns {
    () => {
        "u.name, u.locale, u.timezone, u.week_start, u.all_day_time, u.default_reminders, u.version"
    };
}
pub(super) use profile_columns;

/// How many columns those are.
pub(super) const PROFILE_COLUMNS: usize = 7;

/// Reads the profile columns that begin at `first`.
pub(super) fn read(row: &dyn Cells, first: usize) -> StoreResult<Profile> {
    let optional = |at| Ok::<_, Fault>(row.text(first + at)?.map(str::to_owned));
    let kept: Vec<Kept> = serde_json::from_str(text(row, first + 5)?).map_err(bad)?;
    let week_start: u64 = integer(row, first + 3)?;
    let day = u8::try_from(week_start).ok().and_then(|day| Weekday::try_from(day).ok());
    Ok(Profile {
        name: optional(0)?,
        locale: optional(1)?,
        zone: todo_core::time::zone(text(row, first + 2)?).map_err(bad)?,
        week_start: day.ok_or_else(|| bad(BadWeekday(week_start)))?,
        preferences: Preferences {
            all_day_time: NaiveTime::parse_from_str(text(row, first + 4)?, TIME).map_err(bad)?,
            default_reminders: kept.into_iter().map(NewReminder::from).collect(),
        },
        version: integer(row, first + 6)?,
    })
}

/// A column that counts, and is never null.
pub(super) fn integer(row: &dyn Cells, at: usize) -> StoreResult<u64> {
    u64::try_from(row.integer(at)?.unwrap_or_default()).map_err(bad)
}

/// An instant that is never null.
pub(super) fn instant(row: &dyn Cells, at: usize) -> StoreResult<Timestamp> {
    Ok(Timestamp::from_millis(row.integer(at)?.unwrap_or_default()))
}

/// A text that is never null.
pub(super) fn text(row: &dyn Cells, at: usize) -> StoreResult<&str> {
    Ok(row.text(at)?.unwrap_or_default())
}

/// An identity that is never null.
pub(super) fn uuid(row: &dyn Cells, at: usize) -> StoreResult<Uuid> {
    Ok(row.uuid(at)?.unwrap_or_default())
}

#[derive(Debug, thiserror::Error)]
#[error("there is no day of the week {0}")]
struct BadWeekday(u64);
