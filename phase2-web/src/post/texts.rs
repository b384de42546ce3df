//! What our mails say. None repeats what a user wrote: mail in our name says only what we say.

use todo_core::Timestamp;

use super::Letter;

/// What a mail is about.
#[derive(Debug)]
pub(crate) enum Text<'t> {
    /// A link to a new password.
    Reset(&'t str),
    /// Somebody has followed one.
    WasReset,
    /// A link by which this becomes the address of an account.
    Confirm(&'t str),
    /// The same was asked for an address that has an account of its own.
    Taken,
    /// The account has another address now.
    Moved,
    /// A link to make an account with.
    Invitation(&'t str, Timestamp),
}

impl Text<'_> {
    /// A mail of it.
    pub(crate) fn to(&self, to: String) -> Letter {
        let (subject, body) = match self {
            Self::Reset(link) => ("Your new password for Todo", reset(link)),
            Self::WasReset => ("Your password for Todo was changed", WAS_RESET.to_owned()),
            Self::Confirm(link) => ("Confirm your e-mail address for Todo", confirm(link)),
            Self::Taken => ("Your e-mail address for Todo", TAKEN.to_owned()),
            Self::Moved => ("Your e-mail address for Todo was changed", MOVED.to_owned()),
            Self::Invitation(link, until) => ("Your invitation to Todo", invitation(link, *until)),
        };
        Letter { to, subject, body }
    }
}

fn reset(link: &str) -> String {
    format!(
        "Hello,\n\n\
         somebody, we hope you, asked for a new password for your account.\n\
         To choose one, open this link within 30 minutes:\n\n\
         {link}\n\n\
         It counts once. You will be logged out everywhere, and your personal\n\
         access tokens and the address of your calendar will be revoked.\n\n\
         If it was not you, do nothing: your password stays as it is.\n"
    )
}

const WAS_RESET: &str = "Hello,\n\n\
    your account has a new password, chosen by a link that was sent to this\n\
    address. You were logged out everywhere, and your personal access tokens\n\
    and the address of your calendar were revoked.\n\n\
    If it was not you, somebody else reads your mail: change its password, then\n\
    ask for a new one here.\n";

fn confirm(link: &str) -> String {
    format!(
        "Hello,\n\n\
         somebody, we hope you, wants this to be the e-mail address of their account.\n\
         If so, open this link within 24 hours:\n\n\
         {link}\n\n\
         If it was not you, do nothing: nothing will change.\n"
    )
}

const TAKEN: &str = "Hello,\n\n\
    somebody, perhaps you, wants this to be the e-mail address of their account.\n\
    There is an account of this address already: yours. Nothing was changed.\n\n\
    If it was you, log in with this address, or ask for a new password.\n";

const MOVED: &str = "Hello,\n\n\
    your account has another e-mail address now. This one no longer belongs to\n\
    it, and this is the last mail that it gets.\n\n\
    If it was not you, ask those who run the server for help.\n";

fn invitation(link: &str, until: Timestamp) -> String {
    let day = until.utc().date_naive();
    format!(
        "Hello,\n\n\
         you are invited to make an account. Open this link before {day}:\n\n\
         {link}\n\n\
         It counts once, for this address.\n"
    )
}
