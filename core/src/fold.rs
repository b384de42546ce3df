//! One way to compare text on every surface and in every store (Q5).
//!
//! `fold(x) = NFKC(casefold(NFKC(x)))`. Databases bring collations of their own that disagree with
//! each other; folding here and comparing bytes there makes the file, SQLite and PostgreSQL answer
//! alike. A stored fold carries [`FOLD_VERSION`], so that it can be renewed when Unicode moves on.

use std::borrow::Cow;

use caseless::Caseless;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Raised whenever [`fold`] may answer differently than before.
pub const FOLD_VERSION: u32 = 1;

/// The form in which texts are compared, searched and sorted.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        // Most titles; NFKC and case folding do no more to ASCII than this.
        return if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    Cow::Owned(text.nfkc().default_case_fold().nfkc().collect())
}

/// Unicode NFC, without a copy where the text is so already.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}
