//! What the routes of accounts take and answer.

use std::fmt;

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Deserializer, Serialize};
use todo_core::error::excerpt;
use todo_core::reminder::{Channel, Trigger};
use todo_core::{FieldError, NewReminder, Patch, Problem, TaskError, Title, time};
use todo_store::accounts::{Email, Profile, ProfilePatch, User};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{ACCESS_SECONDS, Password, Tokens};

/// A text that is not shown in logs.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub(super) struct Hidden(pub(super) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    /// Its address; compared without case.
    #[schema(value_type = String, format = "email", max_length = 254, example = "ann@example.org")]
    email: Hidden,
    /// Whatever characters.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    password: Hidden,
    /// What to call its owner.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Where its owner is: a name of the IANA time zone database. UTC unless given.
    #[schema(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// A language tag.
    #[schema(max_length = 35, example = "en")]
    locale: Option<String>,
    /// Whether the refresh token goes into a cookie, as a page needs it.
    #[serde(default)]
    pub(super) cookie: bool,
}

impl Register {
    /// All that is wrong with it, or what it asks for.
    pub(super) fn checked(self) -> Result<(Email, Password, Profile), TaskError> {
        let mut faults = Faults::default();
        let email = faults.note(Email::new(&self.email.0));
        let password = faults.note(Password::new(&self.password.0));
        let name = faults.optional(self.name.as_deref().map(Profile::checked_name));
        let locale = faults.optional(self.locale.as_deref().map(Profile::checked_locale));
        let zone = faults.optional(self.timezone.as_deref().map(zone));
        let usual = Profile::default();
        let zone = zone.unwrap_or(usual.zone);
        match (faults.check(), email, password) {
            (Ok(()), Some(email), Some(password)) => {
                Ok((email, password, Profile { name, locale, zone, ..usual }))
            }
            (checked, ..) => Err(checked.err().unwrap_or(TaskError::Validation(Vec::new()))),
        }
    }
}

/// What a log-in is proven with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// The address of the account.
    #[schema(value_type = String, format = "email", max_length = 254, example = "ann@example.org")]
    pub(super) email: Hidden,
    /// Its password.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    pub(super) password: Hidden,
    /// Whether the refresh token goes into a cookie, as a page needs it.
    #[serde(default)]
    pub(super) cookie: bool,
}

/// What a session is gone on with, or ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    /// The refresh token, unless a cookie holds it.
    #[schema(value_type = String, required = false, nullable = false, min_length = 43, max_length = 43)]
    pub(super) refresh_token: Option<Hidden>,
}

/// What a log-in gives.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// To be sent with each request: `Authorization: Bearer …`.
    access_token: String,
    #[schema(pattern = "^Bearer$")]
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    expires_in: i64,
    /// To be sent once, to get the next two tokens; not there where a cookie holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// The account that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<Me>,
}

impl Session {
    /// As it is answered; `cookie` holds the refresh token if it is set.
    pub(super) fn new(tokens: Tokens, cookie: bool, user: Option<Me>) -> Self {
        Self {
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: ACCESS_SECONDS,
            refresh_token: (!cookie).then(|| tokens.refresh.text()),
            user,
        }
    }
}

/// An account as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    id: Uuid,
    email: String,
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    locale: Option<String>,
    timezone: String,
    /// The first day of the week.
    #[schema(value_type = WeekDay)]
    week_start: &'static str,
    /// From when on an all-day due date counts for reminders.
    #[schema(example = "09:00")]
    all_day_time: String,
    /// What a new due date with a time of day is given.
    default_reminders: Vec<ReminderOut>,
    #[schema(minimum = 1)]
    version: u64,
    #[schema(format = "date-time")]
    created_at: String,
}

/// A day of the week.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its schema is all there is to it")]
enum WeekDay {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DefaultReminder)]
struct ReminderOut {
    #[schema(example = "-PT1H")]
    offset: String,
    #[schema(required)]
    message: Option<String>,
    channel: &'static str,
}

const DAY_NAMES: &[&str] =
    &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl From<User> for Me {
    fn from(user: User) -> Self {
        let User { owner, email, profile, created_at } = user;
        let Profile { name, locale, zone, week_start, preferences, version } = profile;
        let reminders = preferences.default_reminders.into_iter().map(ReminderOut::from);
        Self {
            id: owner.0,
            email,
            name,
            locale,
            timezone: zone.name().to_owned(),
            week_start: DAY_NAMES[week_start.num_days_from_monday() as usize],
            all_day_time: preferences.all_day_time.format(TIME).to_string(),
            default_reminders: reminders.collect(),
            version,
            created_at: created_at.to_string(),
        }
    }
}

impl Me {
    /// Raised by each change.
    pub(super) fn version(&self) -> u64 {
        self.version
    }
}

impl From<NewReminder> for ReminderOut {
    fn from(new: NewReminder) -> Self {
        let offset = match new.trigger {
            Trigger::Offset(offset) => offset.to_string(),
            Trigger::At(at) => at.to_string(),
        };
        Self { offset, message: new.message.map(String::from), channel: new.channel.as_str() }
    }
}

/// Changes to a profile: what is absent stays, and null takes away what can be absent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MePatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 35, example = "en")]
    locale: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, example = "Europe/Berlin")]
    timezone: Option<String>,
    /// The first day of the week.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = WeekDay, required = false)]
    week_start: Option<String>,
    /// From when on an all-day due date counts for reminders.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, example = "09:00")]
    all_day_time: Option<String>,
    /// What a new due date with a time of day is given.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<ReminderIn>, required = false, max_items = 10)]
    default_reminders: Option<Vec<ReminderIn>>,
}

/// Absent is not null: what is there is read, and null only where the type takes it.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDefaultReminder)]
struct ReminderIn {
    /// How long before the due date.
    #[schema(example = "-PT1H")]
    offset: String,
    #[schema(max_length = 500)]
    message: Option<String>,
    /// `in_app` unless given.
    #[schema(example = "in_app")]
    channel: Option<String>,
}

impl MePatch {
    /// All that is wrong with it, or what it asks for.
    pub(super) fn checked(self) -> Result<ProfilePatch, TaskError> {
        let mut faults = Faults::default();
        let patch = ProfilePatch {
            name: faults.patch(self.name, Profile::checked_name),
            locale: faults.patch(self.locale, Profile::checked_locale),
            zone: faults.optional(self.timezone.as_deref().map(zone)),
            week_start: faults.optional(self.week_start.as_deref().map(week_start)),
            all_day_time: faults.optional(self.all_day_time.as_deref().map(time_of_day)),
            default_reminders: self.default_reminders.and_then(|list| reminders(list, &mut faults)),
        };
        faults.check().map(|()| patch)
    }
}

fn zone(name: &str) -> Result<todo_core::Zone, FieldError> {
    time::zone(name.trim()).map_err(|problem| FieldError::new("timezone", problem))
}

fn week_start(text: &str) -> Result<Weekday, FieldError> {
    let day = DAY_NAMES.iter().position(|name| text.trim().eq_ignore_ascii_case(name));
    let day = day.and_then(|day| u8::try_from(day).ok()?.try_into().ok());
    let allowed = DAY_NAMES;
    day.ok_or_else(|| {
        FieldError::new("week_start", Problem::NotOneOf { given: excerpt(text), allowed })
    })
}

/// How a time of day is written.
const TIME: &str = "%H:%M";

fn time_of_day(text: &str) -> Result<NaiveTime, FieldError> {
    NaiveTime::parse_from_str(text.trim(), TIME)
        .map_err(|_| FieldError::new("all_day_time", Problem::NotATimeOfDay(excerpt(text))))
}

fn reminders(list: Vec<ReminderIn>, faults: &mut Faults) -> Option<Vec<NewReminder>> {
    let read = list.into_iter().enumerate().map(|(place, new)| {
        let at = |part| {
            move |problem| FieldError::new(format!("default_reminders/{place}/{part}"), problem)
        };
        let offset = faults.note(new.offset.parse().map_err(at("offset")));
        let channel = new.channel.as_deref().unwrap_or(Channel::InApp.as_str());
        let channel = faults.note(channel.parse().map_err(at("channel")));
        let message = new.message.as_deref().map(Title::new);
        let message = message.map(|title| title.map_err(|e| at("message")(e.problem)));
        let message = faults.optional(message);
        Some(NewReminder { trigger: Trigger::Offset(offset?), message, channel: channel? })
    });
    let read: Vec<_> = read.collect();
    let read = read.into_iter().collect::<Option<Vec<_>>>()?;
    faults.note(Profile::checked_reminders(read))
}

/// All that is wrong with a body.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn note<T>(&mut self, value: Result<T, FieldError>) -> Option<T> {
        value.map_err(|error| self.0.push(error)).ok()
    }

    fn optional<T>(&mut self, value: Option<Result<T, FieldError>>) -> Option<T> {
        value.and_then(|value| self.note(value))
    }

    fn patch<T>(
        &mut self,
        value: Option<Option<String>>,
        check: impl FnOnce(&str) -> Result<T, FieldError>,
    ) -> Patch<T> {
        match value {
            None => Patch::Keep,
            Some(None) => Patch::Clear,
            Some(Some(text)) => self.note(check(&text)).map_or(Patch::Keep, Patch::Set),
        }
    }

    fn check(self) -> Result<(), TaskError> {
        if self.0.is_empty() { Ok(()) } else { Err(TaskError::Validation(self.0)) }
    }
}
