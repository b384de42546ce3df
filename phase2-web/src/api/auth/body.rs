//! What the routes of accounts are sent, and what they answer.

use chrono::{NaiveTime, Weekday};
use serde::Serialize;
use todo_core::error::excerpt;
use todo_core::reminder::Trigger;
use todo_core::{NewReminder, Patch, Problem, time};
use todo_store::accounts::{Email, Profile, ProfilePatch, User};
use utoipa::ToSchema;
use uuid::Uuid;

use super::schema::WeekDay;
use crate::api::faults::Trouble;
use crate::api::form::{Form, boolean, string, text};
use crate::api::schema::Channel;
use crate::api::tasks::reminder;
use crate::auth::{ACCESS_SECONDS, NewAddress, Password, RefreshToken, Tokens};

/// An account to be made.
pub(super) struct Register {
    pub(super) email: Email,
    pub(super) password: Password,
    pub(super) profile: Profile,
    pub(super) invitation: Option<String>,
    pub(super) cookie: bool,
}

impl Register {
    pub(super) fn read(form: &mut Form<'_>) -> Option<Self> {
        let email = form.required("email", text(Email::new));
        let password = form.required("password", text(Password::new));
        let name = form.optional("name", text(Profile::checked_name));
        let locale = form.optional("locale", text(Profile::checked_locale));
        let zone = form.optional("timezone", text(zone));
        let invitation = form.optional("invitation", |value| Ok(string(value)?.to_owned()));
        let cookie = form.optional("cookie", boolean).unwrap_or_default();
        let usual = Profile::default();
        let profile = Profile { name, locale, zone: zone.unwrap_or(usual.zone), ..usual };
        Some(Self { email: email?, password: password?, profile, invitation, cookie })
    }
}

/// What a log-in is proven with. What cannot be an address or a password belongs to no account: it
/// is as wrong as any other, and no fault of form.
pub(super) struct Login {
    pub(super) proof: Option<(Email, Password)>,
    pub(super) cookie: bool,
}

impl Login {
    pub(super) fn read(form: &mut Form<'_>) -> Option<Self> {
        let email = form.required("email", |value| Ok(Email::new(string(value)?).ok()));
        let password = form.required("password", |value| Ok(Password::new(string(value)?).ok()));
        let cookie = form.optional("cookie", boolean).unwrap_or_default();
        Some(Self { proof: email?.zip(password?), cookie })
    }
}

/// A refresh token, where one is sent.
pub(super) enum Refresh {
    Nothing,
    Token(RefreshToken),
    /// It is none of ours.
    Strange,
}

impl Refresh {
    pub(super) fn read(form: &mut Form<'_>) -> Self {
        let token = form.optional("refresh_token", |value| Ok(RefreshToken::parse(string(value)?)));
        match token {
            None => Self::Nothing,
            Some(Some(token)) => Self::Token(token),
            Some(None) => Self::Strange,
        }
    }
}

/// Changes to a profile.
pub(super) fn profile_patch(form: &mut Form<'_>) -> ProfilePatch {
    let name = form.patch("name", text(Profile::checked_name));
    let locale = form.patch("locale", text(Profile::checked_locale));
    let zone = form.optional("timezone", text(zone));
    let week_start = form.optional("week_start", text(week_start));
    let all_day_time = form.optional("all_day_time", text(time_of_day));
    let reminders = form.list("default_reminders", |item, at, faults| {
        let mut form = Form::open(item, at, faults)?;
        let read = reminder(&mut form);
        form.finish();
        read
    });
    let default_reminders = match reminders {
        Patch::Keep => None,
        // None at all is the empty list, as it is read.
        Patch::Clear => {
            form.fault("default_reminders", Trouble::type_of("must not be null"));
            None
        }
        Patch::Set(list) => match Profile::checked_reminders(list) {
            Ok(list) => Some(list),
            Err(error) => {
                form.fault("default_reminders", error);
                None
            }
        },
    };
    // The address is not changed by wishing alone.
    let email = None;
    ProfilePatch { name, locale, zone, week_start, all_day_time, default_reminders, email }
}

/// Another address, which asks for the password too.
pub(super) fn new_address(form: &mut Form<'_>) -> Option<NewAddress> {
    if !form.has("email") && !form.has("current_password") {
        // Known names, for whoever mistypes them.
        form.pass_over(&["email", "current_password"]);
        return None;
    }
    let email = form.required("email", text(Email::new));
    let current = form.required("current_password", |value| Ok(Password::new(string(value)?).ok()));
    Some(NewAddress { email: email?, current: current? })
}

fn zone(name: &str) -> Result<todo_core::Zone, Problem> {
    time::zone(name.trim())
}

const DAYS: &[&str] =
    &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn week_start(given: &str) -> Result<Weekday, Problem> {
    let day = DAYS.iter().position(|name| given.trim().eq_ignore_ascii_case(name));
    let day = day.and_then(|day| u8::try_from(day).ok()?.try_into().ok());
    day.ok_or_else(|| Problem::NotOneOf { given: excerpt(given), allowed: DAYS })
}

/// How a time of day is written.
const TIME: &str = "%H:%M";

fn time_of_day(text: &str) -> Result<NaiveTime, Problem> {
    NaiveTime::parse_from_str(text.trim(), TIME).map_err(|_| Problem::NotATimeOfDay(excerpt(text)))
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
    /// To be sent once, to get the next two tokens; not there where a cookie holds it, or where the
    /// last one counts on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// The account that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<Account>,
}

impl Session {
    /// As it is answered; `cookie` holds the refresh token if it is set.
    pub(super) fn new(tokens: Tokens, cookie: bool, user: Option<Account>) -> Self {
        Self {
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: ACCESS_SECONDS,
            refresh_token: (!cookie).then(|| tokens.refresh.text()),
            user,
        }
    }

    /// What a session goes on with that keeps its refresh token.
    pub(super) fn going_on(access_token: String) -> Self {
        let (token_type, expires_in) = ("Bearer", ACCESS_SECONDS);
        Self { access_token, token_type, expires_in, refresh_token: None, user: None }
    }
}

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct Account {
    id: Uuid,
    email: String,
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    locale: Option<String>,
    timezone: String,
    /// The first day of the week.
    #[schema(value_type = WeekDay, inline)]
    week_start: &'static str,
    /// From when on an all-day due date counts for reminders.
    #[schema(example = "09:00")]
    all_day_time: String,
    /// What a new due date with a time of day is given.
    default_reminders: Vec<DefaultReminder>,
    /// Raised by each change of what stands here.
    #[schema(minimum = 1)]
    pub(super) version: u64,
    #[schema(format = "date-time")]
    created_at: String,
}

/// A reminder for new due dates.
#[derive(Serialize, ToSchema)]
struct DefaultReminder {
    #[schema(example = "-PT1H")]
    offset: String,
    #[schema(required)]
    message: Option<String>,
    #[schema(value_type = Channel, inline)]
    channel: &'static str,
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        let User { owner, email, profile, created_at } = user;
        let Profile { name, locale, zone, week_start, preferences, version } = profile;
        let reminders = preferences.default_reminders.into_iter().map(DefaultReminder::from);
        Self {
            id: owner.0,
            email,
            name,
            locale,
            timezone: zone.name().to_owned(),
            week_start: DAYS[week_start.num_days_from_monday() as usize],
            all_day_time: preferences.all_day_time.format(TIME).to_string(),
            default_reminders: reminders.collect(),
            version,
            created_at: created_at.to_string(),
        }
    }
}

impl From<NewReminder> for DefaultReminder {
    fn from(new: NewReminder) -> Self {
        let offset = match new.trigger {
            Trigger::Offset(offset) => offset.to_string(),
            Trigger::At(at) => at.to_string(),
        };
        Self { offset, message: new.message.map(String::from), channel: new.channel.as_str() }
    }
}
