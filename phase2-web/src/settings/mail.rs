//! How mail is sent.

use super::given::Given;
use super::{SettingsError, into_text, read_one};
use crate::{Mail, Sender};

/// Mail needs all three: a server, a sender, and where the links in it begin.
pub(super) fn read(given: &Given) -> Result<Option<Mail>, SettingsError> {
    let from = read_one(given, "mail_from", |text| match text {
        "" => Ok(None),
        text => text.parse::<Sender>().map(Some).map_err(into_text),
    })?;
    let site = given.of("public_url").0.trim();
    read_one(given, "smtp_url", |url| match (url, from) {
        ("", _) => Ok(None),
        (_, None) => Err("needs mail_from, in whose name mail goes".to_owned()),
        (_, Some(_)) if site.is_empty() => {
            Err("needs public_url, with which the links in mails begin".to_owned())
        }
        (url, Some(from)) => Mail::new(url, from, site).map(Some).map_err(into_text),
    })
}
