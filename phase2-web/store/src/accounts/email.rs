//! E-mail addresses as names of accounts.

use std::fmt;

use todo_core::fold::{fold, nfc};
use todo_core::{FieldError, Problem};

/// Longest address, in Unicode scalar values (RFC 5321).
const EMAIL_MAX: usize = 254;
/// Longest part before the `@`, in bytes (RFC 5321).
const LOCAL_MAX: usize = 64;

/// The address that an account is known by.
///
/// It is kept as it was typed (trimmed, NFC), and mail goes to what was kept, never to what
/// somebody typed later. Two addresses are the same if their folds are (Q5): that is more than case.
/// Full-width letters and ligatures are those they look like. To take two for one costs somebody a
/// second choice of address; to take one for two would let a look-alike in.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    text: String,
    key: String,
}

impl Email {
    /// Checks an address. Not whether anybody reads there: only that it can be one, and hides
    /// nothing from the eye.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let wrong = |problem| FieldError::new("email", problem);
        let text = text.trim();
        // NFC makes at most three characters of one of four bytes: past this nothing can fit.
        if text.len() > EMAIL_MAX * 12 {
            let got = text.chars().count();
            return Err(wrong(Problem::TooLong { max: EMAIL_MAX, got }));
        }
        let text = nfc(text).into_owned();
        let got = text.chars().count();
        if got > EMAIL_MAX {
            return Err(wrong(Problem::TooLong { max: EMAIL_MAX, got }));
        }
        let key = fold(&text).into_owned();
        // The fold too: there are characters that become an `@`, a dot or a space only there.
        if is_address(&text) && is_address(&key) {
            Ok(Self { text, key })
        } else {
            Err(wrong(Problem::NotAnEmail))
        }
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form that is compared.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// An address is personal: it is shown to its owner and nowhere else.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let dotted = |part: &str| part.split('.').all(|label| !label.is_empty());
    local.len() <= LOCAL_MAX
        && dotted(local)
        && dotted(domain)
        && local.chars().all(in_local)
        && domain.split('.').all(is_label)
}

/// What mail servers take without quotes, and letters of every script.
fn in_local(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
    } else {
        is_visible(c)
    }
}

fn is_label(label: &str) -> bool {
    let inner = |c: char| {
        if c.is_ascii() { c.is_ascii_alphanumeric() || c == '-' } else { is_visible(c) }
    };
    !label.starts_with('-') && !label.ends_with('-') && label.chars().all(inner)
}

/// Whether a character outside ASCII shows: two addresses that look the same must be the same.
fn is_visible(c: char) -> bool {
    // Unicode's Default_Ignorable_Code_Point: zero width, direction marks, selectors, fillers.
    let ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    // Private and replacement characters look like whatever a font makes of them.
    let nameless = matches!(c,
        '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{ffff}' | '\u{f0000}'..='\u{10ffff}');
    !(ignorable || nameless || c.is_control() || c.is_whitespace())
}
