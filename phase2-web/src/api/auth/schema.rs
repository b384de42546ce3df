//! What routes of accounts take, for the OpenAPI document: never read or written.

#![expect(dead_code, reason = "only their schemas count")]

use utoipa::ToSchema;

use crate::api::schema::Channel;

/// An account to be made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    /// Its address, compared without case.
    #[schema(format = "email", max_length = 254, example = "ann@example.org")]
    email: String,
    /// Whatever characters but control characters.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    password: String,
    /// What to call its owner.
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// A language tag.
    #[schema(nullable = false, min_length = 2, max_length = 35, example = "en")]
    locale: Option<String>,
    /// Where its owner is: a name of the IANA time zone database. UTC unless given.
    #[schema(nullable = false, example = "Europe/Berlin")]
    timezone: Option<String>,
    /// What stands behind `token=` in the link of an invitation, where the server asks for one.
    #[schema(nullable = false, max_length = 4096)]
    invitation: Option<String>,
    /// Whether the refresh token goes into a cookie, as a page needs it.
    #[schema(nullable = false, default = false)]
    cookie: Option<bool>,
}

/// What a log-in is proven with.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// The address of the account.
    #[schema(format = "email", max_length = 254, example = "ann@example.org")]
    email: String,
    /// Its password.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    password: String,
    /// Whether the refresh token goes into a cookie, as a page needs it.
    #[schema(nullable = false, default = false)]
    cookie: Option<bool>,
}

/// What a session is gone on with, or ended.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    /// The refresh token, unless a cookie holds it.
    #[schema(nullable = false, min_length = 43, max_length = 43)]
    refresh_token: Option<String>,
}

/// Another password.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
    /// What it is.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    current_password: String,
    /// What it is to be: whatever characters but control characters.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    new_password: String,
}

/// That it is meant, and by whom.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Leave {
    /// The password of the account.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    password: String,
}

/// Everything of an account. What proves something (passwords, tokens) is not in it, nor what is
/// derived of what is.
#[derive(ToSchema)]
pub(super) struct AccountExport {
    /// That of `/api/export`.
    #[schema(minimum = 2)]
    format: u64,
    #[schema(format = "date-time")]
    exported_at: String,
    account: super::body::Account,
    /// Where the user was logged in.
    #[schema(value_type = Vec<Object>)]
    sessions: (),
    /// Personal access tokens, by name.
    #[schema(value_type = Vec<Object>)]
    tokens: (),
    /// Since when there is an address for calendars.
    #[schema(value_type = Vec<Object>)]
    calendars: (),
    #[schema(value_type = Vec<Object>)]
    filters: (),
    /// Those in the trash, too.
    #[schema(value_type = Vec<Object>)]
    tasks: (),
    /// What became of reminders.
    #[schema(value_type = Vec<Object>)]
    reminder_firings: (),
    /// What can be undone.
    #[schema(value_type = Vec<Object>)]
    steps: (),
    /// What happened.
    #[schema(value_type = Vec<Object>)]
    events: (),
    /// Who did what, and from where.
    #[schema(value_type = Vec<Object>)]
    audit: (),
    #[schema(value_type = Vec<Object>)]
    notifications: (),
    /// How much was done on each day.
    #[schema(value_type = Vec<Object>)]
    activity: (),
    #[schema(value_type = Vec<Object>)]
    conversations: (),
    #[schema(value_type = Vec<Object>)]
    messages: (),
}

/// Who has forgotten their password.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgot {
    /// The address of the account.
    #[schema(format = "email", max_length = 254, example = "ann@example.org")]
    email: String,
}

/// Another password, by a link that was mailed.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// What stands behind `token=` in the link.
    #[schema(max_length = 4096)]
    token: String,
    /// Whatever characters but control characters.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    password: String,
}

/// Another address, by a link that was mailed to it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmEmail {
    /// What stands behind `token=` in the link.
    #[schema(max_length = 4096)]
    token: String,
}

/// A personal access token to be made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MakeToken {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100, example = "backup script")]
    name: String,
    #[schema(inline)]
    scope: TokenScope,
    /// Until when it counts; for ever unless given.
    #[schema(nullable = false, format = "date-time")]
    expires_at: Option<String>,
}

/// What a token may do.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum TokenScope {
    Read,
    Write,
}

/// Changes to a profile: what is absent stays, and null takes away what can be absent.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileChanges {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// A language tag.
    #[schema(min_length = 2, max_length = 35, example = "en")]
    locale: Option<String>,
    /// A name of the IANA time zone database.
    #[schema(nullable = false, example = "Europe/Berlin")]
    timezone: Option<String>,
    /// The first day of the week.
    #[schema(nullable = false, inline)]
    week_start: Option<WeekDay>,
    /// From when on an all-day due date counts for reminders.
    #[schema(nullable = false, example = "09:00")]
    all_day_time: Option<String>,
    /// What a new due date with a time of day is given.
    #[schema(nullable = false, max_items = 10)]
    default_reminders: Option<Vec<NewDefaultReminder>>,
    /// Another address, compared without case. It needs `current_password`.
    #[schema(nullable = false, format = "email", max_length = 254, example = "ann@example.org")]
    email: Option<String>,
    /// What the password is: for another address, and only for that.
    #[schema(nullable = false, format = "password", min_length = 8, max_length = 256)]
    current_password: Option<String>,
}

/// A reminder for new due dates.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDefaultReminder {
    /// How long before the due date.
    #[schema(example = "-PT1H")]
    offset: String,
    /// What it says beside the title.
    #[schema(max_length = 500)]
    message: Option<String>,
    #[schema(nullable = false, default = "in_app", inline)]
    channel: Option<Channel>,
}

/// A day of the week.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum WeekDay {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}
